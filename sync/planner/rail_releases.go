package planner

import (
	"fmt"
	"maps"
	"slices"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// releases refuses to let go of more than half of the managed teams, or people,
// where that is more than two: whoever is let go of is never taken anything, so
// that no cap on removals sees it, and nobody who leaves is taken out again.
func releases(v *review) (r ruling) {
	teams, people := slices.Sorted(maps.Values(v.teams.released)), v.unaddressed()
	allow := allowance{"--allow-releases", v.in.Options.AllowReleases, len(teams) + len(people), "teams and people to let go of", ""}
	switch {
	case allow.wrong():
		return allow.refusal(v)
	case allow.lifts():
		return r
	}
	tooMany := func(n, of int) bool { return n > 2 && 2*n > of }
	if of := len(v.teams.released) + v.teams.goOn(); tooMany(len(teams), of) {
		r.refuse(v.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%d of %d managed teams would be let go of, because no group goes to them any more: %s", len(teams), of, core.Few(teams)),
			"Look at teams.source, teams.groups, teams.include and teams.exclude, and at the app's groups in "+v.in.source()+". If it is right: "+allow.command(v))
	}
	if of := v.managedHere(); tooMany(len(people), of) {
		r.refuse(v.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%d of %d managed people would be left as they are, because what %s has for their address is none: %s", len(people), of, v.in.source(), core.Few(people)),
			"Look at okta.email_attribute. If it is right: "+allow.command(v))
	}
	return r
}

// unaddressed are the managed people who are assigned and left as they are for
// want of an address, by the one that they have in Attio.
func (v *review) unaddressed() (emails []string) {
	for _, s := range v.identities {
		if m := v.at(s); s.unaddressed && s.managed && m != nil && m.Status != attio.Suspended {
			emails = append(emails, m.Email)
		}
	}
	slices.Sort(emails)
	return emails
}

// goOn counts the teams of the state that are there and stay managed.
func (d *teamStage) goOn() int {
	stay := map[string]bool{}
	for _, m := range d.in.Managed.Teams {
		if _, released := d.released[m.TeamID]; m.Managed() && !released && d.catalog.byID[m.TeamID] != nil {
			stay[m.TeamID] = true
		}
	}
	return len(stay)
}
