package planner

import (
	"fmt"
	"slices"

	core "scim-sync/sync"
)

// removals caps suspensions and withdrawn invites, the window included. A cap
// that refused latches: until the removals of a whole run are within the floor
// again, or are allowed, no more than the floor may go.
func removals(v *review) (r ruling) {
	if v.refused(core.SourceEmpty) || v.refused(core.Remade) {
		return r // no cap says more
	}
	allow := v.allowedRemovals()
	switch {
	case allow.wrong():
		return allow.refusal(v)
	case allow.lifts():
		return r
	}
	plan := 0
	for i := range v.steps {
		if v.steps[i].Action.Offboards() {
			plan++
		}
	}
	before := len(v.withinWindow(func(r core.Removal) bool { return r.Action.Offboards() }))
	p, n, latched := v.in.Policy.Protect, v.managedHere(), v.in.Managed.Latched
	floor := min(p.RemovalsFloor, n/2)
	limit := max(min(p.Removals.Of(n), p.RemovalsCeiling), floor)
	if latched != nil {
		limit = floor
	}
	if plan == 0 || plan+before <= limit {
		return r
	}
	says := fmt.Sprintf("%d of %d managed people would lose their place", plan, n)
	if before > 0 {
		says += fmt.Sprintf(", after %d in the last %s", before, windowWords(p.RemovalsWindow))
	}
	if latched != nil {
		says += fmt.Sprintf("; after a refusal (%s) only %d are allowed until the removals are within that again", latched.Code, limit)
	} else {
		says += fmt.Sprintf("; protect.removals allows %d", limit)
	}
	r.refuse(v.in.Workspace.Identity.WorkspaceName, says,
		"Look at who would be removed. If it is right: "+allow.command(v)+"; or raise protect.removals or protect.removals_ceiling.")
	r.latches = true
	return r
}

// adminRemovals caps suspensions and demotions of admins, and changes of their
// address: whoever gets it is an admin. Each allowance lifts its own part.
func adminRemovals(v *review) (r ruling) {
	removals, moves := v.allowedRemovals(), v.allowedEmailChanges()
	if v.refused(core.SourceEmpty) || v.refused(core.Remade) || removals.wrong() {
		return r
	}
	admins, end, moved := map[string]bool{}, false, ""
	for i := range v.steps {
		switch s := &v.steps[i]; {
		case s.EndsAdmin() && !removals.lifts():
			admins[s.Person.OktaID], end = true, true
		case s.MovesAdmin() && !moves.lifts():
			admins[s.Person.OktaID], moved = true, ", or get another address"
		}
	}
	p := v.in.Policy.Protect
	before := len(v.withinWindow(func(r core.Removal) bool { return r.Admin }))
	if len(admins) == 0 || len(admins)+before <= p.AdminRemovals {
		return r
	}
	r.refuse(v.in.Workspace.Identity.WorkspaceName,
		fmt.Sprintf("%s would be suspended or demoted%s (%d more in the last %s); protect.admin_removals allows %d", core.Counted(len(admins), "admin", "admins"), moved, before, windowWords(p.RemovalsWindow), p.AdminRemovals),
		"Look at who they are. If it is right: "+commandWith(v, removals, moves)+"; or raise protect.admin_removals.")
	r.latches = end
	return r
}

// teamRemovals caps what one team loses, the window included, and keeps back the
// removals of those that would lose more. What it allows is of the team as it was
// when the window began.
func teamRemovals(v *review) ruling {
	p, allow := v.in.Policy.Protect, v.allowedRemovals() // what this rail holds counts as well
	if allow.lifts() {
		return ruling{}
	}
	takes := func(s *core.Step) bool { return s.Action == core.RemoveMembers || s.Action == core.DeleteTeam }
	lost, team, gone := map[string]int{}, map[string]*core.TeamRef{}, v.offboarded()
	var ids []string
	for i := range v.steps {
		if s := &v.steps[i]; takes(s) {
			id := s.Team.AttioID
			if team[id] == nil {
				ids = append(ids, id)
			}
			lost[id] += v.loses(s, gone)
			team[id] = s.Team
		}
	}
	slices.Sort(ids)
	capped := map[string]bool{}
	var refusals ruling
	for _, id := range ids {
		active := v.activeIn(id, gone)
		before, others := v.lostLately(id)
		limit := max(p.TeamRemovals.Of(active+others), p.TeamRemovalsFloor)
		if lost[id] == 0 || lost[id]+before <= limit {
			continue
		}
		capped[id] = true
		says := fmt.Sprintf("the team would lose %d of its %d active people", lost[id], active)
		if before > 0 {
			says += fmt.Sprintf(", after %d in the last %s", before, windowWords(p.RemovalsWindow))
		}
		refusals.refuse(team[id].Name, fmt.Sprintf("%s; protect.team_removals allows %d", says, limit),
			"Look at the group in "+v.in.source()+". If it is right: "+allow.command(v)+"; or raise protect.team_removals.", core.About{OktaID: team[id].OktaID, AttioID: id})
	}
	if len(capped) == 0 {
		return ruling{}
	}
	r := v.part(func(s *core.Step) bool { return takes(s) && capped[s.Team.AttioID] })
	r.refusals = refusals.refusals
	return r
}
