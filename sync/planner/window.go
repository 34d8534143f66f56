package planner

import (
	"fmt"
	"slices"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// withinWindow gives earlier removals that still count. What a run that was cut
// off may have done does not, where this plan would make it again.
func (v *review) withinWindow(pick func(core.Removal) bool) (list []core.Removal) {
	window := v.in.Policy.Protect.RemovalsWindow
	if window <= 0 {
		return nil
	}
	from := v.in.Now.Add(-window)
	for _, r := range v.in.Managed.Removals {
		if r.At.After(from) && pick(r) && (!r.Unfinished || !v.repeats(r)) {
			list = append(list, r)
		}
	}
	return list
}

// lostLately counts the removals from a team within the window, but for those who
// are only invited, and the people who would be in the team without them.
func (v *review) lostLately(teamID string) (removals, people int) {
	team, out := v.teams.catalog.byID[teamID], map[string]bool{}
	for _, r := range v.withinWindow(func(r core.Removal) bool { return r.Team == teamID }) {
		at := -1
		if s := v.byOkta[r.OktaID]; s != nil {
			at = s.member
		}
		switch {
		case at >= 0 && v.members[at].Status == attio.Invited:
			continue
		case at < 0 || team == nil || !team.Members.Has(v.members[at].ID):
			out[r.OktaID+" "+r.Email] = true
		}
		removals++
	}
	return removals, len(out)
}

// repeats says whether the plan makes a removal.
func (v *review) repeats(r core.Removal) bool {
	for i := range v.steps {
		s := &v.steps[i]
		if rec := s.Record; rec != nil && rec.Removal != nil && rec.Removal.Same(r) || slices.ContainsFunc(s.Removals(r.At), r.Same) {
			return true
		}
	}
	return false
}

// windowWords is how a window reads: 24 h.
func windowWords(w time.Duration) string {
	if w%time.Hour == 0 {
		return fmt.Sprintf("%d h", int(w/time.Hour))
	}
	return w.String()
}
