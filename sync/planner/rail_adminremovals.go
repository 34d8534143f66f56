package planner

import (
	"fmt"

	core "scim-sync/sync"
)

// adminRemovals caps suspensions and demotions of admins, and changes of their
// address: whoever gets it is an admin. Each allowance lifts its own part.
func adminRemovals(v *review) (r ruling) {
	removals, moves := v.allowedRemovals(), v.allowedEmailChanges()
	if v.refused(core.SourceEmpty) || v.refused(core.Remade) || removals.wrong() {
		return r
	}
	admins, end, moved := map[string]bool{}, false, ""
	for i := range v.steps {
		switch s := &v.steps[i]; {
		case s.EndsAdmin() && !removals.lifts():
			admins[s.Person.OktaID], end = true, true
		case s.MovesAdmin() && !moves.lifts():
			admins[s.Person.OktaID], moved = true, ", or get another address"
		}
	}
	p := v.in.Policy.Protect
	before := len(v.withinWindow(func(r core.Removal) bool { return r.Admin }))
	if len(admins) == 0 || len(admins)+before <= p.AdminRemovals {
		return r
	}
	r.refuse(v.in.Workspace.Identity.WorkspaceName,
		fmt.Sprintf("%s would be suspended or demoted%s (%d more in the last %s); protect.admin_removals allows %d", core.Counted(len(admins), "admin", "admins"), moved, before, windowWords(p.RemovalsWindow), p.AdminRemovals),
		"Look at who they are. If it is right: "+commandWith(v, removals, moves)+"; or raise protect.admin_removals.")
	r.latches = end
	return r
}
