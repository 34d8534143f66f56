package world

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"scim-sync/attio/attiotest"
)

// inAttio is one change by hand in Attio. What Attio itself refuses, such as
// suspending the last admin, changes nothing.
func (p *play) inAttio() {
	who, site := p.anybody(), p.world.site
	at := p.entry(who)
	if at == nil {
		p.elsewhereInAttio(who)
		return
	}
	event := one(p.t, []string{"accept", "accept", "end invite", "suspend", "reactivate", "role", "rename", "email", "in", "out", "boss", "team"}, "in Attio")
	switch {
	case event == "accept" && at.Status == attiotest.Invited:
		p.must(site.AcceptInvite(at.Email))
	case event == "end invite" && at.Status == attiotest.Invited:
		p.must(one(p.t, []func(string) error{site.DeclineInvite, site.RevokeInvite, site.ExpireInvite}, "how")(at.Email))
	case event == "suspend" && at.Status == attiotest.Active:
		_ = site.Suspend(at.Email)
	case event == "reactivate" && at.Status == attiotest.Suspended:
		p.must(site.Reactivate(at.Email))
	case event == "role" && p.tied(who):
		_ = site.SetRole(at.Email, one(p.t, []attiotest.Role{attiotest.RoleAdmin, attiotest.RoleMember}, "role"))
	case event == "rename":
		p.must(site.RenamePerson(at.Email, "Somebody", "Else"))
	case event == "email" && at.Status != attiotest.Invited && p.known(who):
		p.must(site.ChangeEmail(at.Email, who.own))
	case event == "in":
		_ = site.AddTeamMember(p.someTeam(), one(p.t, []string{at.Email, deskEmail}, "whom"))
	case event == "out":
		_ = site.RemoveTeamMember(p.someTeam(), one(p.t, []string{at.Email, bossEmail}, "whom"))
	case event == "boss":
		_ = one(p.t, []func() error{
			func() error { return site.Suspend(bossEmail) },
			func() error { return site.SetRole(bossEmail, attiotest.RoleMember) },
		}, "what of the boss")()
	case event == "team":
		p.teamByHand()
	}
}

// known says whether state knows somebody by the id that is in force: where it
// does not, only the address still leads to them.
func (p *play) known(who *person) bool {
	return who.place != "" && p.state().People[who.id].AttioID == who.place
}

// elsewhereInAttio is a change by hand that has to do with somebody who is not
// in the workspace, or with nobody. Nobody is added under an address by which
// state knows somebody: they would be taken for that person come back.
func (p *play) elsewhereInAttio(who *person) {
	if !rapid.Bool().Draw(p.t, "add by hand") {
		p.teamByHand()
		return
	}
	for _, e := range p.state().People {
		if e.OktaID == who.id || strings.EqualFold(e.Email, who.email) {
			return
		}
	}
	_ = p.world.site.AddMember(attiotest.Member{Email: who.email, GivenName: "By", FamilyName: "Hand"}) // somebody may be there
}

// teamByHand renames, deletes or makes a team. Where names are contested, by
// hand too.
func (p *play) teamByHand() {
	site, name := p.world.site, p.someTeam()
	p.side++
	to := fmt.Sprintf("Side %d", p.side)
	switch {
	case p.kind.rivals && rapid.Bool().Draw(p.t, "contested"):
		to = one(p.t, []string{"Eng", "Ops", "Biz"}, "name")
	case p.kind.shared && p.seldom(3):
		to = sharedTeam
	}
	switch event := one(p.t, []string{"rename", "delete", "create"}, "team"); {
	case event == "create":
		_ = site.CreateTeam(to, deskEmail)
	case name == "Board":
	case event == "rename":
		_ = site.RenameTeam(name, to)
	case event == "delete":
		p.must(site.DeleteTeam(name))
	}
}

func (p *play) someTeam() string {
	var names []string
	for _, t := range p.world.site.Snapshot().Teams {
		names = append(names, t.Name)
	}
	return one(p.t, names, "which team")
}
