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
		if s := &v.steps[i]; s.Record != nil && s.Record.Removal != nil {
			again[removalKey(*s.Record.Removal)] = true
		}
	}
	n, from := 0, v.in.Now.Add(-window)
	for _, r := range v.in.Managed.Removals {
		if r.At.After(from) && !again[removalKey(r)] && pick(r) {
			n++
		}
	}
	return n
}

func removalKey(r core.Removal) string { return string(r.Action) + " " + r.OktaID }

// windowWords is how a window reads: 24 h.
func windowWords(w time.Duration) string {
	if w%time.Hour == 0 {
		return fmt.Sprintf("%d h", int(w/time.Hour))
	}
	return w.String()
}
