package run

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

func eventsOf(ctx context.Context, store *state.Store, f state.Filter) ([]state.Event, error) {
	var events []state.Event
	for e, err := range store.History(ctx, f) {
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// lately is how many lines of the journal an explanation shows.
const lately = 6

// pastOf gives the last lines of the journal about what is explained.
func pastOf(ctx context.Context, store *state.Store, e planner.Explanation) ([]state.Event, error) {
	var past []state.Event
	for _, p := range e.People {
		who := p.OktaID
		if who == "" {
			who = p.Email
		}
		if err := last(&past, store.History(ctx, state.Filter{Person: who}), func(state.Event) bool { return true }); err != nil {
			return nil, err
		}
	}
	for _, t := range e.Teams {
		if err := last(&past, store.History(ctx, state.Filter{}), func(ev state.Event) bool { return ofTeam(ev, t) }); err != nil {
			return nil, err
		}
	}
	past = inOrder(past)
	return past[max(0, len(past)-lately):], nil
}

// inOrder puts events into the journal's order, each once.
func inOrder(events []state.Event) []state.Event {
	slices.SortFunc(events, func(a, b state.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return slices.CompactFunc(events, func(a, b state.Event) bool { return a.Seq == b.Seq })
}

// last adds the last events that are chosen and have happened.
func last(past *[]state.Event, events iter.Seq2[state.Event, error], chosen func(state.Event) bool) error {
	var some []state.Event
	for ev, err := range events {
		if err != nil {
			return err
		}
		if view.Tells(ev) && chosen(ev) {
			if some = append(some, ev); len(some) > lately {
				some = some[1:]
			}
		}
	}
	*past = append(*past, some...)
	return nil
}

func ofTeam(ev state.Event, t planner.TeamExplained) bool {
	group := func(id string) bool {
		return id != "" && slices.ContainsFunc(t.Groups, func(g planner.GroupExplained) bool { return g.ID == id })
	}
	step := func(s core.Step) bool {
		return s.Team != nil && (group(s.Team.OktaID) || s.Team.AttioID != "" && s.Team.AttioID == t.AttioID)
	}
	switch {
	case ev.Of != nil:
		return step(ev.Of.Step)
	case ev.Step != nil:
		return step(*ev.Step)
	case ev.Change != nil:
		return slices.ContainsFunc(ev.Change.Teams, func(m core.ManagedTeam) bool { return group(m.GroupID) }) || slices.ContainsFunc(ev.Change.ForgetTeams, group)
	}
	return false
}
