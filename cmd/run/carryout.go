package run

import (
	"cmp"
	"context"

	"scim-sync/attio/scim"
	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
	"scim-sync/sync/state"
)

// Of the steps that are under way at once, a third may have a write in flight: what
// Attio's limit of 25 a second needs when each takes 0.6 seconds. Another third reads
// back meanwhile what was made, and the rest is being noted in the journal, so that a
// write leaves as soon as there is room for it.
const (
	writesAtOnce = 15
	stepsAtOnce  = 3 * writesAtOnce
)

// carryOut applies, or records what there is to record without.
func (r *run) carryOut(ctx context.Context) error {
	p, refused := r.proposal, cli.ExitOK
	if len(p.Plan.Refusals) > 0 {
		refused = cli.ExitRefused
	}
	if !r.asks() {
		return cmp.Or(r.leave(ctx), r.out.nothing(p.Plan, r.Footer(r.Now())), cli.Exit(refused))
	}
	if err := r.bind(ctx); err != nil {
		return err
	}
	if err := r.notePlan(ctx); err != nil {
		return err
	}
	held, done := r.journal.While(ctx)
	defer done()
	options := r.Attio.Options
	options.Waits, options.Held, options.Writes = held, r.journal.Held, writesAtOnce
	writer, err := scim.NewWriter(r.Attio.Reader, options)
	if err != nil {
		return err
	}
	observer := r.out.steps(len(p.Plan.Steps))
	report := apply.Apply(held, &p.Planned, apply.Ports{Reader: r.Attio.Reader.While(r.journal.Held), Writer: writer, Journal: r.journal, Observer: observer, Now: r.Now, Parallel: stepsAtOnce, Fresh: r.fresh()})
	r.out.stop()
	r.did = report
	r.sum.Counts = map[string]int{}
	for _, x := range report.Results {
		r.sum.Counts[string(x.Outcome)]++
	}
	if err := r.out.report(report, p.Plan, r.Footer(r.Now())); err != nil {
		return err
	}
	if err := r.journal.Held(); err != nil {
		return err
	}
	err = cli.Exit(codeOfReport(ctx, report, refused))
	if report.LookedAfter(r.journal.Unfinished()) {
		return lateError(err, r.journal.Settle(context.WithoutCancel(ctx))) // all of it was done
	}
	return err
}

// fresh lets what the plan rests on be asked for again. A file says nothing new.
func (r *run) fresh() apply.Fresh {
	src, _ := r.Okta.Source.(idp.AppChecker)
	return apply.Fresh{Source: src, Elapsed: r.Elapsed, Read: r.readAt}
}

// notePlan notes that a saved plan is carried out: it is, once.
func (r *run) notePlan(ctx context.Context) error {
	if r.saved == nil {
		return nil
	}
	r.journal.SetPlan(r.saved.ID)
	applied := core.AppliedPlan{ID: r.saved.ID, CreatedAt: r.saved.CreatedAt, At: r.Time().UTC()}
	return r.journal.Learn(ctx, nil, core.Change{PlanApplied: &applied})
}

// leave records what a run that writes nothing to Attio has learned: the latch
// of a refusal, or what was found as it should be.
func (r *run) leave(ctx context.Context) error {
	p := r.proposal
	first := !p.Blocked && !r.state.Info.Exists
	if len(p.Learns()) > 0 || first {
		if err := r.bind(ctx); err != nil {
			return err
		}
		if err := apply.Learn(ctx, &p.Planned, r.journal); err != nil {
			return err
		}
	}
	if !p.Whole() {
		return nil
	}
	return r.journal.Settle(ctx)
}

// bind ties the state to this workspace, org and app, and records who lifted
// which rail.
func (r *run) bind(ctx context.Context) error {
	r.journal.SetPlan(r.proposal.Plan.ID)
	if err := r.journal.Bind(ctx, r.Attio.Identity.WorkspaceID, r.Settings.Okta.OrgURL, r.Settings.Okta.AppID); err != nil {
		return err
	}
	for _, a := range r.o.allowances {
		if !a.given {
			continue
		}
		if err := r.journal.Override(ctx, state.Override{Flag: "--" + a.flag, N: a.n, Reason: r.o.reason}); err != nil {
			return err
		}
	}
	return nil
}

// codeOfReport gives the exit code of what was carried out.
func codeOfReport(ctx context.Context, r core.Report, refused int) int {
	switch {
	case r.Count(core.StepFailed) > 0 || r.Count(core.StepSkipped) > 0:
		return cli.ExitStepFailed
	case r.Interrupted:
		return cli.ExitInterrupted
	case r.Err != nil:
		return cli.Code(ctx, r.Err)
	case r.Count(core.StepRefused) > 0:
		return cli.ExitRefused
	case r.Count(core.StepNotRun) > 0:
		return cli.ExitUnavailable // what they rest on has changed: another run is needed
	}
	return refused
}
