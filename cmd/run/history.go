package run

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

type historyOptions struct {
	person string
	verify bool
	format string
	last   int
	wide   bool
}

func newHistory(p *cli.Program) *cobra.Command {
	var o historyOptions
	c := &cobra.Command{
		Use:        "history [RUN]",
		SuggestFor: []string{"log", "journal", "audit"},
		Short:      "Show what past runs did, to whom, why, and on whose word",
		Long: `history lists past runs. With RUN, the number of one (12 or "#12"), its id or the
beginning of that, it shows each step of it; --person shows all that happened to
somebody: who removed them, when, why, and what Okta said then.
--verify checks that the journal is as it was written: each line holds the hash
of the one before. Nothing is written.`,
		Example: `  scim-sync history
  scim-sync history 12
  scim-sync history --person ada@acme.com
  scim-sync history --last 0 --format html > history.html   with a chart
  scim-sync history 20260921T070000Z-1a2b3c4d --format csv > run.csv
  scim-sync history --verify`,
		Annotations:       cli.EndsAfterReading(),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cli.Complete(p, runIDs(p)),
		RunE: func(c *cobra.Command, args []string) error {
			run := ""
			if len(args) == 1 {
				run = args[0]
			}
			return history(c.Context(), p, run, o)
		},
	}
	f := c.Flags()
	cli.Text(c, &o.person, "person", "all that happened to this person (`EMAIL` or Okta id)", cli.Known(p, cli.KnownPeople))
	f.BoolVar(&o.verify, "verify", false, "check the journal; exit 1 if it is not as it was written")
	cli.Choice(c, &o.format, "format", "; with --verify text or json", "text", "json", "html", "csv")
	f.IntVar(&o.last, "last", 50, "list the last `N` runs; 0 for all")
	f.BoolVar(&o.wide, "wide", false, "every column of the list, however narrow the terminal is")
	return c
}

func history(ctx context.Context, p *cli.Program, run string, o historyOptions) error {
	if o.verify {
		if err := cli.Choose("--format", o.format, "text", "json"); err != nil {
			return err
		}
	}
	if o.last < 0 || o.verify && (run != "" || o.person != "") {
		return cli.Usagef("--verify checks the whole journal, so it takes no run and no person; --last is 0 or more")
	}
	store, err := cli.OpenState(ctx, p)
	if err != nil {
		return err
	}
	defer store.Close()
	switch {
	case o.verify:
		return verify(ctx, p, store.Store, o.format)
	case run != "":
		return historyOfRun(ctx, p, store.Store, run, o)
	case o.person != "":
		return historyOfPerson(ctx, p, store.Store, o)
	}
	runs, older, err := store.LastRuns(ctx, o.last)
	if err != nil {
		return err
	}
	if len(runs) == 0 && o.format == "text" {
		_, _, info, err := store.Read(ctx)
		if err != nil {
			return err
		}
		if info.Exists {
			return view.Line(p.Out, "There is a state, but its journal ("+view.Clean(info.Paths.Journal)+") is missing or empty: what past runs did is not known. Bring it back from a backup.")
		}
	}
	return showRuns(ctx, p, store.Store, o, runs, older)
}

// showRuns lists runs. A page draws all that the journal holds, whichever runs it
// lists, an event at a time.
func showRuns(ctx context.Context, p *cli.Program, store *state.Store, o historyOptions, runs []state.RunRecord, older int) error {
	switch o.format {
	case "json":
		return view.RunsJSON(p.Stdout, runs)
	case "csv":
		return view.RunsCSV(p.Stdout, runs)
	case "text":
		return view.RunsText(p.Out, runs, older, o.wide)
	}
	var days view.Days
	for e, err := range store.History(ctx, state.Filter{}) {
		if err != nil {
			return err
		}
		days.Add(e)
	}
	return view.RunsHTML(p.Stdout, runs, older, &days)
}

func verify(ctx context.Context, p *cli.Program, store *state.Store, format string) error {
	v, err := store.Verify(ctx)
	if err != nil {
		return err
	}
	if format == "json" {
		err = view.VerdictJSON(p.Stdout, v)
	} else {
		err = view.VerdictText(p.Out, v)
	}
	if err == nil && v.Bad != nil {
		return cli.Exit(cli.ExitFailed)
	}
	return err
}

func historyOfRun(ctx context.Context, p *cli.Program, store *state.Store, name string, o historyOptions) error {
	r, err := runNamed(ctx, store, name)
	if err != nil {
		return err
	}
	events, err := eventsOf(ctx, store, state.Filter{Run: r.Info.RunID, Person: o.person})
	if err != nil {
		return err
	}
	switch o.format {
	case "json":
		return view.EventsJSON(p.Stdout, events)
	case "csv":
		return view.EventsCSV(p.Stdout, events)
	case "html":
		return view.RunHTML(p.Stdout, r, events)
	}
	return view.RunText(p.Out, r, events)
}

// runNamed finds a run by its number, its id or the beginning of that.
func runNamed(ctx context.Context, store *state.Store, name string) (state.RunRecord, error) {
	var found []state.RunRecord
	number, _ := strconv.ParseUint(strings.TrimPrefix(name, "#"), 10, 64)
	for r, err := range store.Runs(ctx) {
		if err != nil || r.Info.RunID == name || number > 0 && r.Info.Number == number {
			return r, err
		}
		if strings.HasPrefix(r.Info.RunID, name) {
			found = append(found, r)
		}
	}
	none := &cli.UsageError{Text: "the journal knows no run " + core.Quote(name), Advice: "List them: scim-sync history --last 0"}
	return cli.One(found, "run", name, none, func(r state.RunRecord) (string, string) { return r.Info.Command, r.Info.RunID })
}

// historyOfPerson shows what happened to somebody. An address leads to the
// Okta id that the state or the journal ties it to, so that lines from before
// a change of address are found too.
func historyOfPerson(ctx context.Context, p *cli.Program, store *state.Store, o historyOptions) error {
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
		events = inOrder(slices.Concat(events, more))
	}
	if near := cli.Near(o.person, cli.KnownPeople(m), ""); len(events) == 0 && near != "" {
		p.Say(near)
	}
	switch o.format {
	case "json":
		return view.EventsJSON(p.Stdout, events)
	case "csv":
		return view.EventsCSV(p.Stdout, events)
	case "html":
		return view.PersonHTML(p.Stdout, o.person, events)
	}
	return view.PersonText(p.Out, o.person, events)
}

// runIDs gives the ids of the last runs.
func runIDs(p *cli.Program) cli.Names {
	return func(ctx context.Context, args []string) ([]string, error) {
		if len(args) > 0 {
			return nil, nil
		}
		store, err := cli.OpenState(ctx, p)
		if err != nil {
			return nil, err
		}
		defer store.Close()
		const offered = 200
		runs, _, err := store.LastRuns(ctx, offered)
		ids := make([]string, len(runs))
		for i, r := range runs {
			ids[i] = r.Info.RunID
		}
		return ids, err
	}
}
