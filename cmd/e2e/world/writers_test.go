package world

import (
	"fmt"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// dispute is something that two writers on one workspace do not agree about.
type dispute struct {
	name    string
	other   func(w *world) error // what the second one's Okta says instead
	gap     time.Duration        // between a run and the next one
	starter int
}

func (d dispute) String() string {
	return fmt.Sprintf("%s, every %s, %d begins", d.name, d.gap, d.starter)
}

func disputes() (list []dispute) {
	const ann = "ann@acme.example"
	for _, d := range []dispute{
		{name: "assignment", other: func(w *world) error { return w.okta.Unassign(ann) }},
		{name: "role", other: func(w *world) error { return w.okta.SetRole(ann, "admin") }},
		{name: "name", other: func(w *world) error { return w.okta.SetName(ann, "Anna", "Other") }},
		{name: "address", other: func(w *world) error { return w.okta.SetEmail(ann, "anna@acme.example") }},
		{name: "membership", other: func(w *world) error { return w.okta.RemoveMember("Eng", ann) }},
		{name: "team", other: func(w *world) error { return w.okta.RenameGroup("Eng", "Engineers") }},
	} {
		for _, d.gap = range []time.Duration{time.Minute, time.Hour, 5 * time.Hour} {
			for d.starter = range 2 {
				list = append(list, d)
			}
		}
	}
	return list
}

// TestTwoWritersOnOneWorkspace: two programs, each with an Okta and a state of its
// own, put each other's work back twice a day at most, leave an admin at every
// request, and go on as soon as they agree.
func TestTwoWritersOnOneWorkspace(t *testing.T) {
	cases := sample.Of(disputes(), 11)
	for _, d := range cases {
		t.Run(d.String(), func(t *testing.T) { d.play(t) })
	}
	t.Logf("%d disputes were played", len(cases))
}

func (d dispute) play(t *testing.T) {
	watch := &watch{}
	sides := [2]*world{}
	for i := range sides {
		made, _, teams := playWorld()
		policy := playPolicy(teams)
		policy.Protect.RemovalsWindow = 24 * time.Hour
		policy.Protect.TeamRemovalsFloor = 1000
		w, err := newWorld(made, worldOptions{observer: watch.see, policy: policy, start: monday})
		ok(t, err)
		t.Cleanup(func() { _ = w.close() })
		ok(t, w.okta.Assign("ann@acme.example", "member"), w.okta.Assign("ben@acme.example", "member"), w.okta.AddMember("Eng", "ann@acme.example"))
		sides[i] = w
	}
	first, second := sides[0], sides[1]
	second.siteURL, second.site, second.policy.Teams.LinkSameName = first.siteURL, first.site, true
	for _, w := range sides {
		clean(t, w, planner.Options{})
	}
	ok(t, d.other(second))
	wrote, held := [2][]time.Time{}, 0
	for turn := range 40 {
		side := (turn + d.starter) % 2
		w := sides[side]
		first.wait(d.gap)
		second.clock.Store(first.clock.Load())
		out := clean(t, w, planner.Options{})
		if len(out.plan.Steps) > 0 {
			wrote[side] = append(wrote[side], w.now())
		}
		for _, r := range out.plan.Refusals {
			if held++; r.Code != core.Contested {
				t.Fatalf("%+v", r)
			}
		}
	}
	ok(t, watch.err())
	for side, times := range wrote {
		for i := 3; i < len(times); i++ {
			if since := times[i].Sub(times[i-3]); since < 24*time.Hour {
				t.Errorf("the writer %d wrote four times within %s: %v", side, since, times)
			}
		}
	}
	if held == 0 || len(wrote[0])+len(wrote[1]) < 4 {
		t.Errorf("held %d times, wrote %v: want a fight that ends", held, wrote)
	}
}

// TestMovedClocks: a computer that is two years ahead, or behind, in one of the
// runs has no cap of the window allow more.
func TestMovedClocks(t *testing.T) {
	const gus = "gus@else.example"
	people := []string{"ann@acme.example", "ben@acme.example", "cat@acme.example", "dan@acme.example", "eve@acme.example"}
	type moved struct {
		name  string
		event func(w *world, n int) error
		most  int
		done  func(before, now attiotest.Snapshot) int
		skew  time.Duration
		run   int
	}
	var cases []moved
	for _, c := range []moved{
		{name: "suspensions", most: 2, event: func(w *world, n int) error { return w.okta.Unassign(people[n]) },
			done: func(_, now attiotest.Snapshot) (n int) {
				for _, m := range now.Members {
					if m.Status == attiotest.Suspended {
						n++
					}
				}
				return n
			}},
		{name: "a team", most: 2, event: func(w *world, n int) error { return w.okta.RemoveMember("Eng", people[n]) },
			done: func(before, now attiotest.Snapshot) int {
				was, _ := before.Team("Eng")
				is, _ := now.Team("Eng")
				return len(was.Members) - len(is.Members)
			}},
		{name: "invites", most: 3, event: func(w *world, n int) error {
			if err := w.okta.Assign(gus, "member"); err != nil {
				return err
			}
			if out := w.apply(t.Context(), planner.Options{}); out.err != nil {
				return out.err
			}
			return w.okta.Unassign(gus)
		}, done: func(_, now attiotest.Snapshot) int { return mails(now)["invite to "+gus] }},
	} {
		for _, years := range []time.Duration{-2, 2} {
			for c.run = range len(people) {
				c.skew = years * 365 * 24 * time.Hour
				cases = append(cases, c)
			}
		}
	}
	some := sample.Of(cases, 7)
	for _, c := range some {
		t.Run(fmt.Sprintf("%s, %s in run %d", c.name, c.skew, c.run), func(t *testing.T) {
			w := smallWorld(t, nil)
			for _, who := range people {
				ok(t, w.okta.Assign(who, "member"), w.okta.AddMember("Eng", who))
			}
			clean(t, w, planner.Options{})
			before, p := w.site.Snapshot(), &w.policy.Protect
			p.RemovalsWindow, p.Removals, p.RemovalsFloor = 24*time.Hour, core.Amount{N: 2}, 2
			p.TeamRemovals, p.TeamRemovalsFloor = core.Amount{N: 2}, 0
			if c.name == "invites" {
				p.RemovalsWindow = 0
			}
			for n := range people {
				w.wait(time.Hour)
				if w.skew = 0; n == c.run {
					w.skew = c.skew
				}
				ok(t, c.event(w, n))
				if out := w.apply(t.Context(), planner.Options{}); out.err != nil {
					t.Fatal(out.err)
				}
			}
			if n := c.done(before, w.site.Snapshot()); n != c.most {
				t.Errorf("%d, want %d", n, c.most)
			}
		})
	}
	t.Logf("%d moved clocks were played", len(some))
}
