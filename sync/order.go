package sync

import (
	"cmp"
	"slices"
	"strings"

	"scim-sync/attio"
)

// The phases of a run. Each begins when the one before it has ended, so that
// promises hold at every moment: an admin always remains, seats are freed
// before they are taken, teams exist before people are put into them.
const (
	phaseAdopt     = iota // no request: adopt, link
	phasePromote          // new admins among those who are there
	phaseLeave            // suspend, cancel: ends access at once and frees seats
	phaseArrive           // provision and reactivate, admins first
	phaseStepDown         // demotions, and suspensions that had to wait for a new admin
	phaseFields           // names and addresses
	phaseTeamNames        // renames, which make names free
	phaseTeams            // create, delete
	phaseMembers          // memberships
)

// phaseOf gives the phase of an action. waits says that a suspension has to
// wait for a new admin.
func phaseOf(s Step, waits bool) int {
	switch s.Action {
	case Adopt, LinkTeam:
		return phaseAdopt
	case Promote:
		if s.After.Status == attio.Invited {
			return phaseArrive
		}
		return phasePromote
	case Suspend, CancelInvite:
		if waits {
			return phaseStepDown
		}
		return phaseLeave
	case Provision, Reactivate:
		return phaseArrive
	case Demote:
		return phaseStepDown
	case ChangeEmail, Rename:
		return phaseFields
	case RenameTeam:
		return phaseTeamNames
	case CreateTeam, DeleteTeam:
		return phaseTeams
	}
	return phaseMembers
}

// within orders the actions of one phase.
func within(a Action) int {
	switch a {
	case Reactivate, Rename, CreateTeam, RemoveMembers, LinkTeam:
		return 2
	case Promote, DeleteTeam:
		return 3
	}
	return 1
}

// sortSteps puts steps into the order in which they are shown and carried
// out. It depends on nothing but their content.
func sortSteps(steps []Step) {
	type key struct {
		phase, role, action int
		name, id            string
	}
	keys := make([]key, len(steps))
	for i := range steps {
		s := &steps[i]
		k := key{phase: phaseOf(*s, false), role: 1, action: within(s.Action)}
		if s.After.Role == attio.RoleAdmin || s.Before.Role == attio.RoleAdmin {
			k.role = 0
		}
		if s.Person != nil {
			k.name, k.id = attio.FoldEmail(s.Person.Email), s.Person.OktaID
		}
		if s.Team != nil {
			k.name, k.id = attio.FoldName(s.Team.Name), s.Team.OktaID
		}
		keys[i] = k
	}
	idx := make([]int, len(steps))
	for i := range idx {
		idx[i] = i
	}
	slices.SortStableFunc(idx, func(a, b int) int {
		x, y := &keys[a], &keys[b]
		team := 0
		if x.phase == phaseTeams {
			team = x.action - y.action
		}
		return cmp.Or(x.phase-y.phase, x.role-y.role, team, strings.Compare(x.name, y.name), strings.Compare(x.id, y.id), x.action-y.action)
	})
	permute(steps, idx)
	chainRenames(steps)
}

// permute puts the step at order[i] to i, without a second list: one of 100,000
// steps takes some 30 MB.
func permute(steps []Step, order []int) {
	for start := range order {
		if order[start] == start {
			continue
		}
		first := steps[start]
		for at := start; ; {
			from := order[at]
			order[at] = at
			if from == start {
				steps[at] = first
				break
			}
			steps[at] = steps[from]
			at = from
		}
	}
}

// chainRenames puts a rename behind the one that makes its name free.
func chainRenames(steps []Step) {
	first := len(steps)
	frees := map[string]int{} // folded name → the rename that leaves it
	for i, s := range steps {
		if s.Action == RenameTeam {
			first = min(first, i)
			frees[attio.FoldName(s.Before.Name)] = i
		}
	}
	done := map[int]bool{}
	var order []Step
	var put func(int)
	put = func(i int) {
		if done[i] {
			return
		}
		done[i] = true
		if j, ok := frees[attio.FoldName(steps[i].After.Name)]; ok {
			put(j)
		}
		order = append(order, steps[i])
	}
	for i, s := range steps {
		if s.Action == RenameTeam {
			put(i)
		}
	}
	copy(steps[min(first, len(steps)):], order)
}

// chained says whether a rename takes a name that another of the steps leaves,
// or leaves one that another takes.
func chained(steps []Step) map[string]bool {
	leaves, takes := map[string]bool{}, map[string]bool{}
	for _, s := range steps {
		if s.Action == RenameTeam {
			leaves[attio.FoldName(s.Before.Name)], takes[attio.FoldName(s.After.Name)] = true, true
		}
	}
	in := map[string]bool{}
	for _, s := range steps {
		if s.Action != RenameTeam {
			continue
		}
		from, to := attio.FoldName(s.Before.Name), attio.FoldName(s.After.Name)
		if from != to && (leaves[to] || takes[from]) {
			in[s.Team.OktaID] = true
		}
	}
	return in
}
