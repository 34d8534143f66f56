package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

type historyOptions struct {
	person string
	verify bool
	format string
	last   int
}

func newHistory(a *app) *cobra.Command {
	var o historyOptions
	c := &cobra.Command{
		Use:   "history [RUN]",
		Short: "Show what past runs did, to whom, why, and on whose word",
		Long: `history lists past runs. With RUN it shows each step of one; --person shows all
that happened to somebody: who removed them, when, why, and what Okta said then.
--verify checks that the journal is as it was written: each line holds the hash
of the one before. Nothing is written.`,
		Example: `  scim-sync history
  scim-sync history 20260921T070000Z-1a2b3c4d
  scim-sync history --person ada@acme.com
  scim-sync history --verify`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeFromStore(completeRuns),
		RunE: func(c *cobra.Command, args []string) error {
			run := ""
			if len(args) == 1 {
				run = args[0]
			}
			return a.history(c.Context(), run, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.person, "person", "", "all that happened to this person (address or Okta id)")
	f.BoolVar(&o.verify, "verify", false, "check the journal; exit 1 if it is not as it was written")
	f.StringVar(&o.format, "format", "text", "text or json")
	f.IntVar(&o.last, "last", 50, "how many runs to list; 0 for all")
	return c
}

func (a *app) history(ctx context.Context, run string, o historyOptions) error {
	if err := textOrJSON(o.format); err != nil {
		return err
	}
	if o.last < 0 || o.verify && (run != "" || o.person != "") {
		return usagef("--verify checks the whole journal, so it takes no run and no person; --last is 0 or more")
	}
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	switch {
	case o.verify:
		return a.verify(ctx, s.store, o.format)
	case run != "":
		return a.historyOfRun(ctx, s.store, run, o)
	case o.person != "":
		return a.historyOfPerson(ctx, s.store, o)
	}
	runs, older, err := s.store.LastRuns(ctx, o.last)
	if err != nil {
		return err
	}
	if len(runs) == 0 && o.format != "json" {
		_, _, info, err := s.store.Read(ctx)
		if err != nil {
			return err
		}
		if info.Exists {
			return view.Line(a.out, "There is a state, but its journal ("+view.Clean(info.Paths.Journal)+") is missing or empty: what past runs did is not known. Bring it back from a backup.")
		}
	}
	if o.format == "json" {
		return view.RunsJSON(a.Stdout, runs)
	}
	return view.RunsText(a.out, runs, older)
}

func (a *app) verify(ctx context.Context, store *state.Store, format string) error {
	v, err := store.Verify(ctx)
	if err != nil {
		return err
	}
	if format == "json" {
		err = view.VerdictJSON(a.Stdout, v)
	} else {
		err = view.VerdictText(a.out, v)
	}
	if err == nil && v.Bad != nil {
		return exit(ExitFailed)
	}
	return err
}

func (a *app) historyOfRun(ctx context.Context, store *state.Store, name string, o historyOptions) error {
	r, err := runNamed(ctx, store, name)
	if err != nil {
		return err
	}
	events, err := eventsOf(ctx, store, state.Filter{Run: r.Info.RunID, Person: o.person})
	if err != nil {
		return err
	}
	if o.format == "json" {
		return view.EventsJSON(a.Stdout, events)
	}
	return view.RunText(a.out, r, events)
}

// runNamed finds a run by its id or the beginning of it.
func runNamed(ctx context.Context, store *state.Store, name string) (state.RunRecord, error) {
	var found []state.RunRecord
	for r, err := range store.Runs(ctx) {
		if err != nil || r.Info.RunID == name {
			return r, err
		}
		if strings.HasPrefix(r.Info.RunID, name) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return state.RunRecord{}, &usageError{text: "the journal knows no run " + core.Quote(name), hint: "List them: scim-sync history --last 0"}
	case 1:
		return found[0], nil
	}
	return state.RunRecord{}, severalMeant("run", name, found, func(r state.RunRecord) (string, string) { return r.Info.Command, r.Info.RunID })
}

// historyOfPerson shows what happened to somebody. An address leads to the
// Okta id that the state or the journal ties it to, so that lines from before
// a change of address are found too.
func (a *app) historyOfPerson(ctx context.Context, store *state.Store, o historyOptions) error {
	events, err := eventsOf(ctx, store, state.Filter{Person: o.person})
	if err != nil {
		return err
	}
	m, _, _, err := store.Read(ctx)
	if err != nil {
		return err
	}
	if known := m.FindPeople(o.person); len(known) == 1 {
		more, err := eventsOf(ctx, store, state.Filter{Person: known[0].OktaID})
		if err != nil {
			return err
		}
		events = merged(events, more)
	}
	if o.format == "json" {
		return view.EventsJSON(a.Stdout, events)
	}
	return view.PersonText(a.out, o.person, events)
}

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

// merged puts two lists of events into the journal's order, each event once.
func merged(a, b []state.Event) []state.Event {
	all := append(append([]state.Event(nil), a...), b...)
	return inOrder(all)
}

// completeRuns gives the ids of the last runs.
func completeRuns(ctx context.Context, s *session, args []string) ([]string, error) {
	if len(args) > 0 {
		return nil, nil
	}
	const offered = 200
	runs, _, err := s.store.LastRuns(ctx, offered)
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.Info.RunID)
	}
	return ids, err
}
