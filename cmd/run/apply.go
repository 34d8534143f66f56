package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

const applyHelp = `apply makes a plan, shows it, asks, and carries it out. With PLANFILE, a plan
saved by "plan --out", exactly the saved steps are carried out, and only if a
fresh plan still holds each of them.

Every write is noted in a journal before it is made, so a run that is cut off
is picked up by the next one.

Caps: a run that would take away, add, promote or readdress more than protect.…
allows writes nothing and ends with 3. It names the flag that lets just this plan
through, with its number: --allow-removals 31. Another number is refused, so that
what was read and what is done are the same. Removals count for 24 hours, all runs
together. What each cap is: docs/safety.md.`

func newApply(p *cli.Program) *cobra.Command {
	o := applyOptions{allowances: allowances()}
	c := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Make Attio as Okta says: plan, ask, apply, report",
		Long:  applyHelp,
		Example: `  scim-sync apply                            ask first
  scim-sync apply --yes                      in cron and CI
  scim-sync apply --yes --first-run          in CI, where there is no state yet
  scim-sync apply plan.json --yes            exactly what was reviewed
  scim-sync apply --yes --report run.html    keep what was done, as a page
  scim-sync apply --allow-removals 31 --reason "sales team left, ticket 4711"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.file = args[0]
			}
			if err := onlySomebody(c, o.only); err != nil {
				return err
			}
			if err := reportNamed(c, o.report); err != nil {
				return err
			}
			for i := range o.allowances {
				a := &o.allowances[i]
				if a.given = c.Flags().Changed(a.flag); a.n < 0 {
					return cli.Usagef("--%s takes the plan's own number, which is none below 0", a.flag)
				}
			}
			return runApply(c.Context(), p, o)
		},
	}
	f := c.Flags()
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	f.StringVar(&o.format, "format", "text", "text, or json: one event a line")
	f.BoolVar(&o.firstRun, "first-run", false, "there is no state yet, and that is right")
	for i := range o.allowances {
		a := &o.allowances[i]
		f.IntVar(&a.n, a.flag, 0, a.lifts)
	}
	f.BoolVar(&o.noRemovals, "no-removals", false, "hold back everything that takes something away")
	f.StringVar(&o.only, "only", "", "only the steps of this person (address) or team (name or id), and those they need")
	f.BoolVar(&o.full, "full", false, "read everything from Okta, trusting no cache")
	f.BoolVar(&o.verbose, "verbose", false, "show every step with its reason, and what was asked")
	f.StringVar(&o.reason, "reason", "", "why, kept in the journal")
	f.StringVar(&o.report, "report", "", "write what became of the run into this file, however it ends: .html, .md or .json")
	metricsFlag(c, &o)
	cli.LockTimeout(p, c)
	return c
}

func metricsFlag(c *cobra.Command, o *applyOptions) {
	c.Flags().StringVar(&o.metricsFile, "metrics-file", "", "write the figures of the run here, for node_exporter (.prom); else the setting metrics_file")
}

func runApply(ctx context.Context, p *cli.Program, o applyOptions) error {
	out, err := newOutput(p, o)
	if err != nil {
		return err
	}
	monitor, err := newMonitor(p, o)
	if err != nil {
		return err
	}
	r := &run{Program: p, o: o, out: out, monitor: monitor, began: p.Now()}
	if err = r.apply(ctx, p); err != nil {
		monitor.outside(ctx, nil, nil, err)
	}
	if o.report != "" {
		err = lateError(err, keepReport(p, o.report, r.became(ctx, err)))
	}
	if paused, ok := errors.AsType[*cli.PausedError](err); ok {
		p.Say("Paused: " + paused.Error() + ". End it with: scim-sync resume")
		return nil
	}
	if err == nil || cli.Told(err) {
		return err
	}
	out.failed(err)
	if code := cli.Code(ctx, err); quietText(p, o) && o.yes && code != cli.ExitInterrupted && tellOutside(ctx, p, monitor.told.deliveries, err, code) {
		return cli.Exit(code)
	}
	return err
}

func (r *run) apply(ctx context.Context, p *cli.Program) error {
	o := r.o
	if o.file != "" {
		var err error
		if r.saved, err = readPlan(o.file); err != nil {
			return err
		}
		r.o.only = cmp.Or(o.only, r.saved.Only) // a plan of one is made anew as a plan of one
	}
	if !o.yes && !p.Interactive {
		return &cli.UsageError{Text: "apply asks before it writes, and there is no terminal to ask on", Advice: "In cron and CI: " + applyLine(p, r.o) + " --yes"}
	}
	s, err := cli.Begin(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	s.Writes = true
	if err := cli.Decides(s.Okta.Source, "apply"); err != nil {
		return s.Sooner(err)
	}
	err = r.settle(ctx, s)
	r.cost = s.Footer(r.Now())
	if s.Settings.Sandbox == nil || ctx.Err() != nil || err != nil && !cli.Told(err) {
		return err
	}
	return cmp.Or(r.again(ctx, s), err)
}

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
		r.monitor.hooks(ctx, r, s, err)
		if quietText(r.Program, r.o) {
			err = r.tellQuietly(ctx, s, &r.monitor.said, r.monitor.told.deliveries, err)
		}
		err = lateError(err, r.journal.Finish(ctx, r.sum))
		r.monitor.ended(ctx, r, s, cli.Code(ctx, err))
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

const noStateWords = "There is no state for this workspace yet: people found in Attio are adopted, and nobody is suspended until they have been."

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

// again makes a second plan after a sandbox's apply: it shows that nothing is
// left to do.
func (r *run) again(ctx context.Context, s *cli.Session) error {
	s.Restart(r.Now())
	next, err := openReadPropose(ctx, r.Program, request{Options: planner.Options{NoRemovals: r.o.noRemovals}, full: true, session: s})
	if err != nil {
		return err
	}
	return r.out.again(next.proposal.Plan, next.Footer(r.Now()))
}
