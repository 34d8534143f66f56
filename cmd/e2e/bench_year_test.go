package e2e

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/internal/group"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// year is a run that finds nothing to do, on a new state and on one that has seen
// such a run each hour of a year.
func year(c *contest) {
	of := aThousand(0)
	of.full = true
	s := c.share(of)
	defer s.end()
	s.run(step{name: "everybody found in Attio", says: "Done: ", unnoted: true}, "apply", "--yes", "--first-run")
	quiet := step{name: "nothing changed, on a new state", says: "Nothing to do", requests: 24}
	s.run(quiet, "apply", "--yes")
	s.age()
	quiet.name = "the same, after a year of a run each hour"
	s.run(quiet, "apply", "--yes")
	s.run(step{name: "history of that year"}, "history", "--last", "0")
}

// age gives every program a state of the same people that is a year old.
func (s *rig) age() {
	s.Helper()
	must := func(err error) {
		if err != nil {
			s.Fatal(err)
		}
	}
	first := s.lanes[0]
	now, was := first.stateFolder(), filepath.Join(first.folder, "new")
	store, err := state.Open(s.Context(), state.Location{URL: first.stateURL()})
	must(err)
	managed, _, _, err := store.Read(s.Context())
	must(err)
	must(os.Rename(now, was))
	const runs, apart = 365 * 24, time.Hour
	at := time.Now().Add(-runs * apart)
	for n := range runs {
		run, err := store.Begin(s.Context(), state.RunInfo{RunID: cli.RunID(at), Command: "apply", Operator: "bench@host", Now: func() time.Time { return at }})
		must(err)
		if n == 0 {
			must(run.Bind(s.Context(), managed.WorkspaceID, managed.OrgURL, managed.AppID))
			must(learnAll(s.Context(), run, managed))
		}
		must(run.Finish(s.Context(), state.Summary{Requests: map[string]int{"okta": 5, "attio": 14}}))
		at = at.Add(apart)
	}
	cache, err := filepath.Glob(filepath.Join(was, "*cache*"))
	must(err)
	for _, from := range cache {
		must(os.Rename(from, filepath.Join(now, filepath.Base(from))))
	}
	for _, l := range s.lanes[1:] {
		must(os.RemoveAll(l.stateFolder()))
		must(os.CopyFS(l.stateFolder(), os.DirFS(now)))
	}
}

// learnAll has a state learn who and what is managed.
func learnAll(ctx context.Context, run *state.Run, m core.Managed) error {
	work, ctx := group.WithContext(ctx) // those who wait together share one write to the disk
	for _, p := range m.People {
		work.Go(func() error { return run.Learn(ctx, nil, core.Change{Person: &p}) })
	}
	for _, t := range m.Teams {
		work.Go(func() error { return run.Learn(ctx, nil, core.Change{Teams: []core.ManagedTeam{t}}) })
	}
	work.Go(func() error { return run.Learn(ctx, nil, core.Change{FirstBegun: true, FirstDone: true}) })
	return work.Wait()
}
