package planner

import (
	"fmt"

	core "scim-sync/sync"
)

// removals caps suspensions and withdrawn invites, the window included. A cap
// that refused latches: until the removals of a whole run are within the floor
// again, or are allowed, no more than the floor may go.
func removals(v *review) (r ruling) {
	if v.refused(core.SourceEmpty) || v.refused(core.Remade) {
		return r // no cap says more
	}
	allow := v.allowedRemovals()
	switch {
	case allow.wrong():
		return allow.refusal(v)
	case allow.lifts():
		return r
	}
	plan := 0
	for i := range v.steps {
		if v.steps[i].Action.Offboards() {
			plan++
		}
	}
	before := len(v.withinWindow(func(r core.Removal) bool { return r.Action.Offboards() }))
	p, n, latched := v.in.Policy.Protect, v.managedHere(), v.in.Managed.Latched
	floor := min(p.RemovalsFloor, n/2)
	limit := max(min(p.Removals.Of(n), p.RemovalsCeiling), floor)
	if latched != nil {
		limit = floor
	}
	if plan == 0 || plan+before <= limit {
		return r
	}
	says := fmt.Sprintf("%d of %d managed people would lose their place", plan, n)
	if before > 0 {
		says += fmt.Sprintf(", after %d in the last %s", before, windowWords(p.RemovalsWindow))
	}
	if latched != nil {
		says += fmt.Sprintf("; after a refusal (%s) only %d are allowed until the removals are within that again", latched.Code, limit)
	} else {
		says += fmt.Sprintf("; protect.removals allows %d", limit)
	}
	r.refuse(v.in.Workspace.Identity.WorkspaceName, says,
		"Look at who would be removed. If it is right: "+allow.command(v)+"; or raise protect.removals or protect.removals_ceiling.")
	r.latches = true
	return r
}
