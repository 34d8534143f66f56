package cli

import (
	"cmp"
	"context"
	"time"

	"scim-sync/sync/state"
)

// GoodRun says whether a run did all that there was to do. What else writes to the
// journal, such as a link by hand, is none.
func GoodRun(r state.RunRecord) bool {
	whole := r.Info.Command == "" || r.Info.Command == "apply" || r.Info.Command == "watch"
	return whole && r.Summary != nil && r.Summary.ExitCode == ExitOK
}

// EndOf is when a run ended, or began where that is not known.
func EndOf(r state.RunRecord) time.Time {
	if r.Ended.IsZero() {
		return r.Info.Began
	}
	return r.Ended
}

// LastGood finds the last run that did all that there was to do; nil: the journal
// holds none.
func LastGood(ctx context.Context, store *state.Store, last *state.RunRecord) (found *state.RunRecord, err error) {
	if last == nil || GoodRun(*last) {
		return last, nil
	}
	for r, err := range store.Runs(ctx) {
		if err != nil {
			return nil, err
		}
		if GoodRun(r) {
			found = &r
		}
	}
	return found, nil
}

// StateUnasked finds the state by settings that are loaded and without any request;
// nil where its place is not known without. It is closed with the settings.
func StateUnasked(ctx context.Context, p *Program, s *Settings) (*state.Store, error) {
	return placedState(ctx, p, s)
}

// WorkspaceOf names the workspace as the settings or the sign-in do, without any
// request: always in the same way, so that it can be counted by. Empty: nobody says.
func WorkspaceOf(p *Program, s *Settings) string {
	if s.Attio.Workspace != "" {
		return s.Attio.Workspace
	}
	c, err := NewCredential(p, s)
	if err != nil || c.Login == nil {
		return ""
	}
	return cmp.Or(c.Login.WorkspaceSlug, c.Login.WorkspaceID)
}
