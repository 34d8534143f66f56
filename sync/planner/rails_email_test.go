package planner

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/config"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// moved is a company in which so many people have another address in Okta.
func moved(n, movers int) *scene {
	s := company(n, 0)
	for i := range s.in.Directory.People {
		if p := &s.in.Directory.People[i]; i > 0 && i <= movers {
			p.Email = strings.Replace(p.Email, "@acme.com", "@acme.io", 1)
			p.UserName = p.Email
		}
	}
	return s
}

// movedAdmins is a company of 20 in which so many admins, the boss among them,
// have another address in Okta.
func movedAdmins(n int) *scene {
	s := company(20, 0)
	for i := range n {
		p := &s.in.Directory.People[i]
		p.Email = strings.Replace(p.Email, "@acme.com", "@acme.io", 1)
		p.Roles, p.HasRole = []string{"admin"}, true
		s.in.Workspace.Members[i].Role = attio.RoleAdmin
	}
	return s
}

// backAsAdmins is a company of 20 in which so many admins come back, under another
// address: whoever has that one gets the account of an admin.
func backAsAdmins(n int) *scene {
	s := company(20, 0)
	for i := range n {
		s.tied(fmt.Sprint("back", i), fmt.Sprintf("b%d@acme.com", i), admin, roles("admin"), suspended, func(t *trio) { t.okta.Email = fmt.Sprintf("b%d@acme.io", i) })
	}
	return s
}

func allowMoves(s *scene, n int) *scene {
	s.in.Options.AllowEmailChanges = &n
	return s
}

// A setting that is wrong by a letter, or a wrong domain in Okta, changes the
// addresses of all: more than protect.email_changes allows are refused.
func TestEmailChangesAreCapped(t *testing.T) {
	const code = "too-many-email-changes Acme"
	before := func(s *scene, n int, ago time.Duration) *scene {
		for i := range n {
			s.in.Managed.Removals = append(s.in.Managed.Removals, core.Removal{At: now.Add(-ago), Action: core.ChangeEmail, OktaID: fmt.Sprint("moved", i)})
		}
		return s
	}
	var rails []rail
	for _, c := range []struct{ managed, most int }{{10, 5}, {30, 6}, {34, 6}, {100, 20}} {
		rails = append(rails,
			rail{name: fmt.Sprintf("%d of %d", c.most, c.managed), scene: func() *scene { return moved(c.managed, c.most) }},
			rail{name: fmt.Sprintf("%d of %d", c.most+1, c.managed), scene: func() *scene { return moved(c.managed, c.most+1) }, blocks: true, refuses: []string{code},
				says: []string{fmt.Sprintf("%d of %d managed people would get another address; protect.email_changes allows %d", c.most+1, c.managed, c.most), fmt.Sprintf("scim-sync apply --allow-email-changes %d;", c.most+1)}})
	}
	checkRails(t, append(rails,
		rail{name: "the window counts", scene: func() *scene { return before(moved(10, 2), 4, 23*time.Hour) }, blocks: true, refuses: []string{code}, says: []string{"after 4 in the last 24 h"}},
		rail{name: "but no longer", scene: func() *scene { return before(moved(10, 2), 4, 25*time.Hour) }},
		rail{name: "a change that a run began and this one repeats is one", scene: func() *scene {
			s := moved(10, 5)
			s.in.Managed.Removals = append(s.in.Managed.Removals, core.Removal{At: now.Add(-time.Hour), Action: core.ChangeEmail, OktaID: "001", Unfinished: true})
			return s
		}},
		rail{name: "changes of address are no removals", scene: func() *scene { return before(company(10, 3), 9, time.Hour) }},
		rail{name: "removals are no changes of address", scene: func() *scene {
			s := before(moved(10, 5), 9, time.Hour)
			for i := range s.in.Managed.Removals {
				s.in.Managed.Removals[i].Action = core.Suspend
			}
			return s
		}},
		rail{name: "invites that are sent to other addresses", scene: func() *scene {
			s := company(1, 0)
			s.in.Policy.Protect.Removals, s.in.Policy.Protect.RemovalsCeiling = core.Amount{N: 100, Percent: true}, 1000
			for i := range 6 {
				p := s.tied(fmt.Sprint("i", i), fmt.Sprintf("i%d@else.example", i), invited(20))
				p.okta.Email = "new-" + p.okta.Email
				s.change(p, nil)
			}
			return s
		}, blocks: true, refuses: []string{code}, says: []string{"--allow-email-changes 6"}},
		rail{name: "the plan's own number lifts it", scene: func() *scene { return allowMoves(moved(10, 6), 6) }},
		rail{name: "no other does", scene: func() *scene { return allowMoves(moved(10, 6), 7) }, blocks: true, refuses: []string{"too-many-email-changes --allow-email-changes"},
			says: []string{"7 changes of address were allowed, but the plan has 6"}},
		rail{name: "one admin", scene: func() *scene { return movedAdmins(1) }},
		rail{name: "two admins", scene: func() *scene { return movedAdmins(2) }, blocks: true, refuses: []string{"too-many-admin-removals Acme"},
			says: []string{"2 admins would be suspended or demoted, or get another address", "scim-sync apply --allow-email-changes 2;"}},
		rail{name: "two admins, allowed", scene: func() *scene { return allowMoves(movedAdmins(2), 2) }},
		rail{name: "an admin who comes back", scene: func() *scene { return backAsAdmins(1) }},
		rail{name: "two admins who come back", scene: func() *scene { return backAsAdmins(2) }, blocks: true, refuses: []string{"too-many-admin-removals Acme"},
			says: []string{"2 admins would be suspended or demoted, or get another address"}},
		rail{name: "one admin after another", scene: func() *scene {
			s := movedAdmins(1)
			s.in.Managed.Removals = append(s.in.Managed.Removals, core.Removal{At: now.Add(-time.Hour), Action: core.ChangeEmail, OktaID: "x", Admin: true})
			return s
		}, blocks: true, refuses: []string{"too-many-admin-removals Acme"}},
		rail{name: "the person behind the token", scene: func() *scene {
			s := movedAdmins(1)
			s.in.Workspace.OwnEmail = "boss@acme.com"
			return s
		}, refuses: []string{"own-account boss@acme.com"}, says: []string{"or changing their address, may end the token"}}))
}

// The plan counts each change of address once, whatever it takes, and state
// remembers it for the runs to come.
func TestEmailChangesAreRemembered(t *testing.T) {
	s := moved(10, 2)
	invite := s.tied("i", "old@else.example", invited(20))
	invite.okta.Email = "new@else.example"
	s.change(invite, nil)
	p := s.propose(t)
	if p.Plan.Summary.ChangeEmail != 3 {
		t.Errorf("summary: %+v", p.Plan.Summary)
	}
	counted := 0
	for _, st := range p.Plan.Steps {
		if r := st.Record.Removal; r != nil && r.Action == core.ChangeEmail {
			counted++
		}
	}
	if counted != 3 {
		t.Errorf("%d of 3 changes count in the window: %v", counted, wordsOfAll(p.Plan.Steps))
	}
}

// Where the attribute of the settings is there for nobody, the address that
// stands in for it changes nobody's.
func TestAMissingEmailAttributeChangesNoAddress(t *testing.T) {
	typo := func(s *scene) {
		s.in.Directory.EmailAttribute = idp.No
		for i := range s.in.Directory.People {
			s.in.Directory.People[i].EmailFrom = idp.EmailAccount
		}
	}
	differs := func(s *scene, n int) {
		for i := range n {
			p := s.tied(fmt.Sprint(i), fmt.Sprintf("p%d@acme.com", i))
			p.okta.Email, p.okta.UserName = fmt.Sprintf("p%d@login.acme.com", i), ""
			s.change(p, nil)
		}
	}
	const note = "email-attribute-missing okta.email_attribute"
	check(t, []row{
		{name: "three whose app email differs from their Okta email", scene: func(s *scene) { differs(s, 3); typo(s) },
			notes: []string{note}, says: []string{"p0@acme.com, p1@acme.com, p2@acme.com keep theirs in Attio"}},
		{name: "the schema has it, and nobody a value", scene: func(s *scene) { differs(s, 1); typo(s); s.in.Directory.EmailAttribute = idp.Yes },
			notes: []string{note}, says: []string{"p0@acme.com keeps theirs"}},
		{name: "nobody's address would change", scene: func(s *scene) { typo(s) }},
		{name: "an invite stays where it was sent", scene: func(s *scene) {
			p := s.tied("1", "ada@else.example", invited(20))
			p.okta.Email, p.okta.UserName = "other@else.example", ""
			s.change(p, nil)
			typo(s)
		}, notes: []string{note}},
		{name: "somebody new goes by their account", scene: func(s *scene) { s.fresh("1", "ada@acme.com"); typo(s) },
			steps: []string{"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)"}, notes: []string{note}, says: []string{"1 person who is new goes by the address of their own account"}},
		{name: "one has it: the others' addresses count", scene: func(s *scene) {
			differs(s, 1)
			s.in.Directory.People[1].EmailFrom = idp.EmailAccount
		}, steps: []string{"change_email p0@login.acme.com p0@acme.com→p0@login.acme.com (okta)"}},
	})
}

// Forty people, one letter: nothing is changed, and it is told.
func TestATypoInTheEmailAttributeOfFortyPeople(t *testing.T) {
	s := moved(40, 39)
	s.in.Directory.EmailAttribute = idp.No
	for i := range s.in.Directory.People {
		s.in.Directory.People[i].EmailFrom = idp.EmailUserName
	}
	p := s.propose(t)
	alike(t, "steps", nil, wordsOfAll(p.Plan.Steps))
	alike(t, "notes", []string{"email-attribute-missing okta.email_attribute"}, noteWords(p.Plan.Notes))
	if got := config.Default().Policy.Protect.EmailChanges.String(); got != "20%" {
		t.Errorf("protect.email_changes is %s by default", got)
	}
}
