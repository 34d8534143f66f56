package world

import (
	"scim-sync/config"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/sandbox"
	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
	core "scim-sync/sync"
)

// person is somebody of the model: what Okta says of them, where they are in
// Attio, and what they were mailed.
type person struct {
	id        string // in Okta
	login     string
	addresses []string // that Okta may give them
	own       string   // that they may give themselves in Attio
	email     string   // in Okta now
	given     string
	family    string
	assigned  bool // by name
	in        map[*team]bool
	suspended bool // their own Okta account
	deleted   bool
	roles     []string

	// place is their id in Attio, once a run has made or adopted it.
	place string
	// episode counts how often a run met them as not granted: each assignment
	// is one. doubt: a run in trouble may have met them so, or not.
	episode     int
	doubt       bool
	invites     []sent
	takenOver   sent      // an invite of somebody else's, which counts as sent then
	readdressed time.Time // when an invite last gave way to one for another address
}

// GoString is how a play's draws are told.
func (p *person) GoString() string { return p.login }

type sent struct {
	episode int
	to      string
	at      time.Time
}

// granted: Okta says they belong in the workspace.
func (p *person) granted() bool {
	right := p.assigned
	for c := range p.in {
		right = right || c.grants && !c.deleted
	}
	return right && !p.suspended && !p.deleted
}

// domain of all their addresses. Who comes to acme.example is added at once;
// elsewhere they are invited.
func (p *person) domain() string {
	_, domain, _ := strings.Cut(p.login, "@")
	return domain
}

func (p *person) admin() bool { return slices.Contains(p.roles, "admin") }

// team is a group of the model.
type team struct {
	id      string
	name    string
	names   []string
	deleted bool
	scope   bool   // assigned, mapped or listed
	grants  bool   // assigned to the app, and its people with it
	mapping string // the status of its push mapping; empty: it has none
	// released: the last run met it out of scope. doubt: one in trouble may have
	// met it otherwise.
	released, doubt bool
}

// GoString is how a play's draws are told.
func (c *team) GoString() string { return c.id }

func (c *team) inScope() bool { return c.scope && !c.deleted }

const (
	bossEmail = "boss@acme.example"
	deskEmail = "desk@acme.example"
	proEmail  = "pro@crm.example"
)

// playWorld is where each play begins: nobody but the boss is managed yet, and
// every address and name is its owner's alone.
func playWorld() (*sandbox.World, []*person, []*team) {
	w := &sandbox.World{}
	w.Okta.App = oktatest.App{Label: "Attio", RoleType: "array"}
	var people []*person
	for i, name := range []string{"ann", "ben", "cat", "dan", "eve", "gus", "hal"} {
		domain := "acme.example"
		if i >= 5 {
			domain = "else.example"
		}
		login := name + "@" + domain
		p := &person{login: login, addresses: []string{login, name + ".new@" + domain}, own: name + ".own@" + domain,
			email: login, given: name, family: "First", in: map[*team]bool{}}
		people = append(people, p)
		w.Okta.Users = append(w.Okta.Users, oktatest.User{Login: login, FirstName: name, LastName: "First"})
	}
	w.Okta.Users = append(w.Okta.Users, oktatest.User{Login: bossEmail, FirstName: "The", LastName: "Boss"})
	w.Okta.Assignments = []oktatest.Assignment{{User: bossEmail, Profile: map[string]any{"roles": []string{"admin"}}}}
	var teams []*team
	for _, name := range []string{"Eng", "Ops"} {
		c := &team{id: "00g" + name + strings.Repeat("a", 17-len(name)), name: name, names: []string{name, name + " two"}, scope: true}
		teams = append(teams, c)
		w.Okta.Groups = append(w.Okta.Groups, oktatest.Group{ID: c.id, Name: name, Members: []string{bossEmail}})
	}
	w.Attio.Workspace = attiotest.Workspace{Slug: "acme", Name: "Acme", VerifiedDomains: []string{"acme.example"}}
	w.Attio.Members = []attiotest.Member{
		{Email: bossEmail, GivenName: "The", FamilyName: "Boss", Role: attiotest.RoleAdmin},
		{Email: deskEmail, GivenName: "Front", FamilyName: "Desk"},
		{Email: proEmail, GivenName: "An", FamilyName: "Expert", Role: attiotest.RoleAdmin, Expert: true},
	}
	w.Attio.Teams = []attiotest.Team{{Name: "Board", Members: []string{bossEmail, proEmail}}}
	return w, people, teams
}

// playPolicy are settings under which no cap is ever reached.
func playPolicy(teams []*team) core.Policy {
	p := config.Default().Policy
	p.VerifiedDomains = []string{"acme.example"}
	p.Teams.Source = idp.ListedGroups
	for _, c := range teams {
		p.Teams.Groups = append(p.Teams.Groups, core.TeamMapping{Group: c.id})
	}
	all := core.Amount{N: 100, Percent: true}
	p.Protect.Removals, p.Protect.RemovalsCeiling, p.Protect.RemovalsWindow, p.Protect.AdminRemovals = all, 1000, 0, 1000
	p.Protect.TeamRemovals, p.Protect.AdditionsFloor, p.Protect.Promotions, p.Protect.EmailChanges = all, 1000, 1000, all
	return p
}

// kind is which world a play is in.
type kind struct {
	source idp.TeamSource
	// shared: the settings name one team for both groups; exists: there is one.
	shared, exists bool
	// rivals: groups may come to one name; addresses: so may people.
	rivals    bool
	addresses bool
}

const (
	sharedTeam = "Both"
	// appPrefix is cut off a group's name: Okta lets no two groups have one name.
	appPrefix = "app-"
)

func anyKind(t *rapid.T) kind {
	k := kind{source: one(t, []idp.TeamSource{idp.ListedGroups, idp.PushMappings, idp.AssignedGroups}, "teams.source")}
	switch one(t, []string{"apart", "shared", "rivals"}, "teams") {
	case "shared":
		k.shared, k.exists = true, rapid.Bool().Draw(t, "the team exists")
	case "rivals":
		k.rivals = true
	}
	k.addresses = rapid.Bool().Draw(t, "contested addresses")
	return k
}

// furnish changes a world into one of this kind.
func (k kind) furnish(w *sandbox.World, people []*person, teams []*team) {
	for _, c := range teams {
		switch k.source {
		case idp.PushMappings:
			c.mapping = "ACTIVE"
			w.Okta.PushMappings = append(w.Okta.PushMappings, oktatest.PushMapping{Group: c.id})
		case idp.AssignedGroups:
			c.grants = true
			w.Okta.AssignedGroups = append(w.Okta.AssignedGroups, oktatest.GroupAssignment{Group: c.id})
		}
		if k.rivals {
			c.names = []string{"Eng", "Ops", appPrefix + "Eng", appPrefix + "Ops", "Biz"}
		}
	}
	if k.exists {
		w.Attio.Teams = append(w.Attio.Teams, attiotest.Team{Name: sharedTeam, Members: []string{deskEmail}})
	}
	if k.source == idp.PushMappings {
		w.Okta.App.Features = []string{"GROUP_PUSH"}
	}
	if !k.addresses {
		return
	}
	for _, p := range people {
		if domain := p.domain(); domain == "else.example" {
			p.addresses = []string{"gus@" + domain, "hal@" + domain, "team@" + domain}
		} else {
			p.addresses = []string{"ann@" + domain, "ben@" + domain, "cat@" + domain, "dan@" + domain, "eve@" + domain, "info@" + domain}
		}
	}
}

// policy is playPolicy for this kind, and for what is listed now.
func (k kind) policy(teams []*team) core.Policy {
	p := playPolicy(teams)
	p.Teams.Source, p.Teams.Groups = k.source, nil
	for _, c := range teams {
		switch m := (core.TeamMapping{Group: c.id}); {
		case k.source == idp.ListedGroups && !c.scope:
		case k.shared:
			m.Team = sharedTeam
			p.Teams.Groups = append(p.Teams.Groups, m)
		case k.source == idp.ListedGroups:
			p.Teams.Groups = append(p.Teams.Groups, m)
		}
	}
	if k.rivals {
		p.Teams.StripPrefix = appPrefix
	}
	return p
}

// teamName is the name that a group comes to.
func (k kind) teamName(c *team) string {
	switch {
	case k.shared:
		return sharedTeam
	case k.rivals:
		return strings.TrimPrefix(c.name, appPrefix)
	}
	return c.name
}
