package run

import (
	"context"
	"fmt"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// journalled takes the lock, carries the run out, and writes down how it ended.
// Where the plan is another than the one that was agreed to, nothing is carried out
// or written down: same is false. Nor is a run with a token that is not the right one.
func (r *run) journalled(ctx context.Context, s *cli.Session, agreed *sight) (same bool, err error) {
	info := cli.RunInfo(r.Program, s, r.o.command(), r.o.reason)
	r.id = info.RunID
	if r.journal, err = s.Store.Begin(ctx, info); err != nil {
		return true, s.Sooner(err)
	}
	r.sum = state.Summary{ExitCode: cli.ExitInternal} // what the journal says after a panic
	same = true
	defer func() {
		if !same || !s.Confirmed() {
			err = lateError(err, r.journal.Close())
			return
		}
		r.sum.Requests = map[string]int{}
		for _, side := range s.Footer(r.Now()).Sides {
			r.sum.Requests[side.Name] = side.Requests
		}
		r.monitor.hooks(ctx, &r.course, s, err)
		if quietText(r.Program, r.o) {
			err = r.tellQuietly(ctx, s, &r.monitor.said, r.monitor.told.deliveries, err)
		}
		err = lateError(err, r.journal.Finish(ctx, r.sum))
		r.monitor.ended(ctx, &r.course, s, cli.Code(ctx, err))
	}()
	same, err = r.underLock(ctx, s, agreed)
	if r.sum.ExitCode = cli.Code(ctx, err); err != nil && !cli.Told(err) {
		r.sum.Error = err.Error()
		if r.sum.ExitCode == cli.ExitInterrupted {
			r.sum.Error = cli.Outcome(cli.ExitInterrupted)
		}
	}
	return same, err
}

func (r *run) underLock(ctx context.Context, s *cli.Session, agreed *sight) (same bool, err error) {
	if agreed == nil || agreed.asks() || !agreed.state.Same(cli.StateOf(r.journal)) {
		if err := r.look(ctx, s, r.begin); err != nil {
			return true, err
		}
	}
	defer r.Okta.KeepGroups(ctx, r.Program)
	switch {
	case agreed != nil && r.proposal.Plan.ID != agreed.proposal.Plan.ID:
		return false, nil
	case agreed == nil:
		if err := r.out.plan(r.proposal.Plan, r.Footer(r.Now())); err != nil {
			return true, err
		}
	}
	for _, x := range r.proposal.Plan.Refusals {
		r.sum.Refusals = append(r.sum.Refusals, string(x.Code))
	}
	return true, r.carryOut(ctx)
}

// look makes the plan, of a saved one's steps alone where there is one.
func (r *run) look(ctx context.Context, s *cli.Session, read func(context.Context, *cli.Session) (cli.StateRead, error)) (err error) {
	options := r.o.options()
	options.WhoDid = r.journal != nil // it is kept there alone
	r.sight, err = openReadPropose(ctx, r.Program, request{Options: options, full: r.o.full, session: s, state: read, tell: r.tellOfState})
	if err != nil || r.saved == nil {
		return err
	}
	return appInactive(r.narrow(ctx), s.Settings.Okta.AppID)
}

// begin is what the journal says before the first look under the lock.
func (r *run) begin(_ context.Context, s *cli.Session) (cli.StateRead, error) {
	read := cli.StateOf(r.journal)
	if err := read.Paused(s.Time()); err != nil {
		return read, err
	}
	if !read.Info.Exists && s.Settings.Sandbox == nil && !r.Interactive && !r.o.firstRun {
		return read, noState(read.Info)
	}
	return read, nil
}

// tellOfState says what is odd about the state, once for as long as it is the same.
func (r *run) tellOfState(s *cli.Session, read cli.StateRead) {
	none := !read.Info.Exists && s.Settings.Sandbox == nil
	odd := fmt.Sprint(none, read.Info.Warnings)
	if r.monitor.odd == odd {
		return
	}
	r.monitor.odd = odd
	r.Warn(read.Info.Warnings...)
	if none {
		r.Say(noStateWords)
	}
}

func noState(info state.Info) error {
	return &cli.RailError{Refusal: core.Refusal{Code: "no-state", Subject: info.Paths.Snapshot,
		Detail: "there is no state at " + info.Paths.Snapshot + ", and nobody at a terminal to say that this is right; without state nobody who leaves would ever be suspended",
		Remedy: "On the very first run: scim-sync apply --yes --first-run. Otherwise keep the state file between runs (state.url), or bring it back."}}
}

// narrow leaves a saved plan's steps. What Okta says of those who would go may
// take steps away, so that they are matched once more.
func (r *run) narrow(ctx context.Context) error {
	applied := r.state.Managed.PlansApplied
	keys, err := match(r.saved, withHeld(r.proposal.Plan), applied)
	if err != nil {
		return err
	}
	whole := r.proposal.Plan
	if r.proposal, err = r.proposal.Select(ctx, r.Okta.Source, r.Attio.Reader, keys, r.o.file); err != nil || r.proposal.Blocked {
		return err
	}
	_, err = match(r.saved, withHeld(r.proposal.Plan), applied)
	stillRefused(&r.proposal.Plan, whole, r.saved)
	return err
}

// withHeld is a plan with the steps that a rail keeps back, which says so. Where
// it keeps back a part of a step, the other part counts: it comes last.
func withHeld(p core.Plan) *core.Plan {
	var steps []core.Step
	for _, h := range p.Held {
		steps = append(steps, h.Step)
	}
	p.Steps = append(steps, p.Steps...)
	return &p
}
