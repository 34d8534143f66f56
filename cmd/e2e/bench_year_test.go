//go:build !windows

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/internal/group"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// fewTimes is how often a short run is repeated within a round.
const fewTimes = 5

// year is a run that finds nothing to do, on a new state and on one that has seen
// such a run each hour of a year.
func year(c *contest) {
	of := aThousand(0)
	of.full = true
	s := c.share(of)
	defer s.end()
	s.run(step{name: "everybody found in Attio", says: "Done: ", unnoted: true}, "apply", "--yes", "--first-run")
	quiet := step{name: "nothing changed, on a new state", says: "Nothing to do", requests: 24}
	for range fewTimes {
		s.run(quiet, "apply", "--yes")
	}
	s.age()
	quiet.name = "the same, after a year of a run each hour"
	for range fewTimes {
		s.run(quiet, "apply", "--yes")
	}
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
	now, err := state.Open(s.Context(), state.Location{URL: s.lanes[0].stateURL()})
	must(err)
	managed, _, _, err := now.Read(s.Context())
	must(err)
	memory := "/dev/shm" // no disk is waited for, if that is there
	if _, err := os.Stat(memory); err != nil {
		memory = ""
	}
	made, err := os.MkdirTemp(memory, "scim-sync-year")
	must(err)
	defer os.RemoveAll(made)
	store, err := state.Open(s.Context(), state.Location{URL: "file://" + filepath.ToSlash(filepath.Join(made, "state.json"))})
	must(err)
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
	for _, l := range s.lanes {
		cache, err := os.ReadFile(l.cacheFile())
		must(err)
		must(os.RemoveAll(l.stateFolder()))
		must(os.CopyFS(l.stateFolder(), os.DirFS(made)))
		must(os.WriteFile(l.cacheFile(), cache, 0o600))
	}
	syscall.Sync() // so that no run waits for what was copied here
}

func (l *lane) cacheFile() string { return filepath.Join(l.stateFolder(), "state.cache.json") }

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
