package planner

import (
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// newAdmins counts those who would become admin, newcomers included.
func (v *review) newAdmins() (n int) {
	for i := range v.steps {
		switch s := &v.steps[i]; s.Action {
		case core.Promote:
			if !ofFirstRun(v, s) {
				n++
			}
		case core.Provision, core.Reactivate:
			if s.After.Role == attio.RoleAdmin && !comesBackAsAdmin(v, s) && !ofFirstRun(v, s) {
				n++
			}
		}
	}
	return n
}

// comesBackAsAdmin says whether someone who comes back was an admin when they left.
func comesBackAsAdmin(v *review, s *core.Step) bool {
	return s.Action == core.Reactivate && v.in.Managed.People[s.Person.OktaID].Applied.Role == attio.RoleAdmin
}

// firstRunTakes is how long after they were met somebody may be the first run's
// still, which goes on where it was cut off.
const firstRunTakes = 24 * time.Hour

// ofFirstRun says whether a step is one of those that a first run is made of.
func ofFirstRun(v *review, s *core.Step) bool {
	e := v.byOkta[s.Person.OktaID]
	return v.in.FirstRun && (!e.managed || v.in.Now.Sub(e.entry.ManagedSince) <= firstRunTakes)
}
