package run

import (
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
)

// output is how an apply shows itself: as text for people or as one JSON event
// a line.
type output interface {
	plan(core.Plan, view.Footer) error
	stakes(core.Plan) error // right above the question
	steps(total int) core.Observer
	stop() // no more steps
	report(core.Report, core.Plan, view.Footer) error
	nothing(core.Plan, view.Footer) error // nothing is carried out
	again(core.Plan, view.Footer) error
	failed(error) // what ended the run; people read it on standard error
}

func newOutput(p *cli.Program, o applyOptions) output {
	if o.format == "json" {
		return &jsonOutput{e: view.NewEvents(p.Stdout, p.Version, p.Now)}
	}
	return &textOutput{Program: p, only: o.only, verbose: o.verbose}
}

type textOutput struct {
	*cli.Program
	only    string
	verbose bool
	watcher *view.Steps
}

func (t *textOutput) plan(p core.Plan, f view.Footer) error {
	if t.Flags.Quiet { // cron mails whatever is printed: see troubles.go
		return nil
	}
	return view.PlanText(t.Out, p, view.PlanOptions{Footer: f, Apply: true, Only: t.only, Verbose: t.verbose})
}

func (t *textOutput) stakes(p core.Plan) error {
	if t.Out.TTY {
		return view.Stakes(t.Out, p)
	}
	return view.Stakes(t.Err, p) // where the question is
}

func (t *textOutput) steps(total int) core.Observer {
	if t.Flags.Quiet {
		return nil
	}
	t.watcher = view.NewSteps(t.Err, view.StepsOptions{Total: total, Live: t.Live(), Quiet: t.Flags.Quiet, Technical: t.technical()})
	t.DrawnBy(t.watcher)
	return t.watcher
}

func (t *textOutput) stop() {
	if t.watcher == nil {
		return
	}
	t.DrawnBy(nil)
	t.watcher.Close()
}

func (t *textOutput) report(r core.Report, p core.Plan, f view.Footer) error {
	if t.Flags.Quiet {
		return nil
	}
	return view.ReportText(t.Out, r, view.ReportOptions{Footer: f, Refusals: p.Refusals, Held: len(p.Held), Verbose: t.verbose, Technical: t.technical()})
}

// technical says whether HTTP statuses and milliseconds are wished for.
func (t *textOutput) technical() bool {
	return t.Flags.LogLevel == "info" || t.Flags.LogLevel == "debug"
}

func (t *textOutput) again(p core.Plan, f view.Footer) error {
	if err := view.Line(t.Out, "\nA second plan, to see what is left:\n"); err != nil {
		return err
	}
	return view.PlanText(t.Out, p, view.PlanOptions{Footer: f, Only: t.only, Verbose: t.verbose})
}

func (t *textOutput) nothing(core.Plan, view.Footer) error { return nil }

func (t *textOutput) failed(error) {}

type jsonOutput struct{ e *view.Events }

func (j *jsonOutput) plan(p core.Plan, _ view.Footer) error {
	j.e.Plan(p)
	return j.e.Err()
}

func (j *jsonOutput) stakes(core.Plan) error { return nil }

func (j *jsonOutput) steps(int) core.Observer { return j.e }

func (j *jsonOutput) stop() {}

func (j *jsonOutput) report(r core.Report, p core.Plan, f view.Footer) error {
	j.e.Summary(r, view.ReportOptions{Footer: f, Refusals: p.Refusals, Held: len(p.Held)})
	return j.e.Err()
}

func (j *jsonOutput) nothing(p core.Plan, f view.Footer) error {
	return j.report(core.Report{PlanID: p.ID}, p, f)
}

func (j *jsonOutput) again(p core.Plan, _ view.Footer) error {
	j.e.Plan(p)
	return j.e.Err()
}

func (j *jsonOutput) failed(err error) { j.e.Error(err) }
