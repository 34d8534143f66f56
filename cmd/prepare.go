package cmd

import (
	"context"
	"errors"

	"scim-sync/cmd/view"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// propose reads both sides and works out the plan. It is the way that plan
// and apply share: nothing in it can write.
func (a *app) propose(ctx context.Context, s *session, m core.Managed, exists bool, unfinished []core.Unfinished, o planner.Options, full bool) (*planner.Draft, error) {
	if err := rightSource(m, exists, s); err != nil {
		return nil, err
	}
	q := s.policy.Query()
	q.Full = full
	live := view.UseProgress(a.global.quiet, false, a.LookupEnv, a.err.TTY)
	progress := view.NewProgress(a.err, live)
	progress.Start("Reading")
	if live {
		a.waits.drawnBy(progress)
	}
	dir, ws, err := planner.Gather(ctx, s.source, s.reader, q, func(side, what string, n int) {
		progress.Count(side+" "+what, n)
	})
	a.waits.drawnBy(nil)
	progress.Done()
	took := s.attio.Counts()
	s.workspaceReads = took.Requests - took.Retries - s.before[1].Requests + s.before[1].Retries
	if err != nil {
		return nil, appInactive(err, s.settings.Okta.AppID)
	}
	if s.sandbox != nil {
		dir.Origin.OrgURL = "sandbox" // its port is another each time; a plan's id is not
	}
	a.warnOfAuthor(s, dir, ws, m)
	if o.NoRemovals = o.NoRemovals || s.policy.Protect.NoRemovals; o.NoRemovals {
		s.policy.Protect.NoRemovals = true
	}
	return planner.Prepare(ctx, s.source, s.reader, planner.Input{
		Directory: dir, Workspace: ws, Managed: m, FirstRun: m.FirstRun(exists), Unfinished: unfinished,
		Policy: s.policy, Options: o, Now: a.Now(), Version: a.Version,
	})
}

// exitOfPlan gives the exit code of a plan that was only looked at.
func exitOfPlan(p *planner.Draft, detailed bool) error {
	switch {
	case !detailed:
		return nil
	case len(p.Plan.Refusals) > 0:
		return exit(ExitRefused)
	case p.Changes():
		return exit(ExitPending)
	}
	return nil
}

// appInactive words the source's refusal of an app that is switched off as the
// safety rail that it is.
func appInactive(err error, app string) error {
	var e *idp.Error
	if !errors.As(err, &e) || e.Kind != idp.AppInactive {
		return err
	}
	return &railError{core.Refusal{Code: "app-inactive", Subject: app, Detail: e.Detail, Remedy: e.Hint}}
}
