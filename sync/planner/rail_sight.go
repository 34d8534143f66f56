package planner

import (
	"fmt"

	core "scim-sync/sync"
)

// sightLost holds back everything that takes something away while groups are
// hidden from the credential that it saw before: what is hidden looks like gone.
func sightLost(v *review) ruling {
	sight := v.in.Directory.Sight
	if !sight.Lost() {
		return ruling{}
	}
	r := v.part(func(s *core.Step) bool { return s.Action.Removes() })
	if len(r.held) == 0 {
		return r
	}
	names := make([]string, len(sight.Hidden))
	for i, g := range sight.Hidden {
		if names[i] = g.Name; g.Name == "" {
			names[i] = g.ID
		}
	}
	src := v.in.source()
	r.refuse(v.in.Directory.Origin.AppLabel,
		fmt.Sprintf("the credential does not see %s in %s any more, which it saw before; who is absent may only be hidden from it, so %s held back", core.Few(names), src, core.Counted(len(r.held), "removal is", "removals are")),
		"Give the credential its rights in "+src+" back (scim-sync doctor tells which), and run again.")
	return r
}
