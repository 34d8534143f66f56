package planner

import (
	"fmt"
	"sort"

	"scim-sync/idp"
	core "scim-sync/sync"
)

// sourceEmpty refuses when the source has nobody although people are managed: an
// empty list is an error, never a wish.
func sourceEmpty(v *review) (r ruling) {
	for i := range v.in.Directory.People {
		if v.in.Directory.People[i].Access != idp.Revoked {
			return r
		}
	}
	if managed := v.managedHere(); managed > 0 {
		src := v.in.source()
		r.refuse(v.in.Directory.Origin.AppLabel, fmt.Sprintf("nobody is assigned to the app in %s, though %d people are managed", src, managed),
			"Check the app's assignments in "+src+". If the company really leaves Attio: scim-sync release --all, then suspend people in Attio.")
		r.latches = true
	}
	return r
}

// targetMissing refuses when too many of those in state are not in Attio's list
// any more: that list is then not to be trusted.
func targetMissing(v *review) (r ruling) {
	known := 0
	var missing []string
	for _, s := range v.identities {
		if !s.managed || !s.entry.Applied.Active {
			continue
		}
		known++
		if s.member < 0 {
			missing = append(missing, s.entry.Email)
		}
	}
	if tooManyMissing(len(missing), known) {
		sort.Strings(missing)
		r.refuse(v.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%d of the %d people that state ties to Attio are not in Attio's list any more: %s", len(missing), known, core.Few(missing)),
			"Attio's answer may be incomplete: run again later. If they are really gone, let go of each of them and run again: scim-sync release "+core.Quote(missing[0]))
	}
	return r
}
