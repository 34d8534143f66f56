package sync

import (
	"sort"

	"scim-sync/attio"
)

// lastAdmin walks the run and keeps back what would leave no active admin at
// any moment. A pending invite is no admin; neither is an unmanaged one
// outside the verified domains. Suspensions that have to wait for a new admin
// are moved behind it.
func (v *verdict) lastAdmin(d *diff) {
	admins := map[string]bool{}
	for i, m := range d.members {
		if d.counts(i) && m.ID != "" {
			admins[m.ID] = true
		}
	}
	fresh := 0 // admins who are new and active at once
	replaced := map[string]bool{}
	for _, s := range v.steps {
		if s.Action == Provision {
			replaced[s.Person.id()] = true
		}
	}
	early := v.steps[:0] // in place: what is read is never behind what is written
	var late, refused []Step
	for _, s := range v.steps {
		switch {
		case s.Action == Promote && s.After.Status != attio.Invited:
			admins[s.AttioID] = true
		case s.Action == Suspend && admins[s.AttioID]:
			switch {
			case len(admins) == 1 && replaced[s.Person.OktaID]:
				refused = append(refused, s) // the old account goes before the new one comes
				continue
			case len(admins) == 1:
				late = append(late, s)
				continue
			}
			delete(admins, s.AttioID)
		case s.Action == Reactivate && s.After.Role == attio.RoleAdmin:
			admins[s.AttioID] = true
		case s.Action == Provision && s.After.Role == attio.RoleAdmin && s.After.Status == attio.Active:
			fresh++
		case s.Action == Demote && admins[s.AttioID]:
			if len(admins)+fresh == 1 {
				refused = append(refused, s)
				continue
			}
			delete(admins, s.AttioID)
		}
		early = append(early, s)
	}
	for i := 0; i < len(late); i++ {
		if len(admins)+fresh > 1 {
			delete(admins, late[i].AttioID)
			continue
		}
		refused = append(refused, late[i])
		late = append(late[:i], late[i+1:]...)
		i--
	}
	v.steps = splice(early, late)
	sort.SliceStable(refused, func(i, j int) bool { return refused[i].AttioID < refused[j].AttioID })
	for _, s := range refused {
		v.held = append(v.held, HeldStep{Step: s, Code: "last-admin"})
		v.refuse(false, "last-admin", s.Person.Email, "is the last active admin of the workspace; Attio refuses to be left without one, and so does scim-sync (a pending invite is no admin)",
			"Make somebody else an admin first: give another active person the role admin in Okta, and run again.")
	}
}

// splice puts the late suspensions behind the arrivals.
func splice(steps, late []Step) []Step {
	if len(late) == 0 {
		return steps
	}
	at := len(steps)
	for i, s := range steps {
		if phaseOf(s, false) > phaseArrive {
			at = i
			break
		}
	}
	out := append([]Step(nil), steps[:at]...)
	out = append(out, late...)
	return append(out, steps[at:]...)
}
