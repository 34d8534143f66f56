package planner

import (
	"slices"
	"sort"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// adminCount walks the steps in their order and knows who is an active admin by
// then. A pending invite is no admin; neither is an unmanaged one outside the
// verified domains.
type adminCount struct {
	active   map[string]bool // Attio ids
	fresh    int             // admins who are new and active at once
	replaced map[string]bool // Okta ids of those who are suspended: whether they get a new account
	late     []core.Step     // suspensions that have to wait for a new admin
	refused  []core.Step
}

// lastAdmin keeps back what would leave no active admin at any moment.
// Suspensions that have to wait for a new admin are moved behind it.
func lastAdmin(v *review) (r ruling) {
	c := adminCount{active: map[string]bool{}, replaced: map[string]bool{}}
	for _, seat := range v.admins() {
		if seat.AttioID != "" {
			c.active[seat.AttioID] = true
		}
	}
	for i := range v.steps {
		if v.steps[i].Action == core.Suspend {
			c.replaced[v.steps[i].Person.OktaID] = false
		}
	}
	for i := range v.steps {
		if p := v.steps[i].Person; v.steps[i].Action == core.Provision && len(c.replaced) > 0 {
			if _, goes := c.replaced[p.OktaID]; goes {
				c.replaced[p.OktaID] = true
			}
		}
	}
	stays := func(i int) bool { return c.goesOn(&v.steps[i]) }
	first := 0
	for first < len(v.steps) && stays(first) {
		first++
	}
	if first == len(v.steps) {
		return r // as nearly always; a list less to copy
	}
	early := slices.Clone(v.steps[:first])
	for i := first + 1; i < len(v.steps); i++ {
		if stays(i) {
			early = append(early, v.steps[i])
		}
	}
	c.settleLate()
	r.keep, r.held = spliceLate(early, c.late), c.refused
	for i := range c.refused {
		s := &c.refused[i]
		r.refuse(s.Person.Email, "is the last active admin of the workspace; Attio refuses to be left without one, and so does scim-sync (a pending invite is no admin)",
			"Make somebody else an admin first: give another active person the role admin in "+v.in.source()+", and run again.", aboutStep(s))
	}
	return r
}

// goesOn counts what a step does, and says whether it may stay where it is.
func (c *adminCount) goesOn(s *core.Step) bool {
	switch {
	case s.Action == core.Promote && s.After.Status != attio.Invited, s.Action == core.Reactivate && s.After.Role == attio.RoleAdmin:
		c.active[s.AttioID] = true
	case s.Action == core.Provision && s.After.Role == attio.RoleAdmin && s.After.Status == attio.Active:
		c.fresh++
	case s.Action == core.Suspend && c.active[s.AttioID] && len(c.active) == 1:
		if c.replaced[s.Person.OktaID] { // the old account goes before the new one comes
			c.refused = append(c.refused, *s)
		} else {
			c.late = append(c.late, *s)
		}
		return false
	case s.Action == core.Demote && c.active[s.AttioID] && len(c.active)+c.fresh == 1:
		c.refused = append(c.refused, *s)
		return false
	case s.Action == core.Suspend, s.Action == core.Demote:
		delete(c.active, s.AttioID)
	}
	return true
}

// settleLate refuses the suspensions for which no new admin comes.
func (c *adminCount) settleLate() {
	late := c.late[:0]
	for _, s := range c.late {
		if len(c.active)+c.fresh > 1 {
			delete(c.active, s.AttioID)
			late = append(late, s)
			continue
		}
		c.refused = append(c.refused, s)
	}
	c.late = late
	sort.SliceStable(c.refused, func(i, j int) bool { return c.refused[i].AttioID < c.refused[j].AttioID })
}

// spliceLate puts the late suspensions behind those who arrive.
func spliceLate(steps, late []core.Step) []core.Step {
	at := len(steps)
	for i := range steps {
		if steps[i].Phase() > core.PhaseProvision {
			at = i
			break
		}
	}
	out := append(make([]core.Step, 0, len(steps)+len(late)), steps[:at]...)
	out = append(out, late...)
	return append(out, steps[at:]...)
}
