package state

import (
	"testing"
	"time"

	core "scim-sync/sync"
)

// TestWhatWindowsCountIsKept: removals from teams and repairs are in the
// state, once each, however often their line is carried out.
func TestWhatWindowsCountIsKept(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		out := core.Step{Action: core.RemoveMembers, Team: &core.TeamRef{OktaID: "g", AttioID: "t"},
			People: []core.MemberRef{{OktaID: "1", Email: "a@acme.com"}, {Email: "b@acme.com"}, {Email: "c@acme.com"}}}
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
