package run

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/sync/planner"
)

const applyHelp = `apply makes a plan, shows it, asks, and carries it out. With PLANFILE, a plan
saved by "plan --out", exactly the saved steps are carried out, and only if a
fresh plan still holds each of them.

Every write is noted in a journal before it is made, so a run that is cut off
is picked up by the next one.

Caps: a run that would take away, add, promote or readdress more than protect.…
allows writes nothing and ends with 3. It names the flag that lets just this
plan through, with its number: --allow-removals 31. Any other number is refused.
Removals of all runs within 24 hours count together. What each cap is:
docs/safety.md.`

func newApply(p *cli.Program) *cobra.Command {
	o := applyOptions{allowances: allowances()}
	c := &cobra.Command{
		Use:        "apply [PLANFILE]",
		SuggestFor: []string{"sync", "run", "push"},
		Short:      "Make Attio as Okta says: plan, ask, apply, report",
		Long:       applyHelp,
		Example: `  scim-sync apply --sandbox --yes            try it, without an account
  scim-sync apply                            ask first
  scim-sync apply --yes                      in cron and CI
  scim-sync apply --yes --first-run          in CI, where there is no state yet
  scim-sync apply plan.json --yes            exactly what was reviewed
  scim-sync apply --yes --report run.html    keep what was done, as a page
  scim-sync apply --allow-removals 31 --reason "sales team left, ticket 4711"`,
		Annotations: cli.EndsAfterWriting(cli.ExitStepFailed, cli.ExitStalePlan),
		Args:        cobra.MaximumNArgs(1),
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
					return cli.Usagef("--%s takes the number that the plan names: 0 or more", a.flag)
				}
			}
			return runApply(c.Context(), p, o)
		},
	}
	f := c.Flags()
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	eventFormat(c, &o.format)
	f.BoolVar(&o.firstRun, "first-run", false, "there is no state yet, and that is right")
	for i := range o.allowances {
		a := &o.allowances[i]
		f.IntVar(&a.n, a.flag, 0, a.lifts)
	}
	f.BoolVar(&o.noRemovals, "no-removals", false, "hold back everything that takes something away")
	onlyFlag(p, c, &o.only)
	f.BoolVar(&o.full, "full", false, "read everything from Okta, trusting no cache")
	f.BoolVar(&o.verbose, "verbose", false, "show every step with its reason, and what was asked")
	cli.Reason(c, &o.reason)
	f.StringVar(&o.report, "report", "", "write what became of the run into this `FILE`, however it ends: .html, .md or .json")
	_ = c.MarkFlagFilename("report", "html", "md", "json") // fails only for a flag that is not there
	metricsFlag(c, &o)
	cli.LockTimeout(p, c)
	return c
}

func metricsFlag(c *cobra.Command, o *applyOptions) {
	c.Flags().StringVar(&o.metricsFile, "metrics-file", "", "write the figures of the run into this `FILE`, for node_exporter (.prom); else the setting metrics_file")
}

func runApply(ctx context.Context, p *cli.Program, o applyOptions) error {
	out := newOutput(p, o)
	monitor, err := newMonitor(p, o)
	if err != nil {
		return err
	}
	r := &run{Program: p, course: course{o: o}, out: out, monitor: monitor, began: p.Now()}
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
	if code := cli.Code(ctx, err); quietText(p, o) && o.yes && code != cli.ExitInterrupted && tellOutside(ctx, p, o.command(), monitor.told.deliveries, err, code) {
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
