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

// promotions caps new admins. Not on a first run; but one may wait for seats for
// months, and who has been managed for a while by then is no newcomer of it.
func promotions(v *review) (r ruling) {
	allow := v.allowedPromotions()
	switch {
	case allow.wrong():
		return allow.refusal(v)
	case allow.lifts():
		return r
	}
	if p := v.in.Policy.Protect; allow.n > p.Promotions {
		r.refuse(v.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%s would become admin; protect.promotions allows %d", core.Counted(allow.n, "person", "people"), p.Promotions),
			"Look at who they are. If it is right: "+allow.command(v)+"; or raise protect.promotions.")
	}
	return r
}
