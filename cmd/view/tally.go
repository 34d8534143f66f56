package view

import (
	"slices"
	"strings"

	core "scim-sync/sync"
)

// tally puts the counts of a plan into one sentence: "5 to provision, 2 to
// suspend; teams: 1 to create; memberships: 12 to add". Empty when all are 0.
func tally(s core.Summary) string {
	return inKinds(s, func(t core.Traits) (one, many string) { return t.Todo, t.Todos })
}

// done puts what was carried out into one sentence.
func done(results []core.StepResult) string {
	var s core.Summary
	for i := range results {
		switch r := &results[i]; {
		case r.Step.Action.OfMembers(): // also one that failed may be done for some
			*r.Step.Action.Traits().Counter(&s) += r.People
		case r.Outcome != core.StepOK:
		default:
			s.Count(&r.Step)
		}
	}
	return inKinds(s, func(t core.Traits) (one, many string) { return t.Done, t.Dones })
}

// left counts what a run that ended early did not begin, memberships by people.
func left(results []core.StepResult) (s core.Summary) {
	for i := range results {
		if r := &results[i]; r.Outcome == core.StepNotRun {
			s.Count(&r.Step)
			*r.Step.Action.Traits().Counter(&s) -= r.People
		}
	}
	return s
}

// leftByAction is left for programs; nil when nothing is.
func leftByAction(results []core.StepResult) map[core.Action]int {
	s := left(results)
	var by map[core.Action]int
	people, teams, memberships := core.ActionsByKind()
	for _, a := range slices.Concat(people, teams, memberships) {
		if n := *a.Traits().Counter(&s); n > 0 {
			if by == nil {
				by = map[core.Action]int{}
			}
			by[a] = n
		}
	}
	return by
}

// inKinds words the counts of people, teams and memberships.
func inKinds(s core.Summary, words func(core.Traits) (one, many string)) string {
	numbers := func(actions []core.Action) (list []number) {
		for _, a := range actions {
			t := a.Traits()
			one, many := words(t)
			n := *t.Counter(&s)
			list = append(list, number{n, plural(n, one, many)})
		}
		return list
	}
	people, teams, memberships := core.ActionsByKind()
	return clauses(clause("", numbers(people)), clause("teams: ", numbers(teams)), clause("memberships: ", numbers(memberships)))
}

type number struct {
	n    int
	what string
}

func clause(lead string, numbers []number) string {
	var parts []string
	for _, x := range numbers {
		if x.n != 0 {
			parts = append(parts, thousands(x.n)+" "+x.what)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return lead + strings.Join(parts, ", ")
}

func clauses(parts ...string) string {
	kept := parts[:0]
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "; ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// seats says what the plan means for seats, empty when nothing.
func seats(s core.Summary) string {
	if s.SeatsTaken == 0 && s.SeatsFreed == 0 {
		return ""
	}
	return "Seats: " + thousands(s.SeatsTaken) + " taken, " + thousands(s.SeatsFreed) + " freed."
}

// unmanagedCount says how much of the workspace is not Okta's, empty when nothing.
func (v voice) unmanagedCount(s core.Summary) string {
	if s.UnmanagedMembers == 0 && s.UnmanagedTeams == 0 {
		return ""
	}
	return "Not managed by " + v.okta() + " and left alone: " + count(s.UnmanagedMembers, "member", "members") + ", " +
		count(s.UnmanagedTeams, "team", "teams") + "."
}
