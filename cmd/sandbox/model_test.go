package sandbox

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"scim-sync/attio/attiotest"
	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/faults"
	core "scim-sync/sync"
)

// person is somebody of the model: what Okta says of them, and what they were
// mailed. Addresses are theirs alone, so that nobody is ever in conflict.
type person struct {
	login     string
	emails    []string // the first two in turn in Okta, the third by hand in Attio
	email     string   // in Okta now
	given     string
	family    string
	assigned  bool
	suspended bool // their own Okta account
	deleted   bool
	roles     []string
	// acceptedSince: an invite was accepted since the last run, so that only
	// the address still leads to them.
	acceptedSince bool
	episode       int // how often a run met them as not granted: each assignment is one
	invites       []sent
}

type sent struct {
	episode int
	to      string
	at      time.Time
}

// granted: Okta says they belong in the workspace.
func (p *person) granted() bool { return p.assigned && !p.suspended && !p.deleted }

func (p *person) admin() bool { return slices.Contains(p.roles, "admin") }

// crew is a group of the model.
type crew struct {
	id      string
	name    string
	names   []string
	members map[*person]bool
	deleted bool
}

// play is the state machine: a town, and what the model knows of it.
type play struct {
	t      *rapid.T
	town   *town
	watch  *watch
	people []*person
	crews  []*crew
	side   int // teams made by hand so far
}

const (
	bossEmail = "boss@acme.example"
	deskEmail = "desk@acme.example"
	proEmail  = "pro@crm.example"
)

// playWorld is where each play begins: nobody but the boss is managed yet.
func playWorld() (*World, []*person, []*crew) {
	w := &World{}
	w.Okta.App = oktatest.App{Label: "Attio", RoleType: "array"}
	var people []*person
	for i, name := range []string{"ann", "ben", "cat", "dan", "eve", "gus", "hal"} {
		domain := "acme.example"
		if i >= 5 {
			domain = "else.example"
		}
		login := name + "@" + domain
		p := &person{login: login, emails: []string{login, name + ".new@" + domain, name + ".own@" + domain}, email: login, given: name, family: "First"}
		people = append(people, p)
		w.Okta.Users = append(w.Okta.Users, oktatest.User{Login: login, FirstName: name, LastName: "First"})
	}
	w.Okta.Users = append(w.Okta.Users, oktatest.User{Login: bossEmail, FirstName: "The", LastName: "Boss"})
	w.Okta.Assignments = []oktatest.Assignment{{User: bossEmail, Profile: map[string]any{"roles": []string{"admin"}}}}
	var crews []*crew
	for _, name := range []string{"Eng", "Ops"} {
		c := &crew{id: "00g" + name + strings.Repeat("a", 17-len(name)), name: name, names: []string{name, name + " two"}, members: map[*person]bool{}}
		crews = append(crews, c)
		w.Okta.Groups = append(w.Okta.Groups, oktatest.Group{ID: c.id, Name: name, Members: []string{bossEmail}})
	}
	w.Attio.Workspace = attiotest.Workspace{Slug: "acme", Name: "Acme", VerifiedDomains: []string{"acme.example"}}
	w.Attio.Members = []attiotest.Member{
		{Email: bossEmail, GivenName: "The", FamilyName: "Boss", Role: attiotest.RoleAdmin},
		{Email: deskEmail, GivenName: "Front", FamilyName: "Desk"},
		{Email: proEmail, GivenName: "An", FamilyName: "Expert", Role: attiotest.RoleAdmin, Expert: true},
	}
	w.Attio.Teams = []attiotest.Team{{Name: "Board", Members: []string{bossEmail, proEmail}}}
	return w, people, crews
}

// playPolicy are settings under which no cap is ever reached.
func playPolicy(crews []*crew) core.Policy {
	p := core.DefaultPolicy()
	p.VerifiedDomains = []string{"acme.example"}
	p.Teams.Source = idp.ListedGroups
	for _, c := range crews {
		p.Teams.Groups = append(p.Teams.Groups, core.TeamMapping{Group: c.id})
	}
	all := core.Amount{N: 100, Percent: true}
	p.Protect.Removals, p.Protect.RemovalsCeiling, p.Protect.RemovalsWindow, p.Protect.AdminRemovals = all, 1000, 0, 1000
	p.Protect.TeamRemovals, p.Protect.AdditionsFloor, p.Protect.Promotions = all, 1000, 1000
	return p
}

// TestModel plays random events on both sides of a sandbox between runs, and
// holds after each run that the workspace is what Okta says, that nothing else
// was touched, and that nothing is left to do. Each play is hundreds of
// requests, so there are few unless -rapid.checks asks for more.
func TestModel(t *testing.T) {
	fewChecks(t)
	rapid.Check(t, func(t *rapid.T) {
		w, people, crews := playWorld()
		watch := &watch{}
		town, err := newTown(w, townOptions{observer: watch.see, policy: playPolicy(crews), start: monday})
		if err != nil {
			t.Fatal(err)
		}
		defer town.close()
		p := &play{t: t, town: town, watch: watch, people: people, crews: crews}
		p.run()
		t.Repeat(map[string]func(*rapid.T){
			"okta":   func(t *rapid.T) { p.t = t; p.inOkta() },
			"okta2":  func(t *rapid.T) { p.t = t; p.inOkta() },
			"attio":  func(t *rapid.T) { p.t = t; p.inAttio() },
			"attio2": func(t *rapid.T) { p.t = t; p.inAttio() },
			"wait": func(t *rapid.T) {
				p.town.wait(one(t, []time.Duration{time.Hour, 30 * time.Hour, 8 * 24 * time.Hour}, "wait"))
			},
			"run":     func(t *rapid.T) { p.t = t; p.run() },
			"trouble": func(t *rapid.T) { p.t = t; p.trouble() },
		})
		p.t = t
		p.run()
	})
}

// fewChecks makes the default number of checks a small one.
func fewChecks(t *testing.T) {
	t.Helper()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if checks := flag.Lookup("rapid.checks"); checks != nil && !asked {
		usual := checks.Value.String()
		t.Cleanup(func() { _ = checks.Value.Set(usual) })
		if err := checks.Value.Set("12"); err != nil {
			t.Fatal(err)
		}
	}
}

func one[T any](t *rapid.T, pool []T, what string) T { return rapid.SampledFrom(pool).Draw(t, what) }

func (p *play) anybody() *person { return one(p.t, p.people, "who") }

// must is for events that cannot fail.
func (p *play) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// inOkta is one change by an admin of Okta.
func (p *play) inOkta() {
	who, c, org := p.anybody(), one(p.t, p.crews, "group"), p.town.okta
	event := one(p.t, []string{"assign", "assign", "unassign", "suspend", "unsuspend", "role", "rename", "email", "join", "join", "leave", "rename group", "delete group", "delete user"}, "in Okta")
	switch {
	case event == "rename group" && !c.deleted:
		to := one(p.t, c.names, "name")
		p.must(org.RenameGroup(c.id, to))
		c.name = to
	case event == "delete group" && !c.deleted && rapid.IntRange(0, 5).Draw(p.t, "really") == 0:
		p.must(org.DeleteGroup(c.id))
		c.deleted = true
	case who.deleted:
	case event == "assign":
		who.roles = one(p.t, [][]string{nil, {"member"}, {"admin"}, {"member", "admin"}, {"editor"}}, "roles")
		p.must(org.Assign(who.login, who.roles...))
		if len(who.roles) == 0 {
			p.must(org.SetRole(who.login))
		}
		who.assigned = true
	case event == "unassign" && who.assigned:
		p.must(org.Unassign(who.login))
		who.assigned = false
	case event == "suspend", event == "unsuspend":
		who.suspended = event == "suspend"
		p.must(org.SetStatus(who.login, map[bool]string{true: "SUSPENDED", false: one(p.t, []string{"ACTIVE", "LOCKED_OUT", "PASSWORD_EXPIRED"}, "status")}[who.suspended]))
	case event == "role" && who.assigned:
		who.roles = one(p.t, [][]string{{"member"}, {"admin"}, {"viewer"}}, "roles")
		p.must(org.SetRole(who.login, who.roles...))
	case event == "rename":
		who.family = one(p.t, []string{"First", "Second", "Zoë"}, "family")
		p.must(org.SetName(who.login, who.given, who.family))
	case event == "email" && (p.tied(who) || p.entry(who) == nil):
		who.email = one(p.t, who.emails[:2], "email")
		p.must(org.SetEmail(who.login, who.email))
	case event == "join" && !c.deleted:
		p.must(org.AddMember(c.id, who.login))
		c.members[who] = true
	case event == "leave" && !c.deleted:
		p.must(org.RemoveMember(c.id, who.login))
		delete(c.members, who)
	case event == "delete user" && rapid.IntRange(0, 3).Draw(p.t, "really") == 0:
		p.must(org.DeleteUser(who.login))
		who.deleted = true
		for _, c := range p.crews {
			delete(c.members, who)
		}
	}
}

// inAttio is one change by hand in Attio. What Attio itself refuses, such as
// suspending the last admin, changes nothing.
func (p *play) inAttio() {
	who, site := p.anybody(), p.town.site
	at := p.entry(who)
	if at == nil {
		p.elsewhereInAttio(who)
		return
	}
	event := one(p.t, []string{"accept", "accept", "end invite", "suspend", "reactivate", "role", "rename", "email", "in", "out", "boss", "team"}, "in Attio")
	switch {
	case event == "accept" && at.Status == attiotest.Invited:
		p.must(site.AcceptInvite(at.Email))
		who.acceptedSince = true
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
	case event == "email" && at.Status != attiotest.Invited && p.tied(who) && !who.acceptedSince:
		p.must(site.ChangeEmail(at.Email, who.emails[2]))
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

// elsewhereInAttio is a change by hand that has to do with somebody who is not
// in the workspace, or with nobody.
func (p *play) elsewhereInAttio(who *person) {
	if rapid.Bool().Draw(p.t, "add by hand") && !p.tied(who) {
		p.must(p.town.site.AddMember(attiotest.Member{Email: who.email, GivenName: "By", FamilyName: "Hand"}))
		return
	}
	p.teamByHand()
}

func (p *play) teamByHand() {
	site, name := p.town.site, p.someTeam()
	p.side++
	switch one(p.t, []string{"rename", "delete", "create"}, "team") {
	case "rename":
		if name != "Board" {
			p.must(site.RenameTeam(name, fmt.Sprintf("Renamed %d", p.side)))
		}
	case "delete":
		if name != "Board" {
			p.must(site.DeleteTeam(name))
		}
	case "create":
		p.must(site.CreateTeam(fmt.Sprintf("Side %d", p.side), deskEmail))
	}
}

func (p *play) someTeam() string {
	var names []string
	for _, t := range p.town.site.Snapshot().Teams {
		names = append(names, t.Name)
	}
	return one(p.t, names, "which team")
}

// entry is somebody's place in Attio, whatever address it has by now.
func (p *play) entry(who *person) *attiotest.MemberState { return entryIn(p.town.site.Snapshot(), who) }

// entryIn prefers a place in force to a suspended one.
func entryIn(s attiotest.Snapshot, who *person) *attiotest.MemberState {
	var found *attiotest.MemberState
	for _, e := range who.emails {
		if m, ok := s.Member(e); ok && (found == nil || found.Status == attiotest.Suspended) {
			found = &m
		}
	}
	return found
}

// tied says whether state answers for somebody.
func (p *play) tied(who *person) bool {
	m, _, _, err := p.town.store.Read(p.t.Context())
	p.must(err)
	for _, e := range m.People {
		if slices.Contains(who.emails, strings.ToLower(e.Email)) {
			return true
		}
	}
	return false
}

// trouble is a run in which some request goes wrong: whatever comes of it, the
// next run has to mend it.
func (p *play) trouble() {
	side := one(p.t, []string{"okta", "attio"}, "side")
	n := rapid.IntRange(1, 25).Draw(p.t, "request")
	kind := one(p.t, []faults.Kind{faults.Closed, faults.AnswerLost, faults.ServerError, faults.Unavailable, faults.HTML, faults.Truncated, faults.EmptyBody, faults.NullBody}, "kind")
	lasts := rapid.Bool().Draw(p.t, "lasts")
	before := p.town.site.Snapshot()
	p.town.upset(mishap{side: side, n: n, on: lasts, kind: kind}.befalls)
	p.town.apply(p.t.Context(), core.Options{})
	p.town.upset(nil)
	p.checkAlways(before, p.town.site.Snapshot())
	p.next()
}
