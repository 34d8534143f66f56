package world

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/faults"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// unmade serves the small world before its first run, which asks for two teams.
// Their creations land as the Landing says while there is one.
func unmade(t *testing.T, landing *atomic.Pointer[attiotest.Landing]) *world {
	t.Helper()
	made, _, teams := playWorld()
	o := worldOptions{policy: playPolicy(teams), start: monday, landing: func(_ int, r *http.Request) *attiotest.Landing {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Groups") {
			return landing.Load()
		}
		return nil
	}}
	made.Okta.Groups[1].Members = nil // Ops, so that its team is asked for without any
	w, err := newWorld(made, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	return w
}

// teamsOnce fails unless Attio has each of the two teams once, and nothing is left
// to do.
func teamsOnce(t *testing.T, w *world) {
	t.Helper()
	n := map[string]int{}
	for _, team := range w.site.Snapshot().Teams {
		n[team.Name]++
	}
	if n["Eng"] != 1 || n["Ops"] != 1 || len(n) != 3 {
		t.Errorf("teams: %v", n)
	}
	m, unfinished, _, err := w.store.Read(t.Context())
	if err != nil || len(unfinished) > 0 {
		t.Errorf("left unfinished: %v, %v", unfinished, err)
	}
	for _, tie := range m.Teams {
		if !tie.Created {
			t.Errorf("taken for somebody else's: %+v", tie)
		}
	}
	if p, err := w.plan(t.Context()); err != nil || len(p.Steps)+len(p.Refusals) > 0 {
		t.Errorf("then %v %v %v", toldAll(p.Steps), codes(p), err)
	}
}

// TestATeamThatWasRefusedAndMadeIsOurs: an Attio that answers 400 to a creation
// and carries it out all the same has made the group's own team, which the next
// run finds.
func TestATeamThatWasRefusedAndMadeIsOurs(t *testing.T) {
	var landing atomic.Pointer[attiotest.Landing]
	w := unmade(t, &landing)
	landing.Store(&attiotest.Landing{Status: http.StatusBadRequest})
	out := w.apply(t.Context(), planner.Options{})
	if out.err != nil || out.report.Count(core.StepFailed) != 2 {
		t.Fatalf("%v %v", out.err, out.failed())
	}
	landing.Store(nil)
	if steps := clean(t, w, planner.Options{}).plan.Steps; len(steps) != 2 || steps[0].Action != core.LinkTeam || steps[1].Action != core.LinkTeam {
		t.Errorf("the next run: %v", toldAll(steps))
	}
	teamsOnce(t, w)
}

// TestATeamThatCameLateIsOurs: a creation that was on its way when the run ended
// lands after the next one has read. It is the group's own team, not somebody
// else's.
func TestATeamThatCameLateIsOurs(t *testing.T) {
	var landing atomic.Pointer[attiotest.Landing]
	w := unmade(t, &landing)
	landing.Store(&attiotest.Landing{After: 1 << 20, Status: http.StatusGatewayTimeout})
	if out := w.apply(t.Context(), planner.Options{}); out.err != nil || len(out.failed()) == 0 {
		t.Fatalf("%v %v", out.err, out.failed())
	}
	landing.Store(nil)
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodPost {
			w.site.LandAll()
		}
		return faults.None
	})
	out := clean(t, w, planner.Options{})
	if len(out.report.Notes) != 2 || out.report.Notes[0].Code != core.NoteAdoptedLate {
		t.Errorf("notes: %+v", out.report.Notes)
	}
	w.upset(nil)
	clean(t, w, planner.Options{})
	teamsOnce(t, w)
}

// TestATeamOfAnotherIsNotTakenOver: a name that somebody took between the reading
// and the request is theirs, also at the next run.
func TestATeamOfAnotherIsNotTakenOver(t *testing.T) {
	var landing atomic.Pointer[attiotest.Landing]
	w := unmade(t, &landing)
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Groups") {
			_ = w.site.CreateTeam("Ops")
		}
		return faults.None
	})
	if out := w.apply(t.Context(), planner.Options{}); len(out.failed()) == 0 {
		t.Fatal("nothing failed")
	}
	w.upset(nil)
	p, err := w.plan(t.Context())
	if err != nil || len(p.Refusals) != 1 || p.Refusals[0].Code != core.TeamNameTaken {
		t.Errorf("%v %v %v", toldAll(p.Steps), codes(p), err)
	}
}
