package cmd

import (
	"context"
	"fmt"

	"scim-sync/cmd/view"
	"scim-sync/idp/okta"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// The checks of the state.
const (
	checkReadable = "state-readable"
	checkWritable = "state-writable"
	checkLock     = "state-lock"
)

func stateTitle(code string) string {
	return map[string]string{
		checkReadable: "the state can be read", checkWritable: "the state can be written", checkLock: "no other run holds the state's lock",
	}[code]
}

func (u *checkup) state(ctx context.Context) {
	if u.s.sandbox != nil {
		u.good(checkReadable, stateTitle(checkReadable), "in memory")
		return
	}
	var err error
	if u.s.store, err = u.findState(ctx); err != nil {
		u.bad(checkReadable, stateTitle(checkReadable), err)
		return
	}
	if u.s.store == nil {
		for _, code := range []string{checkReadable, checkWritable, checkLock} {
			u.skip("its file is named by the workspace, which is not known yet", code, stateTitle(code))
		}
		return
	}
	probe := u.s.store.Probe(ctx)
	if probe.Reach != nil {
		u.bad(checkWritable, stateTitle(checkWritable), probe.Reach)
		for _, code := range []string{checkReadable, checkLock} {
			u.skip("its folder cannot be used", code, stateTitle(code))
		}
		return
	}
	u.found(checkWritable, probe.Place, probe.Write)
	u.found(checkLock, "it is free", probe.Lock)
	m, unfinished, info, err := u.s.store.Read(ctx)
	if err == nil {
		err = u.rightPlace(m, info.Exists)
	}
	if err != nil {
		u.bad(checkReadable, stateTitle(checkReadable), err)
		return
	}
	u.good(checkReadable, stateTitle(checkReadable), stateWords(m, len(unfinished), info))
}

// findState gives the store, or nil when its place is not known.
func (u *checkup) findState(ctx context.Context) (*state.Store, error) {
	if !u.s.settings.State.URL.Given() && u.s.identity.WorkspaceID == "" {
		if u.s.from.login == nil {
			return nil, nil //nolint:nilnil // not known is an answer here
		}
		u.s.identity.WorkspaceID = u.s.from.login.WorkspaceID
	}
	return u.a.openState(ctx, u.s)
}

// rightPlace compares what the state belongs to with the settings, as far as
// the workspace and the app are known: a wrong one is told of by its own check.
func (u *checkup) rightPlace(m core.Managed, exists bool) error {
	for _, code := range []string{checkWorkspace, "okta-app"} {
		if f, ok := u.findCode(code); !ok || f.Status != okta.Good {
			return nil
		}
	}
	return rightSource(m, exists, u.s)
}

func stateWords(m core.Managed, unfinished int, info state.Info) string {
	if !info.Exists {
		return "there is none yet at " + info.Paths.Snapshot + "; the first apply makes it"
	}
	people, teams := managedCounts(m)
	text := fmt.Sprintf("%s and %s are managed (%s)", view.Count(people.Active+people.Suspended, "person", "people"), view.Count(teams, "team", "teams"), info.Paths.Snapshot)
	if unfinished > 0 {
		text += "; " + view.Count(unfinished, "write was", "writes were") + " left unfinished, which the next run looks after"
	}
	return text
}

// found adds what a look at the store says.
func (u *checkup) found(code, good string, err error) {
	if err != nil {
		u.bad(code, stateTitle(code), err)
		return
	}
	u.good(code, stateTitle(code), good)
}
