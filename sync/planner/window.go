package planner

import (
	"fmt"
	"time"

	core "scim-sync/sync"
)

// withinWindow counts earlier removals that still count, but for those that
// this plan would make (again): a run that was cut off counts what it may have
// done, and the next one does it.
func (v *review) withinWindow(pick func(core.Removal) bool) int {
	window := v.in.Policy.Protect.RemovalsWindow
	if window <= 0 || len(v.in.Managed.Removals) == 0 {
		return 0
	}
	again := map[string]bool{}
	for i := range v.steps {
		if s := &v.steps[i]; s.Person != nil && s.Action.Removes() {
			again[s.Key()] = true
		}
	}
	n, from := 0, v.in.Now.Add(-window)
	for _, r := range v.in.Managed.Removals {
		repeated := again[core.Step{Action: r.Action, Person: &core.PersonRef{OktaID: r.OktaID}}.Key()]
		if r.At.After(from) && !repeated && pick(r) {
			n++
		}
	}
	return n
}

// windowWords is how a window reads: 24 h.
func windowWords(w time.Duration) string {
	if w%time.Hour == 0 {
		return fmt.Sprintf("%d h", int(w/time.Hour))
	}
	return w.String()
}
