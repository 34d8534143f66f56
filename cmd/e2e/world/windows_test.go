package world

import (
	"net/http"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/faults"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// TestLostAnswersLoosenNoWindow: what was done counts in the windows of the caps,
// though the answer to each write is lost or cannot be read.
func TestLostAnswersLoosenNoWindow(t *testing.T) {
	people := []string{"ann@acme.example", "ben@acme.example", "cat@acme.example", "dan@acme.example", "eve@acme.example"}
	for name, c := range map[string]struct {
		event func(w *world, n int) error
		most  int
		done  func(before, now attiotest.Snapshot) int
	}{
		"suspensions": {func(w *world, n int) error { return w.okta.Unassign(people[n]) }, 2,
			func(_, now attiotest.Snapshot) int { return suspendedIn(now) }},
		"a team": {func(w *world, n int) error { return w.okta.RemoveMember("Eng", people[n]) }, 2,
			func(before, now attiotest.Snapshot) int {
				was, _ := before.Team("Eng")
				is, _ := now.Team("Eng")
				return len(was.Members) - len(is.Members)
			}},
		"addresses": {func(w *world, n int) error { return w.okta.SetEmail(people[n], "x."+people[n]) }, 2,
			func(_, now attiotest.Snapshot) (n int) {
				for _, who := range people {
					if _, there := now.Member("x." + who); there {
						n++
					}
				}
				return n
			}},
	} {
		for _, kind := range []faults.Kind{faults.AnswerLost, faults.Truncated, faults.EmptyBody, faults.NullBody} {
			t.Run(name+", "+kind.String(), func(t *testing.T) {
				w := smallWorld(t, nil)
				for _, who := range people {
					ok(t, w.okta.Assign(who, "member"), w.okta.AddMember("Eng", who))
				}
				clean(t, w, planner.Options{})
				before, p := w.site.Snapshot(), &w.policy.Protect
				p.RemovalsWindow, p.Removals, p.RemovalsFloor = 24*time.Hour, core.Amount{N: 2}, 2
				p.TeamRemovals, p.TeamRemovalsFloor = core.Amount{N: 2}, 0
				p.EmailChanges, p.EmailChangesFloor = core.Amount{N: 2}, 2
				w.upset(func(side string, _ int, r *http.Request) faults.Kind {
					if side == "attio" && r.Method != http.MethodGet {
						return kind
					}
					return faults.None
				})
				for n := range people {
					w.wait(time.Hour)
					ok(t, c.event(w, n))
					out := w.apply(t.Context(), planner.Options{})
					t.Logf("run %d: %v %v %v", n, toldAll(out.plan.Steps), out.failed(), out.plan.Refusals)
				}
				if n := c.done(before, w.site.Snapshot()); n != c.most {
					t.Errorf("%d, want %d", n, c.most)
				}
			})
		}
	}
}

// TestLostAnswersHideNoFight: what was put back counts, though the answer to each
// write is lost or cannot be read.
func TestLostAnswersHideNoFight(t *testing.T) {
	const ann = "ann@acme.example"
	for name, other := range map[string]func(w *world) error{
		"a suspension": func(w *world) error { return w.site.Suspend(ann) },
		"a role":       func(w *world) error { return w.site.SetRole(ann, attiotest.RoleAdmin) },
		"a name":       func(w *world) error { return w.site.RenamePerson(ann, "Other", "Name") },
		"a membership": func(w *world) error { return w.site.RemoveTeamMember("Eng", ann) },
		"a team":       func(w *world) error { return w.site.RenameTeam("Eng", "Other") },
	} {
		for _, kind := range sample.One(name, []faults.Kind{faults.None, faults.AnswerLost, faults.Truncated, faults.NullBody}) {
			t.Run(name+", "+kind.String(), func(t *testing.T) {
				w := smallWorld(t, nil)
				w.policy.Protect.RemovalsWindow = 24 * time.Hour
				ok(t, w.okta.Assign(ann, "member"), w.okta.AddMember("Eng", ann))
				clean(t, w, planner.Options{})
				w.upset(func(side string, _ int, r *http.Request) faults.Kind {
					if side == "attio" && r.Method != http.MethodGet {
						return kind
					}
					return faults.None
				})
				wrote := 0
				for n := range 6 {
					w.wait(time.Hour)
					_ = other(w) // it may be so still
					out := w.apply(t.Context(), planner.Options{})
					if len(out.plan.Steps) > 0 {
						wrote++
					}
					t.Logf("run %d: %v %v %v", n, toldAll(out.plan.Steps), out.failed(), out.plan.Refusals)
				}
				if wrote != 2 {
					t.Errorf("put back %d times, want 2", wrote)
				}
			})
		}
	}
}
