package state

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// eachStore runs a promise against every kind of store.
func eachStore(t *testing.T, promise func(t *testing.T, s *Store)) {
	t.Run("files", func(t *testing.T) {
		s, _ := files(t)
		promise(t, s)
	})
	t.Run("memory", func(t *testing.T) { promise(t, Memory(core.Managed{})) })
}

func TestNothingIsKnownAtFirst(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		m, u, info := read(t, s)
		if info.Exists || len(u) != 0 || len(m.People) != 0 || m.People == nil || m.Teams == nil {
			t.Fatalf("got %+v %v %+v", m, u, info)
		}
	})
}

func TestWhatARunWritesIsThereForTheNext(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := begin(t, s, "run-1")
		bind(t, r)
		write(t, r, provision(1), provisioned(1))
		adopted := person(2)
		adopted.NotTaken = &core.NotTaken{Profile: attio.Profile{GivenName: "Ann"}}
		step := core.Step{Action: core.Adopt, Person: &core.PersonRef{OktaID: adopted.OktaID, Email: adopted.Email}}
		latch := core.Latch{Code: "too-many-removals", At: day0}
		plan := core.AppliedPlan{ID: "sha256:1", CreatedAt: day0, At: day0}
		for _, c := range []core.Change{{Person: &adopted}, {Latch: &latch}, {PlanApplied: &plan},
			{Teams: []core.ManagedTeam{{GroupID: "g2", TeamID: "t2"}, {GroupID: "g1", TeamID: "t1", Created: true}}},
			{Removal: &core.Removal{At: day0, Action: core.Suspend, OktaID: "00u9", Email: "x@acme.com", Admin: true}}} {
			if err := r.Learn(t.Context(), &step, c); err != nil {
				t.Fatal(err)
			}
		}
		inRun := r.Managed()
		midway, _, _ := read(t, s)
		same(t, "a reader beside the run", inRun, midway)
		finish(t, r, 0)

		m, u, info := read(t, s)
		same(t, "after the run", inRun, m)
		if len(m.People) != 2 || len(m.Teams) != 2 || len(u) != 0 || !info.Exists || info.Serial != 1 || m.AppID != "0oa1" {
			t.Fatalf("got %+v %v %+v", m, u, info)
		}
		if info.LastRun == nil || info.LastRun.Info.RunID != "run-1" || info.LastRun.Summary == nil {
			t.Fatalf("last run: %+v", info.LastRun)
		}
		next := begin(t, s, "run-2")
		same(t, "the next run's", inRun, next.Managed())
		verified(t, s)
	})
}

// TestWhatWasGivenStaysAsItIs: neither what a caller does with a change, nor what the
// run learns later or forgets at its end, shows in what was managed before.
func TestWhatWasGivenStaysAsItIs(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := begin(t, s, "run-1")
		bind(t, r)
		learn := func(c core.Change) {
			t.Helper()
			if err := r.Learn(t.Context(), nil, c); err != nil {
				t.Fatal(err)
			}
		}
		ann, bob := person(1), person(2)
		ann.NotTaken = &core.NotTaken{Profile: attio.Profile{GivenName: "Ann"}}
		learn(core.Change{Person: &ann, Invited: core.InviteTo("ann@acme.com", day0)})
		learn(core.Change{Person: &bob, Invited: core.InviteTo("bob@acme.com", day0.Add(-30*24*time.Hour))})
		ann.NotTaken.GivenName = "changed by the caller"
		given := r.Managed()
		before, err := json.Marshal([]any{given, given.People, given.Teams})
		if err != nil || given.People[ann.OktaID].NotTaken.GivenName != "Ann" {
			t.Fatalf("%+v, %v", given.People, err)
		}
		ann.NotTaken = nil
		learn(core.Change{Person: &ann, ForgetPerson: bob.OktaID, Invited: core.InviteTo("ann@acme.com", day0.Add(time.Hour))})
		learn(core.Change{Teams: []core.ManagedTeam{{GroupID: "g1", TeamID: "t1"}}, NoLaterThan: day0})
		write(t, r, provision(3), provisioned(3))
		finish(t, r, 0)
		after, err := json.Marshal([]any{given, given.People, given.Teams})
		if err != nil || string(after) != string(before) {
			t.Errorf("%v\n%s\nis now\n%s", err, before, after)
		}
		if now, _, _ := read(t, s); now.People[ann.OktaID].NotTaken != nil || len(now.People) != 2 || len(now.Teams) != 1 || len(now.Invites["bob@acme.com"]) != 0 {
			t.Errorf("nothing of it was learned: %+v", now)
		}
	})
}

func TestRunThatChangesNothingLeavesOneLineAndNoSnapshot(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := begin(t, s, "first")
		bind(t, r)
		finish(t, r, 0)
		before := verified(t, s)
		_, _, info := read(t, s)
		for _, id := range []string{"idle-1", "idle-2"} {
			r := begin(t, s, id)
			bind(t, r)
			if err := r.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := r.Learn(t.Context(), nil, core.Change{}); err != nil {
				t.Fatal(err)
			}
			finish(t, r, 3)
		}
		if after := verified(t, s); after.Lines != before.Lines+2 {
			t.Errorf("%d lines became %d", before.Lines, after.Lines)
		}
		_, _, idle := read(t, s)
		if idle.Serial != info.Serial {
			t.Errorf("serial %d became %d", info.Serial, idle.Serial)
		}
		if run := idle.LastRun; run.Info.RunID != "idle-2" || run.Info.Operator != "ann" || run.Summary.ExitCode != 3 {
			t.Errorf("last run: %+v", run)
		}
	})
}

func TestRefusedFirstRunLeavesNoState(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		finish(t, begin(t, s, "refused"), 3)
		if _, _, info := read(t, s); info.Exists || info.LastRun == nil {
			t.Fatalf("got %+v", info)
		}
	})
}

func TestOpenWritesAreUnfinishedUntilSettled(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := begin(t, s, "cut-off")
		bind(t, r)
		write(t, r, provision(1), provisioned(1))
		for _, i := range []core.Intent{provision(2), suspend(3)} {
			if _, err := r.Announce(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		lost := core.Outcome{Error: "the answer was lost"}
		write(t, r, provision(4), lost)
		write(t, r, provision(5), lost)
		write(t, r, provision(5), provisioned(5)) // the second try tells
		r.Close()

		m, u, _ := read(t, s)
		if len(m.People) != 2 || len(u) != 3 {
			t.Fatalf("people %v, unfinished %v", m.People, u)
		}
		same(t, "what was meant, with its proof", suspend(3), u[1].Intent)
		same(t, "it counts", []core.Removal{{At: u[1].At, Action: core.Suspend, OktaID: person(3).OktaID,
			Email: person(3).Email, Admin: true, Unfinished: true}}, m.Removals)

		next := begin(t, s, "next")
		same(t, "unfinished for the next run", u, next.Unfinished())
		own, err := next.Announce(t.Context(), suspend(6))
		if err != nil {
			t.Fatal(err)
		}
		if len(next.Unfinished()) != 3 || len(next.Managed().Removals) != 1 {
			t.Error("a run's own writes under way are not unfinished ones")
		}
		if err := next.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(next.Unfinished()) != 0 || len(next.Managed().Removals) != 1 {
			t.Error("settled writes are not listed, and go on counting in the window")
		}
		actual := core.Removal{At: u[1].At.Add(time.Minute), Action: core.Suspend, OktaID: person(3).OktaID}
		if err := next.Learn(t.Context(), nil, core.Change{Removal: &actual}); err != nil {
			t.Fatal(err)
		}
		same(t, "the same removal counts once", []core.Removal{actual}, next.Managed().Removals)
		if err := next.Complete(t.Context(), own, core.Outcome{Status: 200}); err != nil {
			t.Fatal(err)
		}
		finish(t, next, 0)
		if m, u, _ := read(t, s); len(u) != 0 || len(m.Removals) != 1 {
			t.Errorf("at the end: %v, %v", u, m.Removals)
		}
	})
}

func TestCompleteWorksAlthoughTheRunIsCancelled(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := begin(t, s, "run-1")
		ctx, cancel := context.WithCancel(t.Context())
		ticket, err := r.Announce(ctx, provision(1))
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := r.Announce(ctx, provision(2)); !errors.Is(err, context.Canceled) {
			t.Fatalf("announce after the end: %v", err)
		}
		if err := r.Complete(ctx, ticket, provisioned(1)); err != nil {
			t.Fatal(err)
		}
		if err := r.Finish(ctx, Summary{ExitCode: 130}); err != nil {
			t.Fatal(err)
		}
		m, u, info := read(t, s)
		if len(m.People) != 1 || len(u) != 0 || info.LastRun.Summary.ExitCode != 130 {
			t.Fatalf("got %+v %v %+v", m, u, info)
		}
	})
}

func TestWrongTicketsAreRefused(t *testing.T) {
	s := Memory(core.Managed{})
	r := begin(t, s, "run-1")
	ticket := write(t, r, provision(1), provisioned(1))
	for _, wrong := range []uint64{0, ticket, ticket + 1, 99} {
		if r.Complete(t.Context(), wrong, core.Outcome{Status: 200}) == nil {
			t.Errorf("ticket %d was taken", wrong)
		}
	}
	write(t, r, provision(2), provisioned(2)) // the run goes on
	finish(t, r, 0)
	if err := r.Finish(t.Context(), Summary{}); !errors.Is(err, ErrClosed) {
		t.Errorf("second finish: %v", err)
	}
	if _, err := r.Announce(t.Context(), provision(3)); !errors.Is(err, ErrClosed) {
		t.Errorf("announce after finish: %v", err)
	}
}

func TestSecondRunHearsWhoHoldsTheLock(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := begin(t, s, "run-1")
		_, err := s.Begin(t.Context(), runInfo("run-2"))
		var locked *LockedError
		if !errors.As(err, &locked) {
			t.Fatalf("got %v", err)
		}
		if h := locked.Holder; h.RunID != "run-1" || h.Command != "apply" || h.PID == 0 || !h.Since.Equal(r.opening.info.Began) {
			t.Fatalf("holder %+v", h)
		}
		finish(t, r, 0)
		begin(t, s, "run-3")
	})
}

func TestRebindingMovesTheState(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := begin(t, s, "run-1")
		bind(t, r)
		finish(t, r, 0)
		r = begin(t, s, "rebind")
		if err := r.Bind(t.Context(), "ws-1", "https://acme.okta.com", "0oa2"); err != nil {
			t.Fatal(err)
		}
		finish(t, r, 0)
		if m, _, _ := read(t, s); m.AppID != "0oa2" {
			t.Fatalf("got %q", m.AppID)
		}
	})
}

func TestHistoryTellsWhoRemovedWhom(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := begin(t, s, "run-1")
		write(t, r, provision(1), provisioned(1))
		write(t, r, provision(2), provisioned(2))
		finish(t, r, 0)
		r = begin(t, s, "run-2")
		if err := r.Override(t.Context(), Override{Flag: "--allow-removals", N: 1, Reason: "reorg"}); err != nil {
			t.Fatal(err)
		}
		r.SetPlan("sha256:late")
		write(t, r, suspend(1), core.Outcome{Status: 200})
		finish(t, r, 4)

		var last Event
		n := 0
		for e, err := range s.History(t.Context(), Filter{Person: " P1@ACME.com"}) {
			if err != nil {
				t.Fatal(err)
			}
			last = e
			n++
		}
		if n != 4 || last.Of == nil || last.Of.Proof.RequestID != "okta-req" || last.By.Operator != "ann" || last.By.RunID != "run-2" {
			t.Fatalf("%d events, last %+v", n, last)
		}
		same(t, "by Okta id", 4, len(kinds(t, s, Filter{Person: person(1).OktaID})))
		same(t, "one run", []LineKind{LineRun, LineOverride, LineIntent, LineOutcome, LineEnd}, kinds(t, s, Filter{Run: "run-2"}))

		runs, _, err := s.LastRuns(t.Context(), 0)
		if err != nil || len(runs) != 2 {
			t.Fatalf("runs %v, %v", runs, err)
		}
		if got := runs[1]; got.Info.PlanID != "sha256:late" || got.Intents != 1 || got.Summary.ExitCode != 4 || got.Ended.IsZero() {
			t.Fatalf("run 2: %+v", got)
		}
	})
}

func TestWriteThroughChangesAtOnceOrNotAtAll(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		code := func(error) int { return 5 }
		link := func(r *Run) error {
			return r.Learn(t.Context(), nil, core.Change{Teams: []core.ManagedTeam{{GroupID: "g1", TeamID: "t1"}}})
		}
		if err := s.WriteThrough(t.Context(), runInfo("link"), code, link); err != nil {
			t.Fatal(err)
		}
		nobody := errors.New("nobody of that name")
		fail := func(r *Run) error {
			same(t, "the change sees what is managed", "t1", r.Managed().Teams["g1"].TeamID)
			return nobody
		}
		if err := s.WriteThrough(t.Context(), runInfo("release"), code, fail); !errors.Is(err, nobody) {
			t.Fatalf("got %v", err)
		}
		m, _, info := read(t, s)
		if len(m.Teams) != 1 || info.LastRun.Summary.Error != nobody.Error() || info.LastRun.Summary.ExitCode != 5 {
			t.Fatalf("got %+v %+v", m.Teams, info.LastRun.Summary)
		}
	})
}

func TestMemoryHoldsWhatItWasGiven(t *testing.T) {
	given := core.Managed{WorkspaceID: "ws", OrgURL: "https://acme.okta.com", AppID: "0oa",
		People: map[string]core.ManagedPerson{"00u0001": person(1)},
		Teams:  map[string]core.ManagedTeam{"g": {GroupID: "g", TeamID: "t", Applied: core.AppliedTeam{Name: "Eng", KeepName: true}}}}
	s := Memory(given)
	r := begin(t, s, "run-1")
	write(t, r, provision(2), provisioned(2))
	finish(t, r, 0)
	m, _, info := read(t, s)
	delete(m.People, person(2).OktaID)
	same(t, "given", given, m)
	if !info.Exists || info.Serial != 2 || m.People["00u0001"].Applied.Role != attio.RoleMember {
		t.Fatalf("got %+v", info)
	}
	verified(t, s)
}
