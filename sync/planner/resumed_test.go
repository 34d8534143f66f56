package planner

import (
	"fmt"
	"scim-sync/config"
	core "scim-sync/sync"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// TestBegunAndHeld: whom a run that was cut off had begun to provision, and who
// is not assigned any more, is managed from then on, whatever keeps them in
// place for now.
func TestBegunAndHeld(t *testing.T) {
	provision := core.Step{Action: core.Provision, Person: &core.PersonRef{OktaID: "x", Email: "x@acme.com"}, After: core.Values{Email: "x@acme.com", Role: attio.RoleMember, Status: attio.Active}}
	in := func(a idp.Access) func(*scene) {
		return func(s *scene) {
			s.okta("x", "x@acme.com")
			s.in.Directory.People[len(s.in.Directory.People)-1].Access = a
		}
	}
	for name, hold := range map[string]func(*scene){
		"no removals": func(s *scene) { s.in.Options.NoRemovals = true },
		"protected":   func(s *scene) { s.in.Policy.Protect.Members = []string{"x@acme.com"} },
		"own account": func(s *scene) { s.in.Workspace.OwnEmail = "x@acme.com" },
		"suspended, and kept": func(s *scene) {
			s.in.Policy.KeepSuspended = true
			in(idp.Suspended)(s)
		},
		"waiting": in(idp.Waiting),
	} {
		s := newScene()
		s.stranger("m9", "x@acme.com")
		s.in.Answers.People["x"] = idp.Standing{Access: idp.Revoked, Proof: idp.Proof{Request: "GET", Status: 404}}
		s.in.Unfinished = []core.Unfinished{begun(provision)}
		hold(s)
		if p, _ := s.run(t); len(p.Plan.Steps) > 0 {
			t.Errorf("%s: %v", name, wordsOfAll(p.Plan.Steps))
		}
		s.in.Unfinished, s.in.Options, s.in.Policy, s.in.Workspace.OwnEmail = nil, Options{}, uncapped(), ""
		s.in.Directory.People = s.in.Directory.People[:1]
		p, _ := s.run(t)
		alike(t, name+": the next run", []string{"suspend x@acme.com member,active→suspended (okta)"}, wordsOfAll(p.Plan.Steps))
	}
}

// TestBegunTeamRenamed: a team that a run which was cut off created is found
// again although its group has another name by now.
func TestBegunTeamRenamed(t *testing.T) {
	s := newScene()
	s.group("g", "Engineering", "boss")
	s.team("t9", "Eng", "a-boss")
	s.in.Unfinished = []core.Unfinished{begun(core.Step{Action: core.CreateTeam, Team: &core.TeamRef{OktaID: "g", Name: "Eng"}, After: core.Values{Name: "Eng"}})}
	p, _ := s.run(t)
	alike(t, "steps", []string{"link_team Engineering →Eng (adopt)", "rename_team Eng Eng→Engineering (okta)"}, wordsOfAll(p.Plan.Steps))
	if m := s.in.Managed.Teams["g"]; m.TeamID != "t9" || !m.Created {
		t.Errorf("%+v", m)
	}
}

// TestFirstRunEnds: a first run that was cut off ends with the first whole run,
// also one that finds nothing left to do, and with a saved plan of all there is.
func TestFirstRunEnds(t *testing.T) {
	pilot := func(s *scene) {
		s.in.Options.Only = "p1@acme.com"
		s.run(t)
		s.in.Options.Only = "p2@acme.com"
		s.run(t)
		s.in.Options.Only = ""
	}
	for name, run := range map[string]func(*scene){
		"one by one, then nothing left": func(s *scene) {
			pilot(s)
			if !s.in.Managed.FirstSync {
				t.Error("what was asked for by name has ended the first run")
			}
			if p, _ := s.run(t); p.Changes() || len(p.Learns()) == 0 {
				t.Errorf("%v", wordsOfAll(p.Plan.Steps))
			}
		},
		"a saved plan of all": func(s *scene) {
			s.choose(t, func(core.Step) bool { return true })
			s.run(t)
		},
	} {
		s := newScene()
		s.fresh("1", "p1@acme.com")
		s.fresh("2", "p2@acme.com")
		s.in.FirstRun = true
		run(s)
		if s.in.Managed.FirstSync {
			t.Errorf("%s: it is still the first run", name)
		}
		s.in.Options, s.in.FirstRun, s.in.Policy.Protect.AdditionsFloor = Options{}, s.in.Managed.FirstRun(true), 2
		for i := 3; i < 9; i++ {
			s.fresh(fmt.Sprint(i), fmt.Sprintf("p%d@acme.com", i))
		}
		if p := s.propose(t); !p.Blocked {
			t.Errorf("%s: six newcomers pass a cap of two", name)
		}
	}
}

// TestAFirstRunWithoutSeatsIsStillTheFirst: those who could not arrive are under
// no cap of additions at the next run either; once all have, the first run is over.
func TestAFirstRunWithoutSeatsIsStillTheFirst(t *testing.T) {
	for name, c := range map[string]struct {
		seats int
		with  attio.ErrorKind
	}{"no seats": {0, attio.NoSeat}, "some seats": {3, attio.NoSeat}, "all refused": {0, attio.Refused}} {
		s := newScene()
		s.in.Policy.Protect.AdditionsFloor = 2
		for i := range 9 {
			s.fresh(fmt.Sprint(i), fmt.Sprintf("p%d@acme.com", i))
		}
		s.in.FirstRun = true
		f, left := s.fake(), c.seats
		f.full = func() error {
			if left--; left < 0 {
				return &attio.Error{Kind: c.with, Status: 402}
			}
			return nil
		}
		s.runAt(t, f)
		if s.in.FirstRun = s.in.Managed.FirstRun(true); !s.in.FirstRun {
			t.Errorf("%s: the first run is over", name)
		}
		if p, r := s.run(t); r.Count(core.StepOK) != len(p.Plan.Steps) {
			t.Errorf("%s: %+v", name, r)
		}
		if s.in.Managed.FirstRun(true) {
			t.Errorf("%s: it does not end", name)
		}
	}
}

// choose makes the next plan one of a file that holds these steps.
func (s *scene) choose(t *testing.T, which func(core.Step) bool) {
	keys := map[string]bool{}
	for _, st := range s.propose(t).Plan.Steps {
		if which(st) {
			keys[st.Key()] = true
		}
	}
	s.in.Options.Selected = keys
}

// TestUnlatchedBySavedPlan: a saved plan of all that there is to do ends a latch
// as the same run without a file does; one of a part does not.
func TestUnlatchedBySavedPlan(t *testing.T) {
	for part, want := range map[bool]bool{false: true, true: false} {
		s := newScene()
		s.fresh("1", "ada@acme.com")
		s.fresh("2", "bo@acme.com")
		s.in.Managed.Latched = &core.Latch{Code: "too-many-removals"}
		s.choose(t, func(st core.Step) bool { return !part || st.Person.OktaID == "1" })
		if s.run(t); (s.in.Managed.Latched == nil) != want {
			t.Errorf("a part: %v; latched: %+v", part, s.in.Managed.Latched)
		}
	}
}

// TestOnlyAsksAboutThatOne: a mass absence asks nobody a thousand times, with
// --only either.
func TestOnlyAsksAboutThatOne(t *testing.T) {
	s := newScene()
	for i := range 50 {
		s.left(fmt.Sprint("x", i), fmt.Sprintf("x%d@acme.com", i))
	}
	s.in.Answers.People, s.in.Policy = nil, config.Default().Policy
	for only, want := range map[string]int{"": 0, "boss@acme.com": 0, "x7@acme.com": 1} {
		s.in.Options.Only = only
		if asked := s.propose(t).toProve(); len(asked) != want {
			t.Errorf("--only %q asks about %v", only, asked)
		}
	}
}

// TestInviteWithheld: an assignment is invited again once in seven days, also where
// Okta suspends the person and lets them in time and again; a new assignment is
// a new one.
func TestInviteWithheld(t *testing.T) {
	s := newScene()
	s.tied("1", "ada@else.com", invited(1))
	day := func(n int, a idp.Access) (*Draft, []string) {
		s.in.Now = now.Add(time.Duration(n) * 24 * time.Hour)
		s.in.Directory.People[1].Access = a
		p, _ := s.run(t)
		return p, wordsOfAll(p.Plan.Steps)
	}
	cancelled, again := []string{"cancel_invite ada@else.com member,invited→ (okta)"}, []string{"provision ada@else.com →ada@else.com,member,invited,Ada,Else (okta)"}
	_, got := day(0, idp.Suspended)
	alike(t, "suspended", cancelled, got)
	_, got = day(1, idp.Granted)
	alike(t, "back", again, got)
	_, got = day(2, idp.Suspended)
	alike(t, "suspended once more", cancelled, got)
	p, got := day(3, idp.Granted)
	alike(t, "back once more", nil, got)
	alike(t, "back once more", []string{"invite-not-sent ada@else.com"}, noteWords(p.Plan.Notes))
	_, got = day(8, idp.Granted)
	alike(t, "a week after it was sent anew", again, got)
	day(9, idp.Suspended)
	day(9, idp.Revoked)
	_, got = day(10, idp.Granted)
	alike(t, "assigned anew", again, got)
	// Unassigned, they are not in Okta's list at all.
	day(10, idp.Suspended)
	ada := s.in.Directory.People[1]
	s.in.Directory.People = s.in.Directory.People[:1]
	s.run(t)
	s.in.Directory.People = append(s.in.Directory.People, ada)
	_, got = day(11, idp.Granted)
	alike(t, "assigned anew, and was out of the list", again, got)
	// A run that was cut off counts, too.
	day(11, idp.Suspended)
	before := s.in.Managed.People["1"]
	day(12, idp.Granted)
	s.in.Managed.People["1"] = before
	at := s.in.Now
	s.in.Unfinished = []core.Unfinished{{At: at, Intent: core.Intent{Step: core.Step{Action: core.Provision, Person: &core.PersonRef{OktaID: "1", Email: "ada@else.com"}, After: core.Values{Email: "ada@else.com", Role: "member"}}}}}
	day(12, idp.Granted)
	s.in.Unfinished = nil
	day(13, idp.Suspended)
	p, got = day(14, idp.Granted)
	alike(t, "after a run that was cut off", nil, got)
	alike(t, "after a run that was cut off", []string{"invite-not-sent ada@else.com"}, noteWords(p.Plan.Notes))
}

// TestGoneGroupOfAnothersTeam: a team that somebody made in Attio is not deleted
// because a group that once had a team of ours came to share it.
func TestGoneGroupOfAnothersTeam(t *testing.T) {
	s := newScene()
	s.in.Policy.Teams.DeleteGone = true
	s.group("g1", "Alpha", "boss")
	s.group("g2", "Sales", "boss")
	s.team("t1", "Alpha", "a-boss")
	s.team("t2", "Sales", "a-boss")
	s.tie("g1", "t1", "Alpha", "boss")
	s.tie("g2", "t2", "Sales", "boss")
	s.retie("g2", func(m *core.ManagedTeam) { m.Created = false })
	s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "Alpha", Team: "Sales"}}
	s.run(t)
	if m := s.in.Managed.Teams["g1"]; m.TeamID != "t2" || m.Created {
		t.Errorf("%+v", m)
	}
	s.in.Directory.Groups = nil
	s.lost("g1")
	s.lost("g2")
	if p := s.propose(t); p.Changes() {
		t.Errorf("%v", wordsOfAll(p.Plan.Steps))
	}
}

// TestAwayIsNoDrift: what Okta changes while somebody is suspended is Okta's
// change once they are back, and what is changed by hand is drift.
func TestAwayIsNoDrift(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*scene)
		want      []string
	}{
		"left the group":        {func(s *scene) { s.in.Directory.Groups[0].Members = idset.Of("2") }, []string{"remove_members Eng: ada@acme.com (okta)"}},
		"taken out of the team": {func(s *scene) { s.in.Workspace.Teams[0].Members = idset.Of("a-2") }, []string{"add_members Eng: ada@acme.com (okta)"}}, // whoever did it: Attio itself may have
		"nothing":               {func(*scene) {}, nil},
		"both, which is all right": {func(s *scene) {
			s.in.Directory.Groups[0].Members, s.in.Workspace.Teams[0].Members = idset.Of("2"), idset.Of("a-2")
		}, nil},
	} {
		s := newScene()
		s.tied("1", "ada@acme.com")
		s.tied("2", "bo@acme.com")
		s.tiedTeam("Eng", "1", "2")
		s.in.Directory.People[1].Access = idp.Suspended
		s.run(t)
		s.run(t)
		c.meanwhile(s)
		s.run(t)
		s.in.Directory.People[1].Access = idp.Granted
		p, _ := s.run(t)
		if got := wordsOfAll(p.Plan.Steps); len(got) == 0 || got[0] != "reactivate ada@acme.com suspended→member,active (okta)" {
			t.Errorf("%s: %v", name, got)
		} else {
			alike(t, name, c.want, got[1:])
		}
	}
}

// TestUnadoptedIsLeftAlone: a file that leaves out an adoption gets nothing done
// about that person.
func TestUnadoptedIsLeftAlone(t *testing.T) {
	s := newScene()
	s.unadopted("1", "ada@acme.com", func(x *trio) { x.attio.GivenName = "Adaa" })
	s.tiedTeam("Eng", "boss")
	s.in.Directory.Groups[0].Members = idset.Of("boss", "1")
	s.choose(t, func(st core.Step) bool { return st.Action != core.Adopt })
	if p, _ := s.run(t); p.Changes() || len(p.Plan.Held) != 2 {
		t.Errorf("%v, held %v", wordsOfAll(p.Plan.Steps), p.Plan.Held)
	}
	if _, known := s.in.Managed.People["1"]; known {
		t.Errorf("state knows %+v", s.in.Managed.People["1"])
	}
}

// TestOnlyIsRefusedForItsOwn: with --only, the conflict of others is theirs.
func TestOnlyIsRefusedForItsOwn(t *testing.T) {
	s := newScene()
	s.tied("1", "ada@acme.com", func(x *trio) { x.attio.GivenName = "X" })
	s.fresh("8", "x@acme.com")
	s.fresh("9", "x@acme.com")
	s.group("g", "Sales", "1")
	s.group("h", "Twins", "8", "9")
	s.team("t", "Sales")
	for only, want := range map[string][]string{
		"":              {"email-conflict x@acme.com", "email-conflict x@acme.com", "team-name-taken Sales"},
		"boss@acme.com": nil, "ada@acme.com": {"team-name-taken Sales"}, "x@acme.com": {"email-conflict x@acme.com", "email-conflict x@acme.com"}, "Sales": {"team-name-taken Sales"}, "g": {"team-name-taken Sales"},
		"Twins": {"email-conflict x@acme.com", "email-conflict x@acme.com"},
	} {
		s.in.Options.Only = only
		alike(t, "--only "+only, want, refusalWords(s.propose(t).Plan.Refusals))
	}
}

// TestOnlyATeamToBeLinked: a team may be named that this run comes to manage.
func TestOnlyATeamToBeLinked(t *testing.T) {
	for _, only := range []string{"Builders", "t", "g", "Eng"} {
		s := newScene()
		s.group("g", "Eng", "boss")
		s.team("t", "Builders")
		s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "Eng", Team: "Builders"}}
		s.in.Options.Only = only
		p, _ := s.run(t)
		alike(t, "--only "+only, []string{"link_team Builders →Builders (adopt)", "add_members Builders: boss@acme.com (adopt)"}, wordsOfAll(p.Plan.Steps))
	}
}

// TestTeamNameSpeltOtherwise: a name that Attio writes in its own way is a note,
// and not tried again until Okta's changes.
func TestTeamNameSpeltOtherwise(t *testing.T) {
	s := newScene()
	s.tiedTeam("Eng", "boss")
	s.in.Directory.Groups[0].Name = "Site  Reliability"
	s.spells = func(string) string { return "Site Reliability" }
	p, r := s.run(t)
	if len(p.Plan.Steps) != 1 || r.Count(core.StepOK) != 1 || len(r.Notes) != 1 || r.Notes[0].Code != "name-not-taken" {
		t.Fatalf("%v: %+v", wordsOfAll(p.Plan.Steps), r)
	}
	p, _ = s.run(t)
	alike(t, "then", nil, wordsOfAll(p.Plan.Steps))
	alike(t, "then", []string{"name-not-taken Site Reliability"}, noteWords(p.Plan.Notes))
	// Attio has come round to it; from then on any other spelling is somebody's.
	s.in.Workspace.Teams[0].Name, s.spells = "Site  Reliability", nil
	if p, _ = s.run(t); p.Changes() {
		t.Errorf("as it should be: %v", wordsOfAll(p.Plan.Steps))
	}
	s.in.Workspace.Teams[0].Name = "site reliability"
	p, _ = s.run(t)
	alike(t, "renamed by hand", []string{"rename_team site reliability site reliability→Site  Reliability (drift)"}, wordsOfAll(p.Plan.Steps))
	s.in.Directory.Groups[0].Name = "Reliability"
	p, _ = s.run(t)
	alike(t, "renamed in Okta", []string{"rename_team Site  Reliability Site  Reliability→Reliability (okta)"}, wordsOfAll(p.Plan.Steps))
}
