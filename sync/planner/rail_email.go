package planner

import (
	"fmt"

	core "scim-sync/sync"
)

// emailChanges caps changes of address, the window included: whoever has the new
// address gets the account. An invite that is sent to another one is a change,
// too.
func emailChanges(v *review) (r ruling) {
	allow := v.allowedEmailChanges()
	switch {
	case allow.wrong():
		return allow.refusal(v)
	case allow.lifts():
		return r
	}
	before := len(v.withinWindow(func(r core.Removal) bool { return r.Action == core.ChangeEmail }))
	p, n := v.in.Policy.Protect, v.managedHere()
	limit := max(p.EmailChanges.Of(n), p.EmailChangesFloor)
	if allow.n == 0 || allow.n+before <= limit {
		return r
	}
	says := fmt.Sprintf("%d of %d managed people would get another address", allow.n, n)
	if before > 0 {
		says += fmt.Sprintf(", after %d in the last %s", before, windowWords(p.RemovalsWindow))
	}
	r.refuse(v.in.Workspace.Identity.WorkspaceName, says+fmt.Sprintf("; protect.email_changes allows %d", limit),
		"Look at the addresses, and at okta.email_attribute. If they are right: "+allow.command(v)+"; or raise protect.email_changes.")
	return r
}
