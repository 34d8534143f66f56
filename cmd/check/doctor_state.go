package check

import (
	"context"
	"fmt"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/sync/state"
)

// stateTitles are the checks of the state.
type stateTitles struct{ readable, writable, lock, note, pause title }

func titlesOfState() stateTitles {
	return stateTitles{
		readable: title{"state-readable", "the state can be read"},
		writable: title{"state-writable", "the state can be written"},
		lock:     title{"state-lock", "no other run holds the state's lock"},
		note:     title{"state-store", "the state's store is as it should be"},
		pause:    title{"pause", "runs are made"},
	}
}

func (u *checkup) checkState(ctx context.Context) {
	t := titlesOfState()
	if u.s.Sandbox != nil {
		u.good(t.readable, "in memory")
		return
	}
	store, err := cli.NewState(ctx, u.Program, u.s, u.workspace)
	switch {
	case err != nil:
		u.bad(t.readable, err)
		return
	case store == nil:
		u.skip("its file is named by the workspace, which is not known yet", t.readable, t.writable, t.lock)
		return
	}
	u.lookAtStore(ctx, store)
}

// lookAtStore tells whether a run could begin there, and what the state says.
func (u *checkup) lookAtStore(ctx context.Context, store *state.Store) {
	t, probe := titlesOfState(), store.Probe(ctx)
	if probe.Reach != nil {
		u.bad(t.writable, probe.Reach)
		u.skip("its store cannot be used", t.readable, t.lock)
		return
	}
	u.found(t.writable, placeWords(probe), probe.Write)
	u.found(t.lock, "it is free", withLease(ctx, store, probe.Lock))
	if probe.Ahead.Abs() >= clockOff {
		u.odd(t.note, clockWords(probe.Ahead), "Let both machines set their clocks by NTP; docs/state.md says what a clock that jumps does to a lock.")
	}
	for _, note := range probe.Notes {
		u.odd(t.note, note, "See what docs/state.md says of that store.")
	}
	r, err := cli.LookAtState(ctx, store)
	if err == nil {
		err = u.rightSource(r)
	}
	if err != nil {
		u.bad(t.readable, err)
		return
	}
	if !r.Info.Exists {
		u.skip("there is none yet at "+r.Info.Paths.Snapshot+"; the first apply makes it", t.readable)
		return
	}
	u.good(t.readable, stateWords(r))
	if pause, on := r.Managed.Paused(u.Now()); on {
		u.odd(t.pause, fmt.Sprintf("they are paused until %s, by %s: %s", view.When(pause.Until), view.Clean(pause.By), view.Clean(pause.Reason)), "To end the pause: scim-sync resume")
	}
}

func placeWords(p state.Probe) string {
	if p.Server == "" {
		return p.Place
	}
	return fmt.Sprintf("%s (%s)", p.Place, view.Clean(p.Server))
}

// clockOff is how far the store's clock may be from ours: no lease is shorter.
const clockOff = 30 * time.Second

func clockWords(ahead time.Duration) string {
	word := "ahead of"
	if ahead < 0 {
		word = "behind"
	}
	return fmt.Sprintf("its clock is %s %s this machine's", ahead.Abs().Round(time.Second), word)
}

// withLease adds to a lock that is held and runs out when that is.
func withLease(ctx context.Context, store *state.Store, held error) error {
	if held == nil {
		return nil
	}
	if at, err := store.Standing(ctx); err == nil && at != nil {
		if lease := cli.LeaseWords(*at); lease != "" {
			return fmt.Errorf("%w; it %s", held, lease)
		}
	}
	return held
}

// found adds what a look at the store says.
func (u *checkup) found(t title, good string, err error) {
	if err != nil {
		u.bad(t, err)
		return
	}
	u.good(t, good)
}

// rightSource compares what the state belongs to with the settings, as far as
// the workspace and the app are known: a wrong one is told of by its own check.
func (u *checkup) rightSource(r cli.StateRead) error {
	if !u.isGood(titlesOfAttio().workspace.code) || !u.isGood("okta-app") {
		return nil
	}
	return r.RightSource(u.attio.Identity, u.s)
}

func stateWords(r cli.StateRead) string {
	people, teams := view.CountManaged(r.Managed)
	text := view.ManagedWords(people, teams) + " (" + r.Info.Paths.Snapshot + ")"
	if n := len(r.Unfinished); n > 0 {
		text += "; " + view.Count(n, "write was", "writes were") + " left unfinished, which the next run looks after"
	}
	return text
}
