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

// concernsAdmin says whether the step is about an admin, before it or after.
func (s Step) concernsAdmin() bool {
	return s.After.Role == attio.RoleAdmin || s.Before.Role == attio.RoleAdmin
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
		if s.concernsAdmin() {
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
	chainPassages(steps)
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

// passage is a step that gives up a name or an address and takes another one.
type passage struct{ from, to string }

// passageOf says what a step gives up and takes, folded.
func passageOf(s Step) (passage, bool) {
	switch s.Action {
	case RenameTeam:
		return passage{"team " + attio.FoldName(s.Before.Name), "team " + attio.FoldName(s.After.Name)}, true
	case ChangeEmail:
		return passage{"address " + attio.FoldEmail(s.Before.Email), "address " + attio.FoldEmail(s.After.Email)}, true
	}
	return passage{}, false
}

// chainPassages puts a step that takes a name or an address behind the one that
// makes it free, among steps of its own kind.
func chainPassages(steps []Step) {
	for _, kind := range []Action{ChangeEmail, RenameTeam} {
		var at []int // where the steps of the kind stand
		frees := map[string]int{}
		for i, s := range steps {
			if s.Action == kind {
				p, _ := passageOf(s)
				frees[p.from] = len(at)
				at = append(at, i)
			}
		}
		if len(at) < 2 {
			continue
		}
		own := make([]Step, len(at))
		for k, i := range at {
			own[k] = steps[i]
		}
		for k, from := range freeFirst(own, frees) {
			steps[at[k]] = own[from]
		}
	}
}

// freeFirst orders steps so that each comes behind the one that frees what it
// takes; frees says which that is.
func freeFirst(steps []Step, frees map[string]int) []int {
	done := make([]bool, len(steps))
	order := make([]int, 0, len(steps))
	var put func(int)
	put = func(k int) {
		if done[k] {
			return
		}
		done[k] = true
		p, _ := passageOf(steps[k])
		if j, ok := frees[p.to]; ok {
			put(j)
		}
		order = append(order, k)
	}
	for k := range steps {
		put(k)
	}
	return order
}

// chained are the people and teams (by their lanes) whose step takes what
// another of the steps gives up, or gives up what another takes.
func chained(steps []Step) map[string]bool {
	gives, takes := map[string]bool{}, map[string]bool{}
	for _, s := range steps {
		if p, ok := passageOf(s); ok {
			gives[p.from], takes[p.to] = true, true
		}
	}
	in := map[string]bool{}
	for _, s := range steps {
		if p, ok := passageOf(s); ok && p.from != p.to && (gives[p.to] || takes[p.from]) {
			in[laneOf(s)] = true
		}
	}
	return in
}
