package sync

import (
	"fmt"
	"sort"

	"scim-sync/attio"
)

// teamRemovals caps what one team loses in a run.
func (v *verdict) teamRemovals(d *diff) {
	p := d.in.Policy.Protect
	lost := map[string]int{}
	label := map[string]*TeamRef{}
	leaving := v.leaving()
	for _, s := range v.steps {
		if s.Action == RemoveMembers || s.Action == DeleteTeam {
			lost[s.Team.AttioID] += d.loses(s, leaving)
			label[s.Team.AttioID] = s.Team
		}
	}
	ids := make([]string, 0, len(lost))
	for id := range lost {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	if d.allowed(v) {
		return
	}
	command := d.allowCommand(v) // what this rail holds counts as well
	capped := map[string]bool{}
	for _, id := range ids {
		active := d.activeIn(id, leaving)
		limit := max(p.TeamRemovals.Of(active), p.TeamRemovalsFloor)
		if lost[id] <= limit {
			continue
		}
		capped[id] = true
		v.refuse(false, "too-many-team-removals", label[id].Name,
			fmt.Sprintf("the team would lose %d of its %d active people; protect.team_removals allows %d", lost[id], active, limit),
			"Look at the group in Okta. If it is right: "+command+"; or raise protect.team_removals.")
	}
	v.hold("too-many-team-removals", func(s Step) bool {
		return (s.Action == RemoveMembers || s.Action == DeleteTeam) && capped[s.Team.AttioID]
	})
}

// leaving are those whom this plan suspends, by Attio id: their memberships
// are neither removed nor counted.
func (v *verdict) leaving() map[string]bool {
	leaving := map[string]bool{}
	for _, s := range v.steps {
		if s.Action == Suspend || s.Action == CancelInvite {
			leaving[s.AttioID] = true
		}
	}
	return leaving
}

// loses counts the active people whom a step takes out of a team.
func (d *diff) loses(s Step, leaving map[string]bool) int {
	if s.Action == DeleteTeam {
		return d.activeIn(s.Team.AttioID, leaving)
	}
	n := 0
	for _, m := range s.People {
		if i, ok := d.byID[m.AttioID]; ok && d.members[i].Status == attio.Active {
			n++
		}
	}
	return n
}

// activeIn counts the active people of a team who stay so.
func (d *diff) activeIn(teamID string, leaving map[string]bool) int {
	return d.countIn(teamID, func(m attio.Member) bool { return m.Status == attio.Active && !leaving[m.ID] })
}

// staying counts the people of a team, active or invited, who stay so.
func (d *diff) staying(teamID string, leaving map[string]bool) int {
	return d.countIn(teamID, func(m attio.Member) bool { return m.Status != attio.Suspended && !leaving[m.ID] })
}

// countIn counts the people of a team that are of a kind.
func (d *diff) countIn(teamID string, is func(attio.Member) bool) int {
	n := 0
	for i := range d.in.Workspace.Teams {
		t := &d.in.Workspace.Teams[i]
		if t.ID != teamID {
			continue
		}
		for _, at := range d.placesIn(t) {
			if is(d.members[at]) {
				n++
			}
		}
	}
	return n
}
