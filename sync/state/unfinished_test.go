package state

import (
	"fmt"
	"testing"

	core "scim-sync/sync"
)

// TestWritesThatFailAtEveryRunDoNotAddUp: a write whose end is not known, tried
// again by each run and never known, is unfinished once. A removal is kept as
// often as it may have happened, for the caps count it.
func TestWritesThatFailAtEveryRunDoNotAddUp(t *testing.T) {
	s := Memory(core.Managed{})
	team := core.Intent{Step: core.Step{Action: core.CreateTeam, Team: &core.TeamRef{OktaID: "g", Name: "Eng"}, After: core.Values{Name: "Eng"}}}
	renamed := team
	renamed.Step.After.Name = "Engineering"
	for i := range 5 {
		r := begin(t, s, fmt.Sprint("run-", i))
		bind(t, r)
		for _, intent := range []core.Intent{team, team, renamed, suspend(1)} {
			write(t, r, intent, core.Outcome{Error: "HTTP 400 (refused)"})
		}
		finish(t, r, 4)
	}
	_, unfinished, _ := read(t, s)
	n := map[core.Action]int{}
	for _, u := range unfinished {
		n[u.Intent.Step.Action]++
	}
	same(t, "unfinished", map[core.Action]int{core.CreateTeam: 2, core.Suspend: 5}, n)
}
