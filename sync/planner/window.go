package planner

import (
	"fmt"
	"slices"
	"time"

	core "scim-sync/sync"
)

// withinWindow counts earlier removals that still count. What a run that was cut
// off may have done does not, where this plan would make it again.
func (v *review) withinWindow(pick func(core.Removal) bool) int {
	window := v.in.Policy.Protect.RemovalsWindow
	if window <= 0 || len(v.in.Managed.Removals) == 0 {
		return 0
	}
	n, from := 0, v.in.Now.Add(-window)
	for _, r := range v.in.Managed.Removals {
		if r.At.After(from) && pick(r) && !(r.Unfinished && v.repeats(r)) {
			n++
		}
	}
	return n
}

// repeats says whether the plan makes a removal.
func (v *review) repeats(r core.Removal) bool {
	for i := range v.steps {
		if slices.ContainsFunc(v.steps[i].Removals(r.At), r.Same) {
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
