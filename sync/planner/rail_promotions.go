package planner

import (
	"fmt"

	core "scim-sync/sync"
)

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
