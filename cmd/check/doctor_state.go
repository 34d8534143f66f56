package check

import (
	"context"
	"fmt"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

// stateTitles are the checks of the state.
type stateTitles struct{ readable, writable, lock title }

func titlesOfState() stateTitles {
	return stateTitles{
		readable: title{"state-readable", "the state can be read"},
		writable: title{"state-writable", "the state can be written"},
		lock:     title{"state-lock", "no other run holds the state's lock"},
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
	probe := store.Probe(ctx)
	if probe.Reach != nil {
		u.bad(t.writable, probe.Reach)
		u.skip("its folder cannot be used", t.readable, t.lock)
		return
	}
	u.found(t.writable, probe.Place, probe.Write)
	u.found(t.lock, "it is free", probe.Lock)
	r := cli.StateRead{}
	if r.Managed, r.Unfinished, r.Info, err = store.Read(ctx); err == nil {
		err = u.rightSource(r)
	}
	if err != nil {
		u.bad(t.readable, err)
		return
	}
	u.good(t.readable, stateWords(r))
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
	place := r.Info.Paths.Snapshot
	if !r.Info.Exists {
		return "there is none yet at " + place + "; the first apply makes it"
	}
	people, teams := view.CountManaged(r.Managed)
	text := fmt.Sprintf("%s and %s are managed (%s)", view.Count(people.Active+people.Suspended, "person", "people"), view.Count(teams, "team", "teams"), place)
	if n := len(r.Unfinished); n > 0 {
		text += "; " + view.Count(n, "write was", "writes were") + " left unfinished, which the next run looks after"
	}
	return text
}
