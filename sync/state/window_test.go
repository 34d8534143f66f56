package state

import (
	"testing"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// TestWhatWindowsCountIsKept: removals from teams and repairs are in the
// state, once each, however often their line is carried out.
func TestWhatWindowsCountIsKept(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		out := core.Step{Action: core.RemoveMembers, Team: &core.TeamRef{OktaID: "g", AttioID: "t"},
			People: []*core.MemberRef{{OktaID: "1", Email: "a@acme.com"}, {Email: "b@acme.com"}, {Email: "c@acme.com"}}}
		change := core.Change{Removals: out.Removals(day0), Repair: &core.Repair{At: day0, Action: core.RemoveMembers, OktaID: "g", RequestID: "req-1"},
			Invited: core.InviteTo("A@acme.com", day0)}
		r := begin(t, s, "run-1")
		bind(t, r)
		for range 2 {
			write(t, r, core.Intent{Step: out, At: day0}, core.Outcome{Status: 200, Change: change})
		}
		finish(t, r, 0)
		begin(t, s, "run-2").Close()
		m, _, _ := read(t, s)
		same(t, "removals", change.Removals, m.Removals)
		same(t, "repairs", []core.Repair{*change.Repair}, m.Repairs)
		same(t, "invites", map[string][]time.Time{"a@acme.com": {day0}}, m.Invites)
		later := runInfo("later")
		later.Now = at(day0.Add(2 * removalsKept))
		r = beginAt(t, s, later)
		change.Repair = &core.Repair{At: day0.Add(removalsKept + time.Second), OktaID: "g"}
		change.Invited = core.InviteTo("b@acme.com", change.Repair.At)
		change.Removals[0].At = change.Repair.At
		change.Removals = change.Removals[:1]
		write(t, r, core.Intent{Step: out, At: day0}, core.Outcome{Status: 200, Change: change})
		finish(t, r, 0)
		m, _, _ = read(t, s)
		same(t, "removals of the last days", change.Removals, m.Removals)
		same(t, "repairs of the last days", []core.Repair{*change.Repair}, m.Repairs)
		same(t, "invites of the last days", map[string][]time.Time{"b@acme.com": {change.Repair.At}}, m.Invites)
	})
}

func TestLostRemovalCountsUntilAnotherOneDoes(t *testing.T) {
	s := Memory(core.Managed{})
	r := begin(t, s, "run-1")
	write(t, r, suspend(1), core.Outcome{Error: "the answer was lost"})
	write(t, r, suspend(1), core.Outcome{Status: 409, Error: "no"})
	finish(t, r, 4)
	if m, u, _ := read(t, s); len(m.Removals) != 1 || len(u) != 1 {
		t.Fatalf("the first try may have happened: %v, %v", m.Removals, u)
	}
	r = begin(t, s, "run-2")
	actual := core.Removal{At: day0.Add(time.Hour), Action: core.Suspend, OktaID: person(1).OktaID}
	write(t, r, suspend(1), core.Outcome{Status: 200, Change: core.Change{Removal: &actual}})
	finish(t, r, 0)
	if m, u, _ := read(t, s); len(m.Removals) != 1 || len(u) != 0 {
		t.Fatalf("this one did: %v, %v", m.Removals, u)
	}
}

func TestUnfinishedMembershipRemovalsCountForEachPerson(t *testing.T) {
	s := Memory(core.Managed{})
	r := begin(t, s, "cut-off")
	i := core.Intent{Step: core.Step{Action: core.RemoveMembers, Team: &core.TeamRef{OktaID: "g1"},
		People: []*core.MemberRef{{OktaID: "a"}, {OktaID: "b"}}}}
	if _, err := r.Announce(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if m, _, _ := read(t, s); len(m.Removals) != 2 || m.Removals[1].OktaID != "b" {
		t.Fatalf("got %+v", m.Removals)
	}
}

// A change of address that may have happened counts in the window of its own
// cap, and that of an admin as theirs.
func TestUnfinishedChangeOfAddressCounts(t *testing.T) {
	s := Memory(core.Managed{})
	r := begin(t, s, "cut-off")
	if _, err := r.Announce(t.Context(), core.Intent{Step: core.Step{Action: core.ChangeEmail, Person: &core.PersonRef{OktaID: "a", Email: "ada@acme.io"},
		Before: core.Values{Email: "ada@acme.com", Role: attio.RoleAdmin}, After: core.Values{Email: "ada@acme.io"}}}); err != nil {
		t.Fatal(err)
	}
	r.Close()
	m, _, _ := read(t, s)
	if len(m.Removals) != 1 || m.Removals[0].Action != core.ChangeEmail || !m.Removals[0].Admin {
		t.Fatalf("got %+v", m.Removals)
	}
}

func TestOldRemovalsAndPlansAreForgotten(t *testing.T) {
	s := Memory(core.Managed{WorkspaceID: "ws",
		Removals: []core.Removal{{At: day0, OktaID: "old"}, {At: day0.Add(removalsKept + time.Second), OktaID: "young"}},
		PlansApplied: []core.AppliedPlan{{ID: "old", At: day0.AddDate(-1, 0, 0)},
			{ID: "young", At: day0.Add(time.Hour)}}})
	info := runInfo("later")
	info.Now = at(day0.Add(removalsKept + time.Minute))
	r := beginAt(t, s, info)
	write(t, r, provision(1), provisioned(1))
	finish(t, r, 0)
	m, _, _ := read(t, s)
	if len(m.Removals) != 1 || m.Removals[0].OktaID != "young" || len(m.PlansApplied) != 1 || m.PlansApplied[0].ID != "young" {
		t.Fatalf("got %+v", m)
	}
}

// TestNoComputersClockMovesAWindow: removals count from the time that the plan
// counts by, though the computer was two years behind, and no run on one that is two
// years ahead forgets them.
func TestNoComputersClockMovesAWindow(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		info := runInfo("behind")
		info.Now = at(day0.AddDate(-2, 0, 0))
		r := beginAt(t, s, info)
		bind(t, r)
		done, open := suspend(1), suspend(2)
		done.At, open.At = day0, day0
		write(t, r, done, core.Outcome{Status: 200, Change: core.Change{Removal: &done.Step.Removals(day0)[0]}})
		if _, err := r.Announce(t.Context(), open); err != nil {
			t.Fatal(err)
		}
		finish(t, r, 0)
		before, u, _ := read(t, s)
		if len(before.Removals) != 2 || !before.Removals[1].At.Equal(day0) || !u[0].At.Equal(day0) {
			t.Fatalf("got %+v, unfinished %+v", before.Removals, u)
		}
		info = runInfo("ahead")
		info.Now = at(day0.AddDate(2, 0, 0))
		r = beginAt(t, s, info)
		if err := r.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		write(t, r, provision(3), provisioned(3))
		finish(t, r, 0)
		after, _, _ := read(t, s)
		for i := range before.Removals {
			before.Removals[i].Unfinished = false // somebody has looked
		}
		same(t, "removals", before.Removals, after.Removals)
	})
}
