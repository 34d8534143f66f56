package world

import (
	"pgregory.net/rapid"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
)

// populate assigns some people, and puts some into groups.
func (p *play) populate() {
	for _, who := range p.people {
		if rapid.IntRange(0, 3).Draw(p.t, "assigned") > 0 {
			p.assign(who)
		}
		for _, c := range p.teams {
			if rapid.Bool().Draw(p.t, "in "+c.name) {
				p.must(p.world.okta.AddMember(c.id, who.login))
				who.in[c] = true
			}
		}
	}
}

// peopleInOkta are a few changes of people by an admin of Okta.
func (p *play) peopleInOkta() {
	for range rapid.IntRange(1, 3).Draw(p.t, "changes") {
		if who := p.anybody(); !who.deleted {
			p.inOkta(who)
		}
	}
}

func (p *play) inOkta(who *person) {
	org := p.world.okta
	switch event := one(p.t, []string{"assign", "assign", "unassign", "suspend", "unsuspend", "role", "rename", "email", "join", "leave", "leave", "delete"}, "in Okta"); {
	case event == "assign":
		p.assign(who)
	case event == "unassign" && who.assigned:
		p.must(org.Unassign(who.login))
		who.assigned, who.roles = false, nil // a group may assign them still, without a role
	case event == "suspend", event == "unsuspend":
		who.suspended = event == "suspend"
		p.must(org.SetStatus(who.login, map[bool]string{true: "SUSPENDED", false: one(p.t, []string{"ACTIVE", "LOCKED_OUT", "PASSWORD_EXPIRED"}, "status")}[who.suspended]))
	case event == "role" && who.assigned:
		who.roles = one(p.t, [][]string{{"member"}, {"admin"}, {"viewer"}}, "roles")
		p.must(org.SetRole(who.login, who.roles...))
	case event == "rename":
		who.family = one(p.t, []string{"First", "Second", "Zoë"}, "family")
		p.must(org.SetName(who.login, who.given, who.family))
	case event == "email":
		p.readdress(who, one(p.t, who.addresses, "email"))
	case event == "join" || event == "leave":
		p.moveInOkta(who, event == "join")
	case event == "delete" && p.seldom(4):
		p.must(org.DeleteUser(who.login))
		who.deleted, who.in = true, nil
	}
}

func (p *play) assign(who *person) {
	who.roles = one(p.t, [][]string{nil, {"member"}, {"admin"}, {"member", "admin"}, {"editor"}}, "roles")
	p.must(p.world.okta.Assign(who.login, who.roles...))
	if len(who.roles) == 0 {
		p.must(p.world.okta.SetRole(who.login))
	}
	who.assigned = true
}

// readdress gives somebody another address, unless only the one they have leads
// to them.
func (p *play) readdress(who *person, to string) {
	if !who.deleted && (p.tied(who) || p.entry(who) == nil) {
		who.email = to
		p.must(p.world.okta.SetEmail(who.login, to))
	}
}

// addressesInOkta is a change by which two people get into each other's way.
func (p *play) addressesInOkta() {
	a := p.anybody()
	b := one(p.t, p.neighbours(a), "other")
	free, of := one(p.t, a.addresses, "email"), b.email
	switch one(p.t, []string{"passes", "comes", "exchanges"}, "the address") {
	case "passes":
		p.readdress(b, free)
		p.readdress(a, of)
	case "comes":
		p.readdress(a, of)
	case "exchanges":
		p.readdress(b, a.email)
		p.readdress(a, of)
	}
}

// neighbours are the others who may get somebody's addresses.
func (p *play) neighbours(who *person) (list []*person) {
	for _, other := range p.people {
		if other != who && other.addresses[0] == who.addresses[0] {
			list = append(list, other)
		}
	}
	return list
}

// moveInOkta puts somebody into a group or takes them out of one.
func (p *play) moveInOkta(who *person, joins bool) {
	c := one(p.t, p.teams, "group")
	switch {
	case c.deleted:
	case joins:
		p.must(p.world.okta.AddMember(c.id, who.login))
		who.in[c] = true
	default:
		p.must(p.world.okta.RemoveMember(c.id, who.login))
		delete(who.in, c)
	}
}

// groupsInOkta are a few changes of groups by an admin of Okta, or of the
// settings that say which groups become teams.
func (p *play) groupsInOkta() {
	for range rapid.IntRange(1, 3).Draw(p.t, "changes") {
		if c := one(p.t, p.teams, "group"); !c.deleted {
			p.groupInOkta(c)
		}
	}
}

func (p *play) groupInOkta(c *team) {
	org := p.world.okta
	switch event := one(p.t, []string{"rename", "rename", "scope", "scope", "delete"}, "of a group"); {
	case event == "rename":
		to := one(p.t, c.names, "name")
		if err := org.RenameGroup(c.id, to); err == nil {
			c.name = to
		} else if !p.kind.rivals {
			p.t.Fatal(err) // else another group has the name, which Okta refuses
		}
	case event == "scope":
		p.rescope(c)
	case event == "delete" && p.seldom(4):
		p.must(org.DeleteGroup(c.id))
		c.deleted = true
	}
}

// rescope takes a group out of those that teams come from, or back in.
func (p *play) rescope(c *team) {
	switch p.kind.source {
	case idp.PushMappings:
		p.remap(c)
	case idp.AssignedGroups:
		if c.scope {
			p.must(p.world.okta.UnassignGroup(c.id))
		} else {
			p.must(p.world.okta.AssignGroup(oktatest.GroupAssignment{Group: c.id}))
		}
		c.scope = !c.scope
		c.grants = c.scope
	case idp.ListedGroups:
		c.scope = !c.scope
		p.world.policy = p.kind.policy(p.teams)
	}
}

// remap changes a group's push mapping; only one that is active makes a team.
func (p *play) remap(c *team) {
	org := p.world.okta
	switch to := one(p.t, []string{"ACTIVE", "ACTIVE", "INACTIVE", "ERROR", "", ""}, "mapping"); {
	case to == "" && c.mapping == "":
	case to == "":
		p.must(org.RemovePushMapping(c.id))
		c.mapping = to
	case c.mapping == "":
		p.must(org.AddPushMapping(oktatest.PushMapping{Group: c.id, Status: to}))
		c.mapping = to
	default:
		p.must(org.SetPushMapping(c.id, to, map[string]string{"ERROR": "the push has failed"}[to]))
		c.mapping = to
	}
	c.scope = c.mapping == "ACTIVE"
}
