package planner

import (
	"errors"
	"scim-sync/config"
	core "scim-sync/sync"
	"testing"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// heldWords are the steps that will not run, each with its code.
func heldWords(held []core.HeldStep) []string {
	list := make([]string, len(held))
	for i, h := range held {
		list[i] = string(h.Code) + ": " + stepWords(h.Step)
	}
	return list
}

// manyRemovals is a scene in which everything that takes away happens, beside
// somebody new.
func manyRemovals() *scene {
	s := newScene()
	s.left("1", "ada@acme.com")
	s.left("2", "mo@else.com", invited(1))
	s.tied("3", "cy@acme.com", admin, roles("member"))
	s.tied("4", "old@else.com", invited(1), func(t *trio) { t.okta.Email, t.okta.UserName = "new@else.com", "new@else.com" })
	s.fresh("5", "di@acme.com")
	s.tiedTeam("Eng", "boss", "3")
	s.in.Directory.Groups[0].Members = idset.Of("boss", "4", "5")
	s.tiedTeam("Old")
	s.in.Directory.Groups = s.in.Directory.Groups[:1]
	s.lost("g-Old")
	s.in.Policy.Teams.DeleteGone = true
	return s
}

func TestNoRemovals(t *testing.T) {
	steps := []string{
		"provision di@acme.com →di@acme.com,member,active,Di,Acme (okta)",
		"add_members Eng: di@acme.com (okta)",
	}
	held := []string{
		"no-removals: suspend ada@acme.com member,active→suspended",
		"no-removals: cancel_invite mo@else.com member,invited→",
		"no-removals: cancel_invite old@else.com old@else.com,invited→",
		"no-removals: demote cy@acme.com admin→member",
		"no-removals: delete_team Old Old→",
		"no-removals: remove_members Eng: cy@acme.com",
		"needs-held-step: provision new@else.com →new@else.com,member,invited,Old,Else",
		"needs-held-step: add_members Eng: new@else.com",
	}
	for name, set := range map[string]func(*scene){
		"by flag":    func(s *scene) { s.in.Options.NoRemovals = true },
		"by setting": func(s *scene) { s.in.Policy.Protect.NoRemovals = true },
	} {
		t.Run(name, func(t *testing.T) {
			s := manyRemovals()
			s.in.Policy.Protect = config.Default().Policy.Protect
			set(s)
			p := s.propose(t)
			alike(t, "steps", steps, wordsOfAll(p.Plan.Steps))
			alike(t, "held", held, heldWords(p.Plan.Held))
			if sum := p.Plan.Summary; p.Blocked || len(p.Plan.Refusals) > 0 || sum.Removals != 0 || sum.Held != len(held) {
				t.Errorf("blocked %v, refusals %v, removals %d, held %d: want what is held back listed, and nothing refused", p.Blocked, p.Plan.Refusals, sum.Removals, sum.Held)
			}
		})
	}
	t.Run("without it everything goes", func(t *testing.T) {
		p := manyRemovals().propose(t)
		alike(t, "held", nil, heldWords(p.Plan.Held))
		if got := p.Plan.Summary; got.Suspend != 1 || got.CancelInvite != 2 || got.Demote != 1 || got.RemoveMembers != 1 || got.DeleteTeam != 1 || got.Removals != 5 || got.Provision != 2 {
			t.Errorf("summary %+v", got)
		}
	})
}

func TestOnlyOnePerson(t *testing.T) {
	only := func(name string, scene func(*scene)) []string {
		s := newScene()
		scene(s)
		s.in.Options.Only = name
		return wordsOfAll(s.propose(t).Plan.Steps)
	}
	mixed := func(s *scene) {
		s.fresh("1", "ada@acme.com")
		s.fresh("2", "bo@acme.com")
		s.left("3", "cy@acme.com")
		s.group("g-new", "New", "1", "2")
		s.tiedTeam("Eng", "boss")
		s.in.Directory.Groups[1].Members = idset.Of("boss", "1", "2")
		s.in.Directory.Groups[1].Name = "Engineering"
	}
	ada := []string{
		"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)",
		"create_team New →New (okta)",
		"add_members Engineering: ada@acme.com (okta)",
		"add_members New: ada@acme.com (okta)",
	}
	alike(t, "by address", ada, only(" ADA@acme.com", mixed))
	alike(t, "by Okta id", ada, only("1", mixed))
	alike(t, "a leaver", []string{"suspend cy@acme.com member,active→suspended (okta)"}, only("cy@acme.com", mixed))
	alike(t, "somebody with nothing to do", nil, only("boss@acme.com", mixed))
	alike(t, "somebody whom Okta does not manage", nil, only("x@else.com", func(s *scene) { mixed(s); s.stranger("x", "x@else.com") }))
	alike(t, "a team to be linked, for somebody who leaves it", []string{"link_team Eng →Eng (adopt)", "remove_members Eng: ada@acme.com (adopt)"}, only("1", func(s *scene) {
		s.in.Policy.Teams.LinkSameName = true
		s.tied("1", "ada@acme.com")
		s.tied("2", "bo@acme.com")
		s.group("g", "Eng", "boss")
		s.team("t", "Eng", "a-1", "a-2", "a-boss")
	}))
	alike(t, "a team whose name another has to leave first", []string{
		"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)", "rename_team A A→B (okta)", "create_team A →A (okta)", "add_members A: ada@acme.com (okta)",
	}, only("1", func(s *scene) {
		s.fresh("1", "ada@acme.com")
		s.tiedTeam("A", "boss")
		s.in.Directory.Groups[0].Name = "B"
		s.group("g2", "A", "1", "boss")
	}))
}

func TestOnlyOneTeam(t *testing.T) {
	mixed := func(s *scene) {
		s.fresh("1", "ada@acme.com")
		s.fresh("2", "bo@acme.com")
		s.unadopted("3", "cy@acme.com", admin, roles("admin"))
		s.tied("4", "old@else.com", invited(1), func(t *trio) { t.okta.Email, t.okta.UserName = "new@else.com", "new@else.com" })
		s.tied("5", "di@acme.com", roles("admin"))
		s.tied("6", "ed@acme.com", suspended)
		s.left("7", "flo@acme.com")
		s.tiedTeam("Eng", "boss", "5")
		s.tiedTeam("Ops", "boss")
		s.in.Directory.Groups[0].Members = idset.Of("boss", "1", "3", "4", "6")
		s.in.Directory.Groups[1].Members = idset.Of("2")
		s.in.Directory.Groups[0].Name = "Engineering"
	}
	eng := []string{
		"adopt cy@acme.com →cy@acme.com,admin,active,Cy,Acme (adopt)",
		"cancel_invite old@else.com old@else.com,invited→ (okta)",
		"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)",
		"reactivate ed@acme.com suspended→member,active (okta)",
		"provision new@else.com →new@else.com,member,invited,Old,Else (okta)",
		"rename_team Eng Eng→Engineering (okta)",
		"add_members Engineering: ada@acme.com cy@acme.com ed@acme.com new@else.com (okta)",
		"remove_members Engineering: di@acme.com (okta)",
	}
	for _, name := range []string{"Eng", " engineering ", "t-Eng", "g-Eng"} {
		s := newScene()
		mixed(s)
		s.in.Options.Only = name
		alike(t, name, eng, wordsOfAll(s.propose(t).Plan.Steps))
	}
}

func TestOnlyOfNobody(t *testing.T) {
	s := newScene()
	s.in.Options.Only = "nobody@acme.com"
	_, err := Plan(s.in)
	var unknown *OnlyError
	if !errors.As(err, &unknown) || unknown.Name != "nobody@acme.com" {
		t.Errorf("error %v, want one that names the address", err)
	}
}

// TestRailsUnderOnly: the rails stay what they are for the whole workspace.
func TestRailsUnderOnly(t *testing.T) {
	checkRails(t, []rail{
		{name: "one of 30 leavers, within the cap", scene: func() *scene {
			s := company(60, 30)
			s.in.Options.Only = "p001@acme.com"
			return s
		}},
		{name: "one more than the window has left", scene: func() *scene {
			s := company(60, 30)
			for i := range 12 {
				s.in.Managed.Removals = append(s.in.Managed.Removals, core.Removal{At: now, Action: core.Suspend, OktaID: "gone" + string(rune('a'+i))})
			}
			s.in.Options.Only = "p001@acme.com"
			return s
		}, blocks: true, refuses: []string{"too-many-removals Acme"}, learns: []string{"latch too-many-removals"}, says: []string{"1 of 60", "scim-sync apply --only p001@acme.com --allow-removals 1"}},
		{name: "the last admin, whose successor is another's step", scene: func() *scene {
			s := newScene()
			s.in.Directory.People[0].Access = idp.Revoked
			s.fresh("1", "new@acme.com", roles("admin"))
			s.in.Options.Only = "boss@acme.com"
			return s
		}, refuses: []string{"last-admin boss@acme.com"}},
	})
}
