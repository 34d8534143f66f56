package planner

import (
	"errors"
	"fmt"
	core "scim-sync/sync"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

func TestSourceEmpty(t *testing.T) {
	checkRails(t, []rail{
		{name: "nobody is assigned", scene: func() *scene { return emptied(company(3, 0)) }, blocks: true, refuses: []string{"source-empty Attio"},
			learns: []string{"latch source-empty"}, says: []string{"though 3 people are managed", "scim-sync release --all"}},
		{name: "all who are listed are revoked", scene: func() *scene {
			s := company(2, 0)
			for i := range s.in.Directory.People {
				s.in.Directory.People[i].Access = idp.Revoked
			}
			return s
		}, blocks: true, refuses: []string{"last-admin boss@acme.com", "source-empty Attio"}, learns: []string{"latch source-empty"}},
		{name: "one waits", scene: func() *scene {
			s := emptied(company(3, 0))
			s.fresh("n", "n@acme.com", access(idp.Waiting, "STAGED"))
			s.in.Policy.Protect = uncapped().Protect
			s.in.Policy.Protect.Members = []string{"boss@acme.com"}
			return s
		}},
		{name: "nobody is managed", scene: func() *scene {
			s := emptied(company(3, 0))
			s.in.Managed.People = nil
			return s
		}},
		{name: "all who were managed are suspended", scene: func() *scene {
			s := emptied(company(3, 0))
			for i := range s.in.Workspace.Members {
				s.in.Workspace.Members[i].Status = attio.Suspended
			}
			return s
		}},
		{name: "removals held back all the same", scene: func() *scene {
			s := emptied(company(3, 0))
			s.in.Options.NoRemovals = true
			return s
		}, blocks: true, refuses: []string{"source-empty Attio"}, learns: []string{"latch source-empty"}},
	})
}

func TestTargetMissing(t *testing.T) {
	lost := func(known, missing int) func() *scene {
		return func() *scene {
			s := company(known, 0)
			s.in.Workspace.Members = s.in.Workspace.Members[:known-missing]
			s.in.Policy.Protect.AdditionsFloor = 1000
			return s
		}
	}
	missing := []string{"target-missing Acme"}
	checkRails(t, []rail{
		{name: "five", scene: lost(20, 5)},
		{name: "six", scene: lost(20, 6), blocks: true, refuses: missing, says: []string{"6 of the 20 people", "p014@acme.com, p015@acme.com, p016@acme.com and 3 more", "scim-sync release p014@acme.com"}},
		{name: "six of 120, which are 5 %", scene: lost(120, 6)},
		{name: "six of 119, which are more", scene: lost(119, 6), blocks: true, refuses: missing},
		{name: "seven of 120", scene: lost(120, 7), blocks: true, refuses: missing},
		{name: "suspended ones are known to be out", scene: func() *scene {
			s := lost(20, 6)()
			for id, e := range s.in.Managed.People {
				if id == "019" {
					e.Applied.Active = false
					s.in.Managed.People[id] = e
				}
			}
			return s
		}},
		{name: "released ones do not count", scene: func() *scene {
			s := lost(20, 6)()
			e := s.in.Managed.People["019"]
			e.Released = true
			s.in.Managed.People["019"] = e
			return s
		}},
		{name: "found again under another id", scene: func() *scene {
			s := company(20, 0)
			for i := range s.in.Workspace.Members {
				s.in.Workspace.Members[i].ID += "-new"
			}
			return s
		}},
	})
}

// allowing is a scene with --allow-removals.
func allowing(n int, build func() *scene) func() *scene {
	return func() *scene {
		s := build()
		s.in.Options.AllowRemovals = &n
		return s
	}
}

// Somebody who joined and shows as invited is a reading that contradicts
// itself: no rail of members and admins would hold for them.
func TestNobodyWhoJoinedIsTakenForAnInvite(t *testing.T) {
	s := company(20, 1)
	s.in.Workspace.Members[1].Status = attio.Invited // who is to leave
	var doubt *core.UntrustedError
	if _, err := Plan(s.in); !errors.As(err, &doubt) || !strings.Contains(err.Error(), "p001@acme.com") {
		t.Errorf("got %v", err)
	}
	e := s.in.Managed.People["001"]
	e.Kind = core.Invite
	s.in.Managed.People["001"] = e
	if p := s.propose(t); p.Plan.Summary.CancelInvite != 1 {
		t.Errorf("an invite: %v", p.Plan.Summary)
	}
}

// The rails look at a saved plan's steps alone, and name its file.
func TestRailsUnderASavedPlan(t *testing.T) {
	s := company(60, 30)
	s.fresh("new", "new@acme.com")
	whole := s.propose(t)
	chosen := func(pick func(core.Step) bool) *Draft {
		keys := map[string]bool{}
		for _, st := range whole.Plan.Steps {
			if pick(st) {
				keys[st.Key()] = true
			}
		}
		p, err := whole.Select(t.Context(), nil, nil, keys, "q 1.json")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := chosen(func(st core.Step) bool { return st.Action == core.Provision })
	if len(p.Plan.Refusals) != 0 || len(p.Plan.Steps) != 1 || len(p.Plan.Held) != 0 || p.Whole() {
		t.Errorf("one provision: %v, held %v, %v", p.Plan.Refusals, p.Plan.Held, wordsOfAll(p.Plan.Steps))
	}
	n := 0
	p = chosen(func(st core.Step) bool { n++; return st.Action == core.Suspend && n <= 14 })
	removed := p.Plan.Summary.Removals
	if len(p.Plan.Refusals) != 1 || !strings.Contains(p.Plan.Refusals[0].Remedy, fmt.Sprintf("scim-sync apply 'q 1.json' --allow-removals %d;", removed)) || removed > 14 {
		t.Errorf("%d removals: %v", removed, p.Plan.Refusals)
	}
}

func TestTeamRemovalCap(t *testing.T) {
	// team loses the first so many of n people; more changes the scene.
	team := func(n, lose int, more func(*scene)) func() *scene {
		return func() *scene {
			s := company(n+1, 0)
			var ids []string
			for i := 1; i <= n; i++ {
				ids = append(ids, fmt.Sprintf("%03d", i))
			}
			s.tiedTeam("Eng", ids...)
			s.in.Directory.Groups[0].Members = idset.Of(ids[lose:]...)
			if more != nil {
				more(s)
			}
			return s
		}
	}
	gone := func(s *scene) {
		s.in.Directory.Groups = nil
		s.lost("g-Eng")
		s.in.Policy.Teams.DeleteGone = true
	}
	// lostBefore are people whom an earlier run has taken out of it.
	lostBefore := func(n int, ago time.Duration) func(*scene) {
		return func(s *scene) {
			for i := range n {
				id := fmt.Sprint("x", i)
				s.tied(id, id+"@acme.com")
				s.in.Managed.Removals = append(s.in.Managed.Removals, core.Removal{At: now.Add(-ago), Action: core.RemoveMembers, OktaID: id, Team: "t-Eng"})
			}
		}
	}
	eng := []string{"too-many-team-removals Eng"}
	checkRails(t, []rail{
		{name: "half of ten", scene: team(10, 5, nil)},
		{name: "six of ten", scene: team(10, 6, nil), refuses: eng,
			says: []string{"6 of its 10 active people; protect.team_removals allows 5", "scim-sync apply --allow-removals 6"}},
		{name: "five of eleven, rounded down", scene: team(11, 5, nil)},
		{name: "six of eleven", scene: team(11, 6, nil), refuses: eng},
		{name: "the floor", scene: team(2, 2, nil)},
		{name: "one more than the floor", scene: team(3, 3, nil), refuses: eng},
		{name: "a number", scene: team(10, 3, func(s *scene) { s.in.Policy.Protect.TeamRemovals = core.Amount{N: 3} })},
		{name: "one more than the number", scene: team(10, 4, func(s *scene) { s.in.Policy.Protect.TeamRemovals = core.Amount{N: 3} }), refuses: eng},
		{name: "who is suspended does not count", scene: team(10, 5, func(s *scene) {
			s.in.Workspace.Members[10].Status = attio.Suspended // the last of them, who stays
			s.in.Directory.People[10].Access = idp.Waiting
		}), refuses: eng, says: []string{"5 of its 9"}},
		{name: "who is suspended by this plan does not count", scene: team(10, 5, func(s *scene) {
			s.in.Directory.People[10].Access = idp.Revoked
		}), refuses: eng, says: []string{"5 of its 9"}},
		{name: "suspensions alone are no removals from the team", scene: team(10, 0, func(s *scene) {
			s.in.Policy.Protect = uncapped().Protect
			s.in.Policy.Protect.TeamRemovals = core.Amount{N: 50, Percent: true}
			for i := 1; i <= 10; i++ {
				s.in.Directory.People[i].Access = idp.Revoked
			}
		})},
		{name: "a team to be deleted counts its people", scene: team(3, 0, gone), refuses: eng, says: []string{"3 of its 3"}},
		{name: "a team to be deleted, within the floor", scene: team(2, 0, gone)},
		{name: "who is only invited does not count", scene: team(3, 3, func(s *scene) {
			for i, id := range []string{"002", "003"} {
				s.in.Workspace.Members[i+2].Status = attio.Invited
				e := s.in.Managed.People[id]
				e.Kind = core.Invite
				s.in.Managed.People[id] = e
			}
		})},
		{name: "the window counts: five of twenty, after five of them", scene: team(15, 5, lostBefore(5, time.Hour))},
		{name: "six of twenty, after five of them", scene: team(15, 6, lostBefore(5, time.Hour)), refuses: eng,
			says: []string{"would lose 6 of its 15 active people, after 5 in the last 24 h; protect.team_removals allows 10"}},
		{name: "what is older does not count", scene: team(15, 7, lostBefore(5, 24*time.Hour))},
		{name: "0s: this run alone", scene: team(15, 7, func(s *scene) {
			lostBefore(5, time.Hour)(s)
			s.in.Policy.Protect.RemovalsWindow = 0
		})},
		{name: "another team's do not count", scene: team(15, 7, func(s *scene) {
			lostBefore(5, time.Hour)(s)
			for i := range s.in.Managed.Removals {
				s.in.Managed.Removals[i].Team = "t-Ops"
			}
		})},
		{name: "who was taken out, put back and is taken out again counts twice, in a team of the same size", scene: team(10, 3, func(s *scene) {
			for range 3 {
				s.in.Managed.Removals = append(s.in.Managed.Removals, core.Removal{At: now.Add(-time.Hour), Action: core.RemoveMembers, OktaID: "001", Team: "t-Eng"})
			}
		}), refuses: eng, says: []string{"would lose 3 of its 10 active people, after 3 in the last 24 h; protect.team_removals allows 5"}},
		{name: "whom a run that was cut off may have taken out, and this one does, counts once", scene: team(10, 5, func(s *scene) {
			s.in.Managed.Removals = []core.Removal{{At: now.Add(-time.Hour), Action: core.RemoveMembers, OktaID: "001", Team: "t-Eng", Unfinished: true}}
		})},
		{name: "its own number lifts it", scene: allowing(3, team(3, 0, gone))},
		{name: "none but its own", scene: allowing(0, team(3, 0, gone)), blocks: true, refuses: append([]string{"too-many-removals --allow-removals"}, eng...),
			says: []string{"0 removals were allowed, but the plan has 3"}},
	})
	p := team(3, 0, gone)().propose(t)
	if n := p.Plan.Summary; n.Removals != 3 || n.DeleteTeam != 1 {
		t.Errorf("deleting a team of 3 counts as %d removals, %d teams deleted", n.Removals, n.DeleteTeam)
	}

	t.Run("only that team's removals are held back", func(t *testing.T) {
		s := team(10, 6, func(s *scene) {
			s.tiedTeam("Ops", "001", "002")
			s.in.Directory.Groups[1].Members = idset.Of("001", "003")
			s.in.Directory.Groups[0].Members = idset.Of(append(s.in.Directory.Groups[0].Members.IDs(), "boss")...)
		})()
		p := s.propose(t)
		alike(t, "steps", []string{"add_members Eng: boss@acme.com (okta)", "add_members Ops: p003@acme.com (okta)", "remove_members Ops: p002@acme.com (okta)"}, wordsOfAll(p.Plan.Steps))
		if p.Plan.Summary.Removals != 7 || p.Plan.Summary.RemoveMembers != 7 {
			t.Errorf("removals %d, memberships %d; want 7 of both: what a cap refused counts", p.Plan.Summary.Removals, p.Plan.Summary.RemoveMembers)
		}
	})
}

func TestLastAdmin(t *testing.T) {
	// alone has the boss as the only admin, who is to go, or to be a member.
	gone := func(s *scene) { s.in.Directory.People[0].Access = idp.Revoked }
	member := func(s *scene) { s.in.Directory.People[0].Roles = []string{"member"} }
	check := func(name string, steps, refuses []string, changes ...func(*scene)) {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.tied("1", "ada@acme.com")
			for _, c := range changes {
				c(s)
			}
			p := s.propose(t)
			alike(t, "steps", steps, wordsOfAll(p.Plan.Steps))
			alike(t, "refusals", refuses, refusalWords(p.Plan.Refusals))
			if p.Blocked {
				t.Error("the whole run is blocked; only the step should be")
			}
		})
	}
	boss := []string{"last-admin boss@acme.com"}
	suspend, demote := "suspend boss@acme.com admin,active→suspended (okta)", "demote boss@acme.com admin→member (okta)"
	check("suspended", nil, boss, gone)
	check("demoted", nil, boss, member)
	check("suspended, another is promoted first", []string{"promote ada@acme.com member→admin (okta)", suspend}, nil, gone,
		func(s *scene) { s.in.Directory.People[1].Roles = []string{"admin"} })
	check("demoted, another is promoted first", []string{"promote ada@acme.com member→admin (okta)", demote}, nil, member,
		func(s *scene) { s.in.Directory.People[1].Roles = []string{"admin"} })
	check("suspended, after a new admin has come", []string{"provision new@acme.com →new@acme.com,admin,active,New,Acme (okta)", suspend}, nil, gone,
		func(s *scene) { s.fresh("2", "new@acme.com", roles("admin")) })
	check("demoted, after a new admin has come", []string{"provision new@acme.com →new@acme.com,admin,active,New,Acme (okta)", demote}, nil, member,
		func(s *scene) { s.fresh("2", "new@acme.com", roles("admin")) })
	check("suspended, after an admin has come back", []string{"reactivate cy@acme.com suspended→admin,active (okta)", suspend}, nil, gone,
		func(s *scene) { s.tied("2", "cy@acme.com", admin, roles("admin"), suspended) })
	check("an invited admin is none", []string{"provision mo@else.com →mo@else.com,admin,invited,Mo,Else (okta)"}, boss, gone,
		func(s *scene) { s.fresh("2", "mo@else.com", roles("admin")) })
	check("an admin of whom nobody knows whether they will be invited is none", []string{"provision new@acme.com →new@acme.com,admin,New,Acme (okta)"}, boss, gone,
		func(s *scene) { s.in.Policy.VerifiedDomains = nil; s.fresh("2", "new@acme.com", roles("admin")) })
	check("a pending invite made admin is none", []string{"promote mo@else.com member,invited→admin,invited (okta)"}, boss, gone,
		func(s *scene) { s.tied("2", "mo@else.com", invited(1), roles("admin")) })
	check("two admins, both to go: one stays", []string{suspend}, []string{"last-admin cy@acme.com"}, gone,
		func(s *scene) { s.left("2", "cy@acme.com", admin) })
	check("two admins, one to go and one to be a member: one stays", []string{suspend}, []string{"last-admin cy@acme.com"}, gone,
		func(s *scene) { s.tied("2", "cy@acme.com", admin, roles("member")) })
	check("two admins, both to go, one new: both go, the second after the new one", []string{
		suspend, "provision new@acme.com →new@acme.com,admin,active,New,Acme (okta)", "suspend cy@acme.com admin,active→suspended (okta)",
	}, nil, gone, func(s *scene) { s.left("2", "cy@acme.com", admin); s.fresh("3", "new@acme.com", roles("admin")) })
	check("an unmanaged admin on a verified domain counts", []string{suspend}, nil, gone, func(s *scene) { s.stranger("x", "x@acme.com", admin) })
	check("an unmanaged admin elsewhere does not", nil, boss, gone, func(s *scene) { s.stranger("x", "x@else.com", admin) })
	check("an expert from outside does not count while no domains are known", nil, boss, gone, func(s *scene) {
		s.in.Policy.VerifiedDomains = nil
		s.stranger("x", "x@else.com", admin)
	})
	check("an unmanaged admin on a domain of somebody assigned does", []string{suspend}, nil, gone, func(s *scene) {
		s.in.Policy.VerifiedDomains = nil
		s.stranger("x", "x@ACME.com", admin)
	})
	check("who is not assigned any more has no domain", nil, boss, gone, func(s *scene) {
		s.in.Policy.VerifiedDomains = nil
		s.fresh("2", "gone@else.com", access(idp.Revoked, "DEPROVISIONED"))
		s.stranger("x", "x@else.com", admin)
	})
	check("an unmanaged admin who is suspended does not count", nil, boss, gone, func(s *scene) {
		s.stranger("x", "x@acme.com", admin, func(t *trio) { t.attio.Status = attio.Suspended })
	})
	check("a managed admin elsewhere counts", []string{suspend}, nil, gone, func(s *scene) { s.tied("2", "mo@else.com", admin, roles("admin")) })
	check("the old account of the last admin does not give way to a new one", nil, boss, func(s *scene) {
		s.in.Directory.People[0].Email = "chief@acme.com"
		e := s.in.Managed.People["boss"]
		e.NotTaken = &core.NotTaken{Email: "chief@acme.com"}
		s.in.Managed.People["boss"], s.in.Options.Only = e, "chief@acme.com"
	}, func(*scene) { boss[0] = "last-admin boss@acme.com" })
}

func TestOwnAccount(t *testing.T) {
	with := func(change func(*scene)) func() *scene {
		return func() *scene {
			s := newScene()
			s.tied("1", "ada@acme.com", admin, roles("admin"))
			s.in.Workspace.OwnEmail = "Boss@acme.com"
			change(s)
			return s
		}
	}
	own := []string{"own-account Boss@acme.com"}
	checkRails(t, []rail{
		{name: "would be suspended", scene: with(func(s *scene) { s.in.Directory.People[0].Access = idp.Revoked }), refuses: own, says: []string{"Let another admin sign in: scim-sync login"}},
		{name: "would be demoted", scene: with(func(s *scene) { s.in.Directory.People[0].Roles = []string{"member"} }), refuses: own},
		{name: "would be renamed: allowed", scene: with(func(s *scene) { s.in.Directory.People[0].FamilyName = "Boss" })},
		{name: "of somebody else", scene: with(func(s *scene) {
			s.in.Directory.People[0].Access, s.in.Workspace.OwnEmail = idp.Revoked, "ada@acme.com"
		})},
	})
}
