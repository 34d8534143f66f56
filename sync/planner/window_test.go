package planner

import (
	"fmt"
	"testing"
	"time"

	core "scim-sync/sync"

	"scim-sync/internal/idset"
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
