package cmd

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

func newExplain(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "explain EMAIL|TEAM",
		Short: "Say why somebody or a team is as it is, and what comes next",
		Long: `explain reads both sides as a plan does and shows one page about one person or
one team: what Okta says and how the assignment came about, what Attio has,
what the state holds, what past runs did, and what the next run would do and
why. It writes nothing, and it knows people whom nobody manages, too.

EMAIL is an address or an Okta id. TEAM is a team's present name, its group's
name, or either id.`,
		Example: `  scim-sync explain ada@acme.com
  scim-sync explain Sales
  scim-sync explain ada@acme.com --format json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.complete(a.completeExplain),
		RunE:              func(c *cobra.Command, args []string) error { return a.explain(c.Context(), args[0], format) },
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func (a *app) explain(ctx context.Context, name, format string) error {
	if err := textOrJSON(format); err != nil {
		return err
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	managed, unfinished, info, err := s.store.Read(ctx)
	if err != nil {
		return err
	}
	a.warn(info)
	p, err := a.propose(ctx, s, managed, info.Exists, unfinished, planner.Options{}, false)
	if err != nil {
		return err
	}
	e, err := planner.Explain(p, name)
	if unknown, ok := errors.AsType[*planner.UnknownNameError](err); ok {
		return &usageError{text: unknown.Error(), hint: unknown.Hint()}
	}
	if err != nil {
		return err
	}
	past, err := pastOf(ctx, s.store, e)
	if err != nil {
		return err
	}
	if format == "json" {
		return view.ExplainJSON(a.Stdout, e, past)
	}
	return view.ExplainText(a.out, e, past)
}

func textOrJSON(format string) error {
	if format != "text" && format != "json" {
		return usagef("--format %q: use text or json", format)
	}
	return nil
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
