package planner

import (
	core "scim-sync/sync"
)

// UnknownNameError says that neither side nor the state knows a name.
type UnknownNameError struct {
	Name, Source string
	Near         string // what was most likely meant; empty: nothing comes near
}

func (e *UnknownNameError) Error() string {
	return core.Quote(e.Name) + " is neither a person nor a team that " + e.Source + ", Attio or the state knows"
}

// Hint says where to look.
func (e *UnknownNameError) Hint() string {
	if e.Near != "" {
		return "Did you mean " + core.Quote(e.Near) + "?"
	}
	return "Somebody whom " + e.Source + " has not assigned to the app, and who is not in Attio, is known to nobody here. To list all whom " + e.Source + " does not manage: scim-sync plan --unmanaged"
}

// Explain says all that is known about a name: an address, an Okta id, or the
// name or either id of a team. It is pure; the draft is one of a whole run.
func Explain(d *Draft, name string) (Explanation, error) {
	all, err := reconcile(&d.input)
	if err != nil {
		return Explanation{}, err
	}
	x := &explainer{reconciliation: all, in: &d.input, plan: &d.Plan, found: findTeams(all.teams)}
	e := Explanation{FormatVersion: core.FormatVersion, Name: name, People: x.peopleNamed(name), Teams: []TeamExplained{}, Stopped: []core.Refusal{}}
	if len(e.People) == 0 {
		e.Teams = x.teamsNamed(name)
	}
	if len(e.People)+len(e.Teams) == 0 {
		return Explanation{}, &UnknownNameError{Name: name, Source: d.input.source(), Near: nearName(&d.input, name)}
	}
	for _, r := range d.Plan.Refusals {
		if r.Reach == core.ReachRun {
			e.Stopped = append(e.Stopped, r)
		}
	}
	return e, nil
}
