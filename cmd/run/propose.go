package run

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"scim-sync/attio"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/idp"
	"scim-sync/idp/file"
	"scim-sync/internal/group"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// request is what is asked of a plan.
type request struct {
	planner.Options
	full bool // trust no cache
	// session is one that is open already; nil: another is opened.
	session *cli.Session
	// state gives what is managed; nil: what the store holds, without a lock.
	state func(context.Context, *cli.Session) (cli.StateRead, error)
	// tell says what is odd about it, once the token is known to be the right one;
	// nil: its warnings.
	tell func(*cli.Session, cli.StateRead)
	// saveDirectory is where to put what the source said; empty: nowhere.
	saveDirectory string
}

// sight is what a run has seen: both sides, the state, and what comes of them.
type sight struct {
	*cli.Session
	state    cli.StateRead
	readAt   time.Duration // by Elapsed, when the reading was begun
	proposal *planner.Draft
}

// asks says whether there is anything to ask about.
func (s *sight) asks() bool { return !s.proposal.Blocked && s.proposal.Changes() }

const noStateWords = "There is no state for this workspace yet: people found in Attio are adopted, and nobody is suspended until they have been."

// openReadPropose is the one way to a plan: it opens both sides, reads the state
// and then the sides, and works out what is to be done. Nothing in it can write
// to Attio.
func openReadPropose(ctx context.Context, p *cli.Program, r request) (_ *sight, err error) {
	s := &sight{Session: r.session}
	if s.Session == nil {
		if s.Session, err = cli.Begin(ctx, p); err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				s.Close()
			}
		}()
	}
	if r.state == nil {
		r.state = func(ctx context.Context, s *cli.Session) (cli.StateRead, error) {
			return cli.LookAtState(ctx, s.Store)
		}
	}
	if r.tell == nil {
		r.tell = func(_ *cli.Session, read cli.StateRead) { read.Tell(p) }
	}
	if s.state, err = r.state(ctx, s.Session); err != nil {
		return nil, s.Sooner(err)
	}
	source, recorder := s.Okta.Source, file.Record(s.Okta.Source)
	if r.saveDirectory != "" {
		s.Okta.Source = recorder
		defer func() { s.Okta.Source = source }()
	}
	s.readAt = p.Elapsed()
	dir, ws, err := s.gather(ctx, p, r.full)
	if s.Confirmed() {
		r.tell(s.Session, s.state)
	}
	if err != nil {
		return nil, appInactive(err, s.Settings.Okta.AppID)
	}
	warning, err := s.CompareClocks()
	if err != nil {
		return nil, err
	}
	if warning != "" {
		p.Warn(warning)
	}
	if s.Settings.Sandbox != nil {
		dir.Origin.OrgURL = "sandbox" // its port is another each time; a plan's id is not
	}
	if r.session == nil {
		s.warnOfOwner(p, dir, ws)
	}
	err = s.propose(ctx, p, r.Options, dir, ws)
	if err == nil && r.saveDirectory != "" {
		err = recorder.Save(r.saveDirectory, p.Now())
	}
	return s, appInactive(err, s.Settings.Okta.AppID)
}

// propose works out what is to be done, and asks either side where that takes it.
func (s *sight) propose(ctx context.Context, p *cli.Program, o planner.Options, dir idp.Directory, ws attio.Workspace) (err error) {
	policy, m := s.Policy, s.state.Managed
	o.NoRemovals = o.NoRemovals || policy.Protect.NoRemovals
	policy.Protect.NoRemovals = o.NoRemovals
	s.proposal, err = planner.Prepare(ctx, s.Okta.Source, s.Attio.Reader, planner.Input{
		Directory: dir, Workspace: ws, Managed: m, FirstRun: m.FirstRun(s.state.Info.Exists), Unfinished: s.state.Unfinished,
		Policy: policy, Options: o, Now: s.Time(), Version: p.Version,
	})
	return err
}

// gather reads both sides, and shows how far it is. Attio says beside it what the
// token is: where that, or the state, is another's, nothing that was read counts.
func (s *sight) gather(ctx context.Context, p *cli.Program, full bool) (dir idp.Directory, ws attio.Workspace, err error) {
	q := s.Policy.Query()
	q.Full, q.Seen = full, s.state.Managed.Seen()
	progress := view.NewProgress(p.Err, p.Progress())
	progress.Start("Reading")
	for _, what := range []string{"okta app users", "attio members"} {
		progress.Expect(what, len(s.state.Managed.People))
	}
	if p.Live() {
		p.DrawnBy(progress)
	}
	var wrong error
	g, gctx := group.WithContext(ctx)
	g.Go(func() error {
		if wrong = s.SignedIn(); wrong == nil {
			wrong = s.RightSource(s.state)
		}
		return wrong
	})
	g.Go(func() (err error) {
		dir, ws, err = planner.Gather(gctx, p.Readings.Of(s.Okta.Source, s.Settings.Place(), p.Elapsed, &s.readAt), s.Attio.Reader, q, func(side, what string, n int) {
			if s.Confirmed() {
				progress.Count(side+" "+what, n)
			}
		})
		return err
	})
	err = g.Wait()
	p.DrawnBy(nil)
	progress.Done()
	s.WasRead()
	return dir, ws, cmp.Or(wrong, err)
}

// warnOfOwner warns when the token may end with the person who authorised it.
func (s *sight) warnOfOwner(p *cli.Program, dir idp.Directory, ws attio.Workspace) {
	owner, ok := cli.TokenOwner(ws.Identity, ws.Members)
	if !ok {
		return
	}
	in := cli.AssignmentUnknown
	if m, ok := cli.ManagedAs(s.state.Managed, owner); ok {
		in = cli.Unassigned
		if i := slices.IndexFunc(dir.People, func(x idp.Person) bool { return x.ID == m.OktaID }); i >= 0 {
			in = s.Settings.AssignmentOf(dir.People[i].Access)
		}
	}
	if why := cli.OwnerTrouble(owner, in); why != "" {
		p.Warn(why + ". " + cli.OwnerAdvice)
	}
}

// appInactive words the source's refusal of an app that is switched off as the
// safety rail that it is.
func appInactive(err error, app string) error {
	var e *idp.Error
	if !errors.As(err, &e) || e.Kind != idp.AppInactive {
		return err
	}
	return &cli.RailError{Refusal: core.Refusal{Code: "app-inactive", Subject: app, Detail: e.Detail, Remedy: e.Hint}}
}
