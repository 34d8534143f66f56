package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/sync/state"
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
	if !u.checkFolder(store.Places(), t) {
		return
	}
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

// checkFolder looks whether a file can be made where the state lies, and whether
// the lock is free. It leaves nothing behind.
func (u *checkup) checkFolder(at state.Places, t stateTitles) bool {
	if !filepath.IsAbs(at.Snapshot) {
		return true
	}
	dir, err := nearest(filepath.Dir(at.Snapshot))
	if err != nil {
		u.bad(t.writable, &state.UnwritableError{Dir: dir, Err: err})
		u.skip("its folder cannot be used", t.readable, t.lock)
		return false
	}
	if err := state.TryWriting(dir, at.Room()); err != nil {
		u.bad(t.writable, err)
	} else {
		u.good(t.writable, dir)
	}
	holder, held, err := state.Held(at)
	switch {
	case err != nil:
		u.bad(t.lock, err)
	case held:
		u.bad(t.lock, &state.LockedError{Holder: holder, Place: at.Lock})
	default:
		u.good(t.lock, "it is free")
	}
	return true
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
	place := r.Info.Places.Snapshot
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

// nearest is the folder itself, or the first above it that is there.
func nearest(dir string) (string, error) {
	for {
		st, err := os.Stat(dir)
		switch {
		case err == nil && st.IsDir():
			return dir, nil
		case err == nil:
			return dir, errors.New("it is no folder")
		case !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir):
			return dir, err
		}
		dir = filepath.Dir(dir)
	}
}
