package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// Of the steps that are under way at once, half may have a write in flight, which
// is enough for what Attio's limit of 25 a second needs when each takes half a
// second; the others read back meanwhile what was made.
const (
	writesAtOnce = 12
	stepsAtOnce  = 2 * writesAtOnce
)

type applyOptions struct {
	file           string
	yes            bool
	format         string
	firstRun       bool
	allowRemovals  int
	allowAdditions int
	noRemovals     bool
	only           string
	full           bool
	reason         string

	removalsGiven, additionsGiven bool
}

func newApply(a *app) *cobra.Command {
	var o applyOptions
	c := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Make Attio as Okta says: plan, ask, apply, report",
		Long: `apply makes a plan, shows it, asks, and carries it out. With PLANFILE, a plan
saved by "plan --out", exactly the saved steps are carried out, and only if a
fresh plan still holds each of them.

Every write is noted in a journal before it is made, so a run that is cut off
is picked up by the next one.`,
		Example: `  scim-sync apply                            ask first
  scim-sync apply --yes                      in cron and CI
  scim-sync apply --yes --first-run          in CI, where there is no state yet
  scim-sync apply plan.json --yes            exactly what was reviewed
  scim-sync apply --allow-removals 31 --reason "sales team left, ticket 4711"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.file = args[0]
			}
			if c.Flags().Changed("only") && strings.TrimSpace(o.only) == "" {
				return onlyNobody()
			}
			o.removalsGiven, o.additionsGiven = c.Flags().Changed("allow-removals"), c.Flags().Changed("allow-additions")
			if o.allowRemovals < 0 || o.allowAdditions < 0 {
				return usagef("--allow-removals and --allow-additions take the plan's own number, which is none below 0")
			}
			return a.apply(c.Context(), o)
		},
	}
	f := c.Flags()
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	f.StringVar(&o.format, "format", "text", "text, or json: one event a line")
	f.BoolVar(&o.firstRun, "first-run", false, "there is no state yet, and that is right")
	f.IntVar(&o.allowRemovals, "allow-removals", 0, "lift the removal caps for this run, if the plan has exactly this many removals")
	f.IntVar(&o.allowAdditions, "allow-additions", 0, "lift the addition caps for this run, if the plan has exactly this many additions")
	f.BoolVar(&o.noRemovals, "no-removals", false, "hold back everything that takes something away")
	f.StringVar(&o.only, "only", "", "only the steps of this person (address) or team (name or id), and those they need")
	f.BoolVar(&o.full, "full", false, "read everything from Okta, trusting no cache")
	f.StringVar(&o.reason, "reason", "", "why, kept in the journal")
	return c
}

// applyLine is the apply of these options as a command to copy: what was asked
// for, and nothing more.
func (a *app) applyLine(o applyOptions) string {
	line := "scim-sync apply"
	add := func(yes bool, words string) {
		if yes {
			line += " " + words
		}
	}
	add(o.file != "", core.Quote(o.file))
	add(a.global.sandbox, "--sandbox")
	add(a.global.config != "" && !a.global.sandbox, "--config "+core.Quote(a.global.config))
	add(o.only != "", "--only "+core.Quote(o.only))
	add(o.noRemovals, "--no-removals")
	add(o.full, "--full")
	add(o.firstRun, "--first-run")
	add(o.removalsGiven, fmt.Sprintf("--allow-removals %d", o.allowRemovals))
	add(o.additionsGiven, fmt.Sprintf("--allow-additions %d", o.allowAdditions))
	add(o.reason != "", "--reason "+core.Quote(o.reason))
	return line
}

// options gives what the plan itself has to know.
func (o applyOptions) options() core.Options {
	opts := core.Options{Only: o.only, NoRemovals: o.noRemovals}
	if o.removalsGiven {
		opts.AllowRemovals = &o.allowRemovals
	}
	if o.additionsGiven {
		opts.AllowAdditions = &o.allowAdditions
	}
	return opts
}

func (a *app) apply(ctx context.Context, o applyOptions) error {
	screen, err := a.newScreen(o)
	if err != nil {
		return err
	}
	err = a.applyOn(ctx, o, screen)
	if told := new(codeError); err != nil && !errors.As(err, &told) {
		screen.failed(err)
	}
	return err
}

func (a *app) applyOn(ctx context.Context, o applyOptions, screen screen) error {
	var saved *core.Plan
	if o.file != "" {
		var err error
		if saved, err = readPlan(o.file); err != nil {
			return err
		}
		o.only = cmp.Or(o.only, saved.Only) // a plan of one is made anew as a plan of one
	}
	if !o.yes && !a.Interactive {
		return &usageError{text: "apply asks before it writes, and here is nobody to ask", hint: "In cron and CI: " + a.applyLine(o) + " --yes"}
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if !s.identity.CanWrite() {
		return &attio.Error{Kind: attio.MissingScope, Op: "apply to", Subject: s.identity.WorkspaceSlug,
			Detail: "the token lacks the scope " + attio.ScopeWrite, Hint: scopeHint}
	}
	code, err := a.applyIn(ctx, s, o, saved, screen)
	if err != nil || s.sandbox == nil || code == ExitInterrupted {
		return firstOf(err, exit(code))
	}
	return firstOf(a.again(ctx, s, screen), exit(code))
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// applyIn is one run under the lock: from the first look to the last line of
// the journal.
func (a *app) applyIn(ctx context.Context, s *session, o applyOptions, saved *core.Plan, screen screen) (code int, err error) {
	run, err := s.store.Begin(ctx, a.runInfo(s, o))
	if err != nil {
		return 0, err
	}
	code = ExitInternal // what the journal says after a panic
	sum := state.Summary{}
	defer func() {
		sum.ExitCode = code
		if err != nil {
			sum.ExitCode, sum.Error = codeOf(err), err.Error()
			if interrupted(ctx) {
				sum.ExitCode, sum.Error = ExitInterrupted, "interrupted"
			}
		}
		counts := s.footer(a.Now())
		sum.Requests = map[string]int{}
		for _, side := range counts.Sides {
			sum.Requests[side.Name] = side.Requests
		}
		if late := run.Finish(ctx, sum); err == nil {
			err = lateError(code, late)
		}
	}()
	info := run.Info()
	for _, w := range info.Warnings {
		a.say("Warning: " + w)
	}
	if !info.Exists && s.sandbox == nil {
		if !a.Interactive && !o.firstRun {
			return 0, noState(info)
		}
		a.say(noStateWords)
	}
	p, err := a.propose(ctx, s, run.Managed(), info.Exists, run.Unfinished(), o.options(), o.full)
	if err != nil {
		return 0, err
	}
	defer a.keepGroups(s)
	if saved != nil {
		if p, err = a.narrow(ctx, s, p, saved, o.file, run.Managed().PlansApplied); err != nil {
			return 0, err
		}
	}
	for _, r := range p.Plan.Refusals {
		sum.Refusals = append(sum.Refusals, r.Code)
	}
	if err := screen.plan(p.Plan, s.footer(a.Now())); err != nil {
		return 0, err
	}
	report, code, err := a.carryOut(ctx, s, run, p, o, saved, screen)
	if report != nil {
		sum.Counts = map[string]int{}
		for _, r := range report.Results {
			sum.Counts[string(r.Outcome)]++
		}
	}
	return code, err
}

// narrow gives the proposal of a saved plan's steps. What Okta says of those who
// would go may take steps away, so that they are matched once more.
func (a *app) narrow(ctx context.Context, s *session, p *core.Proposal, saved *core.Plan, file string, applied []core.AppliedPlan) (*core.Proposal, error) {
	keys, err := match(saved, withHeld(p.Plan), applied)
	if err != nil {
		return nil, err
	}
	if p, err = p.Select(ctx, s.source, s.reader, keys, file); err != nil || p.Blocked() {
		return p, err
	}
	_, err = match(saved, withHeld(p.Plan), applied)
	return p, err
}

// lateError is one that comes when the steps are done: a step that failed tells
// by its code, whatever else happened.
func lateError(code int, err error) error {
	if err == nil || code != ExitStepFailed {
		return err
	}
	return &codeError{code: code, err: err}
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

// carryOut asks and applies, or records what there is to record without.
func (a *app) carryOut(ctx context.Context, s *session, run *state.Run, p *core.Proposal, o applyOptions, saved *core.Plan, screen screen) (*core.Report, int, error) {
	refused := ExitOK
	if len(p.Plan.Refusals) > 0 {
		refused = ExitRefused
	}
	if p.Blocked() || !p.Changes() {
		return nil, refused, firstOf(a.leave(ctx, s, run, p, o), screen.nothing(p.Plan, s.footer(a.Now())))
	}
	if !o.yes {
		if err := a.ask(ctx, p.Plan); err != nil {
			return nil, 0, err
		}
	}
	if err := a.bind(ctx, s, run, o, p); err != nil {
		return nil, 0, err
	}
	if saved != nil {
		run.SetPlan(saved.ID)
		applied := core.AppliedPlan{ID: saved.ID, CreatedAt: saved.CreatedAt, At: a.Now().UTC()}
		if err := run.Learn(ctx, nil, core.Change{PlanApplied: &applied}); err != nil {
			return nil, 0, err
		}
	}
	options := s.scim
	options.Waits, options.Writes = ctx, writesAtOnce
	writer, err := scim.NewWriter(s.reader, options)
	if err != nil {
		return nil, 0, err
	}
	observer := screen.steps(len(p.Plan.Steps))
	report := core.Apply(ctx, p, core.Ports{Reader: s.reader, Writer: writer, Journal: run, Observer: observer, Now: a.Now, Parallel: stepsAtOnce})
	screen.stop()
	if err := screen.report(report, p.Plan, s.footer(a.Now())); err != nil {
		return &report, 0, err
	}
	code := codeOfReport(report, refused)
	if report.LookedAfter(run.Unfinished()) {
		err = run.Settle(context.WithoutCancel(ctx)) // all of it was done
	}
	return &report, code, lateError(code, err)
}

// leave records what a run that writes nothing to Attio has learned: the latch
// of a refusal, or what was found as it should be.
func (a *app) leave(ctx context.Context, s *session, run *state.Run, p *core.Proposal, o applyOptions) error {
	first := !p.Blocked() && !run.Info().Exists
	if p.Settles() || first {
		if err := a.bind(ctx, s, run, o, p); err != nil {
			return err
		}
		if err := core.Settle(ctx, p, run); err != nil {
			return err
		}
	}
	if !p.Whole() {
		return nil
	}
	return run.Settle(ctx)
}

// bind ties the state to this workspace, org and app, and records who lifted
// which rail.
func (a *app) bind(ctx context.Context, s *session, run *state.Run, o applyOptions, p *core.Proposal) error {
	run.SetPlan(p.Plan.ID)
	if err := run.Bind(ctx, s.identity.WorkspaceID, s.settings.Okta.OrgURL, s.settings.Okta.AppID); err != nil {
		return err
	}
	if o.removalsGiven {
		if err := run.Override(ctx, state.Override{Flag: "--allow-removals", N: o.allowRemovals, Reason: o.reason}); err != nil {
			return err
		}
	}
	if o.additionsGiven {
		return run.Override(ctx, state.Override{Flag: "--allow-additions", N: o.allowAdditions, Reason: o.reason})
	}
	return nil
}

// codeOfReport gives the exit code of what was carried out.
func codeOfReport(r core.Report, refused int) int {
	switch {
	case r.Count(core.StepFailed) > 0 || r.Count(core.StepSkipped) > 0:
		return ExitStepFailed
	case r.Interrupted:
		return ExitInterrupted
	case r.Err != nil:
		return codeOf(r.Err)
	case r.Count(core.StepRefused) > 0:
		return ExitRefused
	}
	return refused
}

func noState(info state.Info) error {
	return &railError{core.Refusal{Code: "no-state", Subject: info.Places.Snapshot,
		Detail: "there is no state at " + info.Places.Snapshot + ", and nobody at a terminal to say that this is right; without state nobody who leaves would ever be suspended",
		Remedy: "On the very first run: scim-sync apply --yes --first-run. Otherwise keep the state file between runs (state.url), or bring it back."}}
}

// ask shows nothing but the question: the plan is on the screen already.
func (a *app) ask(ctx context.Context, p core.Plan) error {
	return a.confirm(ctx, fmt.Sprintf("Apply these %d steps to %s? Only \"yes\" does: ", len(p.Steps), p.Workspace.Name))
}

// again makes a second plan after a sandbox's apply: it shows that nothing is
// left to do.
func (a *app) again(ctx context.Context, s *session, screen screen) error {
	managed, unfinished, info, err := s.store.Read(ctx)
	if err != nil {
		return err
	}
	s.restart(a.Now())
	p, err := a.propose(ctx, s, managed, info.Exists, unfinished, core.Options{}, true)
	if err != nil {
		return err
	}
	return screen.again(p.Plan, s.footer(a.Now()))
}
