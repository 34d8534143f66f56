package planner

import (
	"fmt"

	core "scim-sync/sync"
)

// additions caps provisions and reactivations; not on a first run.
func additions(v *review) (r ruling) {
	allow := v.allowedAdditions()
	switch {
	case allow.wrong():
		return allow.refusal(v)
	case allow.given != nil || v.in.FirstRun:
		return r
	}
	arrive := 0
	for i := range v.steps {
		if a := v.steps[i].Action; a == core.Provision || a == core.Reactivate {
			arrive++
		}
	}
	p, n := v.in.Policy.Protect, v.managedHere()
	if limit := max(p.Additions.Of(n), p.AdditionsFloor); arrive > limit {
		r.refuse(v.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%s would be provisioned or reactivated beside %d managed; protect.additions allows %d", core.Counted(arrive, "person", "people"), n, limit),
			"Look at who is new. If it is right: "+allow.command(v)+"; or raise protect.additions.")
	}
	return r
}
