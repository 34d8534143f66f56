package planner

import (
	"cmp"
	"slices"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// sortSteps puts steps into the order in which they are shown and carried
// out. It depends on nothing but their content.
func sortSteps(steps []core.Step) {
	type key struct {
		phase        core.Phase
		role, action int8
		name, id     string
	}
	keys := make([]key, len(steps))
	for i := range steps {
		s := &steps[i]
		k := key{phase: s.Phase(), role: 1, action: int8(s.Action.Traits().Within)}
		if s.ConcernsAdmin() {
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
		return cmp.Or(int(x.phase-y.phase), int(x.role-y.role), strings.Compare(x.name, y.name), strings.Compare(x.id, y.id), int(x.action-y.action))
	})
	permute(steps, idx)
	chainHandovers(steps)
}

// permute puts the step at order[i] to i, without a second list: one of 100,000
// steps takes some 30 MB.
func permute(steps []core.Step, order []int) {
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

// chainHandovers puts a step that takes a name or an address behind the one that
// makes it free, among steps of its own kind.
func chainHandovers(steps []core.Step) {
	for _, kind := range []core.Action{core.ChangeEmail, core.RenameTeam} {
		var at []int // where the steps of the kind stand
		frees := map[string]int{}
		for i := range steps {
			if steps[i].Action == kind {
				at = append(at, i)
			}
		}
		for k, i := range at {
			if s := &steps[i]; !s.EndsDetour() { // what that gives up nobody has before
				h, _ := s.Handover()
				frees[h.From] = k
			}
		}
		if len(at) < 2 {
			continue
		}
		own := make([]core.Step, len(at))
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
func freeFirst(steps []core.Step, frees map[string]int) []int {
	done := make([]bool, len(steps))
	order := make([]int, 0, len(steps))
	var put func(int)
	put = func(k int) {
		if done[k] {
			return
		}
		done[k] = true
		h, _ := steps[k].Handover()
		if j, ok := frees[h.To]; ok {
			put(j)
		}
		order = append(order, k)
	}
	for k := range steps {
		put(k)
	}
	return order
}
