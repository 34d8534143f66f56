package view

import (
	"cmp"
	"slices"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// section is a part of a plan that belongs together for its readers.
type section struct {
	title string
	steps []*core.Step
}

// sections sorts the steps for people: what takes something away first, then changes
// of admins, then people, then teams with all steps of one team together, and last
// what only state learns. Inside a section the order is the plan's, but for admins,
// who lead.
func sections(p *core.Plan) []section {
	var away, admins, people, teams, known []*core.Step
	for i := range p.Steps {
		s := &p.Steps[i]
		switch {
		case s.Action == core.Adopt:
			known = append(known, s)
		case takesAway(s):
			away = append(away, s)
		case s.Team != nil:
			teams = append(teams, s)
		case changesAdmin(s):
			admins = append(admins, s)
		default:
			people = append(people, s)
		}
	}
	slices.SortStableFunc(away, func(a, b *core.Step) int { return cmp.Compare(rankAway(a), rankAway(b)) })
	all := []section{
		{"Taken away", away},
		{"Admins", admins},
		{"People", people},
		{"Teams", byTeam(teams)},
		{"Adopted: in Attio already, managed from now on, no request", known},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.steps) == 0 })
}

// takesAway says whether somebody loses access or a team, or a team goes.
func takesAway(s *core.Step) bool {
	t := s.Action.Traits()
	return t.Sign == "-"
}

// rankAway: admins first, then other people, then teams.
func rankAway(s *core.Step) int {
	switch {
	case s.EndsAdmin():
		return 0
	case s.Person != nil:
		return 1
	}
	return 2
}

// changesAdmin says whether the step makes, unmakes or moves an admin.
func changesAdmin(s *core.Step) bool {
	switch s.Action {
	case core.Promote, core.Demote:
		return true
	case core.Rename:
		return false
	}
	return s.Before.Role == attio.RoleAdmin || s.After.Role == attio.RoleAdmin
}

// byTeam brings the steps of each team together, teams in the order in which
// the plan first names them.
func byTeam(steps []*core.Step) []*core.Step {
	rank := make(map[string]int, len(steps))
	key := func(s *core.Step) string {
		return firstOf(s.Team.OktaID, s.Team.AttioID, s.Team.Name)
	}
	for _, s := range steps {
		if k := key(s); rank[k] == 0 {
			rank[k] = len(rank) + 1
		}
	}
	slices.SortStableFunc(steps, func(a, b *core.Step) int { return cmp.Compare(rank[key(a)], rank[key(b)]) })
	return steps
}

// heldGroup is what one code holds back.
type heldGroup struct {
	code  string
	steps []*core.Step
}

func heldByCode(held []core.HeldStep) []heldGroup {
	var groups []heldGroup
	place := map[core.Code]int{}
	for i := range held {
		h := &held[i]
		at, ok := place[h.Code]
		if !ok {
			at = len(groups)
			place[h.Code] = at
			groups = append(groups, heldGroup{code: string(h.Code)})
		}
		groups[at].steps = append(groups[at].steps, &h.Step)
	}
	return groups
}

// noteGroup is what there is to say under one code.
type noteGroup struct {
	code  string
	notes []core.Note
}

func notesByCode(notes []core.Note) []noteGroup {
	var groups []noteGroup
	place := map[core.Code]int{}
	for _, n := range notes {
		at, ok := place[n.Code]
		if !ok {
			at = len(groups)
			place[n.Code] = at
			groups = append(groups, noteGroup{code: string(n.Code)})
		}
		groups[at].notes = append(groups[at].notes, n)
	}
	return groups
}

// stoppers are the codes that stop the run, each once.
func stoppers(refusals []core.Refusal) []string {
	var codes []string
	for _, r := range refusals {
		if r.Reach == core.ReachRun && !slices.Contains(codes, string(r.Code)) {
			codes = append(codes, string(r.Code))
		}
	}
	return codes
}
