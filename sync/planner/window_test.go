package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
	"scim-sync/sync/manage"
)

// TestATeamDoesNotDrainInManyRuns: what one run may not take out of a team, four
// of them may not either, until the window has passed or somebody allows it.
func TestATeamDoesNotDrainInManyRuns(t *testing.T) {
	s := company(21, 0)
	var ids []string
	for i := 1; i <= 20; i++ {
		ids = append(ids, fmt.Sprintf("%03d", i))
	}
	s.tiedTeam("Eng", ids...)
	left := func() int { return s.in.Workspace.Teams[0].Members.Len() }
	for _, c := range []struct {
		after      time.Duration
		keep, left int
		refused    bool
	}{{0, 10, 10, false}, {time.Hour, 9, 10, true}, {time.Hour, 1, 10, true}, {23 * time.Hour, 5, 5, false}, {time.Hour, 3, 5, true}} {
		s.in.Now = s.in.Now.Add(c.after)
		s.in.Directory.Groups[0].Members = idset.Of(ids[:c.keep]...)
		p, _ := s.run(t)
		if refused := len(p.Plan.Refusals) > 0; refused != c.refused || left() != c.left {
			t.Errorf("%d are to stay: %d are left, refusals %v", c.keep, left(), refusalWords(p.Plan.Refusals))
		}
	}
	n := 2
	s.in.Options.AllowRemovals = &n
	if s.run(t); left() != 3 {
		t.Errorf("allowed, and %d are left", left())
	}
	if n := len(s.in.Managed.Removals); n != 17 {
		t.Errorf("state counts %d removals", n)
	}
	for _, r := range s.in.Managed.Removals {
		if r.Team != "t-Eng" || r.Action != core.RemoveMembers || r.OktaID == "" || r.At.Before(now) {
			t.Errorf("%+v", r)
		}
	}
}

// writers are two scim-syncs, each with an Okta and a state of its own, on one
// workspace: they run in turn, a quarter of an hour apart.
type writers struct {
	sides [2]*scene
	turn  int
}

// twoWriters are two of whom the second has another word in Okta.
func twoWriters(differs func(*scene)) *writers {
	w := &writers{}
	for i := range w.sides {
		s := newScene()
		s.in.Policy.Protect.TeamRemovalsFloor = 1000
		s.tied("1", "ada@acme.com", roles("member"))
		s.tied("2", "bo@acme.com", roles("member"))
		s.tiedTeam("Eng", "1", "2")
		w.sides[i] = s
	}
	differs(w.sides[1])
	return w
}

// run lets the next one have its run, in whatever the other one has left, and
// gives what it wrote.
func (w *writers) run(t *testing.T) (*Draft, []string) {
	t.Helper()
	me, other := w.sides[w.turn%2], w.sides[(w.turn+1)%2]
	w.turn++
	me.in.Now, me.in.Workspace = other.in.Now.Add(15*time.Minute), other.in.Workspace
	p, r := me.run(t)
	if n := r.Count(core.StepFailed) + r.Count(core.StepRefused) + r.Count(core.StepSkipped); n > 0 {
		t.Fatalf("%d steps failed: %+v", n, r.Results)
	}
	return p, wordsOfAll(p.Plan.Steps)
}

// TestTwoWritersDoNotFightForEver: whatever two of them disagree about, each puts
// it back twice a day at most; then it is held, told with the times of the writes,
// and tried again when the window has passed.
func TestTwoWritersDoNotFightForEver(t *testing.T) {
	ada := func(s *scene) *idp.Person { return &s.in.Directory.People[1] }
	for name, c := range map[string]struct {
		differs func(*scene)
		subject string
	}{
		"an assignment": {func(s *scene) { ada(s).Access = idp.Revoked }, "ada@acme.com"},
		"a role":        {func(s *scene) { ada(s).Roles = []string{"admin"} }, "ada@acme.com"},
		"a name":        {func(s *scene) { ada(s).GivenName = "Augusta" }, "ada@acme.com"},
		"an address":    {func(s *scene) { ada(s).Email = "augusta@acme.com" }, "a"},
		"a membership":  {func(s *scene) { s.in.Directory.Groups[0].Members = idset.Of("1") }, "Eng"},
		"a team's name": {func(s *scene) { s.in.Directory.Groups[0].Name = "Engineering" }, "Eng"},
	} {
		t.Run(name, func(t *testing.T) {
			w := twoWriters(c.differs)
			const days = 3
			wrote, held := [2][]time.Time{}, [2]int{}
			for range days * 24 * 4 {
				side := w.turn % 2
				p, steps := w.run(t)
				if len(steps) > 0 {
					wrote[side] = append(wrote[side], w.sides[side].in.Now)
				}
				for _, r := range p.Plan.Refusals {
					if held[side]++; r.Code != core.Contested || !strings.HasPrefix(r.Subject, c.subject) || !strings.Contains(r.Detail, "put back 2 times in the last 24 h") {
						t.Fatalf("%+v", r)
					}
				}
			}
			for side, times := range wrote {
				for i, at := range times[min(3, len(times)):] {
					if since := at.Sub(times[i]); since < 24*time.Hour {
						t.Errorf("side %d wrote four times within %s: %v", side, since, times)
					}
				}
			}
			if total := len(wrote[0]) + len(wrote[1]); held[0]+held[1] < 2*total || total < 2*days || total > 5*days {
				t.Errorf("wrote %d and %d times, held %v times", len(wrote[0]), len(wrote[1]), held)
			}
		})
	}
}

// TestAPartlyPutBackTeamIsContestedToo: one whom Attio never takes does not hide
// that the others are put back again and again.
func TestAPartlyPutBackTeamIsContestedToo(t *testing.T) {
	s := newScene()
	s.in.Policy.Protect.RemovalsWindow = 24 * time.Hour
	s.tied("1", "ada@acme.com")
	s.tied("2", "bo@acme.com")
	s.tiedTeam("Eng", "1", "2")
	wrote := 0
	for n := range 5 {
		s.in.Now = now.Add(time.Duration(n) * time.Hour)
		s.in.Workspace.Teams[0].Members = idset.Of()
		f := s.fake()
		f.leaves = "a-2"
		p, _ := s.runAt(t, f)
		if wrote += len(p.Plan.Steps); len(p.Plan.Steps) == 0 && !slices.ContainsFunc(p.Plan.Refusals, func(r core.Refusal) bool { return r.Code == core.Contested }) {
			t.Errorf("run %d: %+v", n, p.Plan.Refusals)
		}
	}
	if wrote != 2 {
		t.Errorf("put back %d times, want 2", wrote)
	}
}

// TestContestedIsHeld: only the drift of that one person or team, only from the
// third run within the window on, and what needs it.
func TestContestedIsHeld(t *testing.T) {
	repaired := func(id string, ago ...time.Duration) func(*scene) {
		return func(s *scene) {
			for i, d := range ago {
				s.in.Managed.Repairs = append(s.in.Managed.Repairs, core.Repair{At: now.Add(-d), Action: core.Reactivate, OktaID: id, RequestID: fmt.Sprint("req-", i)})
			}
		}
	}
	with := func(changes ...func(*scene)) func() *scene {
		return func() *scene {
			s := newScene()
			s.in.Policy.Protect.RemovalsWindow = 24 * time.Hour
			s.tied("1", "ada@acme.com", suspendedByHand)
			s.tied("2", "bo@acme.com", suspendedByHand)
			for _, change := range changes {
				change(s)
			}
			return s
		}
	}
	ada := []string{"contested ada@acme.com"}
	checkRails(t, []rail{
		{name: "the second time", scene: with(repaired("1", time.Hour))},
		{name: "the third time", scene: with(repaired("1", 2*time.Hour, time.Hour)), refuses: ada,
			says: []string{"was suspended by hand in Attio", "put back 2 times in the last 24 h", "reactivate 2026-03-02 07:00:00 UTC request req-0, reactivate 2026-03-02 08:00:00 UTC request req-1",
				"scim-sync history --person ada@acme.com", "scim-sync release ada@acme.com"}},
		{name: "several writes of one run are one time", scene: with(repaired("1", time.Hour, time.Hour, time.Hour))},
		{name: "one of them is older than the window", scene: with(repaired("1", 24*time.Hour, time.Hour))},
		{name: "without a window", scene: with(repaired("1", 2*time.Hour, time.Hour), func(s *scene) { s.in.Policy.Protect.RemovalsWindow = 0 })},
		{name: "what changed in Okta goes on", scene: with(repaired("1", 2*time.Hour, time.Hour), func(s *scene) { s.in.Directory.People[1].Access = idp.Revoked })},
		{name: "a team", scene: with(repaired("g-Eng", 2*time.Hour, time.Hour), func(s *scene) {
			s.tied("3", "cy@acme.com")
			s.tiedTeam("Eng", "3")
			s.in.Workspace.Teams[0].Name = "Fun"
		}), refuses: []string{"contested Fun"}, says: []string{"was renamed by hand in Attio", "scim-sync unlink Eng"}},
	})
	s := with(repaired("1", 2*time.Hour, time.Hour), func(s *scene) {
		s.tiedTeam("Eng", "boss")
		s.in.Directory.Groups[0].Members = idset.Of("boss", "1", "2")
	})()
	p := s.propose(t)
	alike(t, "held", []string{"contested: reactivate ada@acme.com suspended→member,active", "needs-held-step: add_members Eng: ada@acme.com"}, heldWords(p.Plan.Held))
	alike(t, "steps", []string{"reactivate bo@acme.com suspended→member,active (drift)", "add_members Eng: bo@acme.com (okta)"}, wordsOfAll(p.Plan.Steps))
}

// TestAHeldNameKeepsItsHeirsWaiting: who takes a name that a held step would have
// given up waits for it.
func TestAHeldNameKeepsItsHeirsWaiting(t *testing.T) {
	s := newScene()
	s.in.Policy.Protect.RemovalsWindow = 24 * time.Hour
	s.tiedTeam("A", "boss")
	s.tiedTeam("B", "boss")
	s.in.Workspace.Teams[0].Name = "C"
	s.in.Directory.Groups[1].Name = "C"
	s.group("g-new", "B", "boss")
	for i := range 2 {
		s.in.Managed.Repairs = append(s.in.Managed.Repairs, core.Repair{At: now.Add(-time.Duration(i+1) * time.Hour), Action: core.RenameTeam, OktaID: "g-A"})
	}
	p := s.propose(t)
	alike(t, "held", []string{"contested: rename_team C C→A", "needs-held-step: rename_team B B→C", "needs-held-step: create_team B →B", "needs-held-step: add_members B: boss@acme.com"}, heldWords(p.Plan.Held))
	alike(t, "steps", nil, wordsOfAll(p.Plan.Steps))
}

// TestAContestEndsByHand: letting go of the person or the team, and taking them
// back, begins anew.
func TestAContestEndsByHand(t *testing.T) {
	m := core.Managed{People: map[string]core.ManagedPerson{"1": {OktaID: "1", AttioID: "a-1", Email: "ada@acme.com"}},
		Teams: map[string]core.ManagedTeam{"g": {GroupID: "g", TeamID: "t"}}}
	fight := func() {
		for _, id := range []string{"1", "g"} {
			for i := range 2 {
				m.Apply(core.Change{Repair: &core.Repair{At: now.Add(time.Duration(i) * time.Minute), OktaID: id}})
			}
		}
		if n := len(m.Contested(now.Add(time.Hour), 24*time.Hour)); n != 2 {
			t.Fatalf("%d contested", n)
		}
	}
	do := func(tie manage.Tie, err error) {
		t.Helper()
		if err != nil || len(tie.Changes) == 0 {
			t.Fatal(tie.Said, err)
		}
		for _, c := range tie.Changes {
			m.Apply(c)
		}
	}
	fight()
	do(manage.Release(m, "ada@acme.com", nil))
	do(manage.UndoRelease(m, "ada@acme.com", nil))
	do(manage.UnlinkGroup(m, "g", manage.Names{}), nil)
	do(manage.UndoUnlink(m, "g", manage.Names{}))
	if len(m.Repairs) > 0 {
		t.Errorf("still contested: %+v", m.Repairs)
	}
	fight()
	do(manage.ReleaseAll(m, false), nil)
	do(manage.LinkGroup(m, config.Default().Policy, idp.GroupRef{ID: "g", Name: "G"}, attio.Team{ID: "t2", Name: "G"}, manage.Names{}))
	if len(m.Repairs) > 0 {
		t.Errorf("still contested: %+v", m.Repairs)
	}
}
