package planner

import (
	"fmt"
	"slices"

	core "scim-sync/sync"
)

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
