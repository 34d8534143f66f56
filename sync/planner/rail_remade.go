package planner

import (
	"fmt"

	core "scim-sync/sync"
)

// remade refuses to suspend many people at once who were made anew in the
// source: that is a re-import, and all of them are still there.
func remade(v *review) (r ruling) {
	allow := v.allowedRemovals()
	if v.refused(core.SourceEmpty) || allow.wrong() || allow.lifts() {
		return r
	}
	var who []string
	for i := range v.steps {
		if s := &v.steps[i]; s.Action.Offboards() && v.byOkta[s.Person.OktaID].heir != nil {
			who = append(who, s.Person.Email)
		}
	}
	floor := v.in.Policy.Protect.RemovalsFloor
	if len(who) <= floor {
		return r
	}
	r.refuse(v.in.Workspace.Identity.WorkspaceName,
		fmt.Sprintf("%d people have a new id in %s under their old address, and their accounts would be suspended: %s; protect.removals_floor allows %d", len(who), v.in.source(), core.Few(who), floor),
		"Look who they are: scim-sync state rebind --remade --dry-run. If they are the same people, hand all of their accounts over: scim-sync state rebind --remade. If not: "+allow.command(v))
	return r
}
