package run

import (
	"context"
	"slices"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/internal/notify"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// goodRuns are the runs that ended well, whoever made them.
type goodRuns struct {
	began time.Time     // when this process did
	stale time.Duration // how long without one is told of; 0: never
	last  time.Time     // as far as is known
	own   string        // the last run that this process made
}

// stalled is the trouble that no run has ended well for long; where none ever has,
// since the watch began. Whoever makes one run alone leaves it as it was told.
func (g *goodRuns) stalled(ctx context.Context, store *state.Store, info state.Info, was []core.ToldTrouble, code int, now time.Time) []core.Trouble {
	if code == cli.ExitOK {
		return nil
	}
	if g.stale == 0 {
		if i := slices.IndexFunc(was, func(t core.ToldTrouble) bool { return t.Lead == notify.Stale }); i >= 0 {
			return []core.Trouble{{Key: was[i].Key, Lead: notify.Stale, Text: was[i].Text}}
		}
		return nil
	}
	since, text := g.whenLast(ctx, store, info), "no run has ended well since "
	if since.IsZero() {
		since, text = g.began, "no run has ended well since the watch began, "
	}
	if now.Sub(since) < g.stale {
		return nil
	}
	return []core.Trouble{{Key: key(notify.Stale), Lead: notify.Stale, Text: text + view.When(since), Remedy: "See why: scim-sync status, scim-sync history"}}
}

// goodRun is when a run ended well last, whoever made it; zero: not known. The journal
// is asked where others have made runs since this process did.
func (g *goodRuns) whenLast(ctx context.Context, store *state.Store, info state.Info) time.Time {
	last := info.LastRun
	if store == nil || last == nil || !g.last.IsZero() && last.Info.RunID == g.own {
		return g.last
	}
	if good, err := cli.LastGood(ctx, store, last); err == nil && good != nil {
		g.wentWell(cli.EndOf(*good))
	}
	return g.last
}

func (g *goodRuns) wentWell(at time.Time) {
	if at.After(g.last) {
		g.last = at
	}
}
