package cmd

import (
	"scim-sync/cmd/view"
	core "scim-sync/sync"
)

// screen is how an apply shows itself: as text for people or as one JSON
// event a line.
type screen interface {
	plan(core.Plan, view.Footer) error
	steps(total int) core.Observer
	stop() // no more steps
	report(core.Report, core.Plan, view.Footer) error
	nothing(core.Plan, view.Footer) error // nothing is carried out
	again(core.Plan, view.Footer) error
	failed(error) // what ended the run; people read it on standard error
}

func (a *app) newScreen(o applyOptions) (screen, error) {
	switch o.format {
	case "text":
		return &textScreen{a: a, only: o.only}, nil
	case "json":
		return &jsonScreen{e: view.NewEvents(a.Stdout, a.Version, a.Now)}, nil
	}
	return nil, usagef("--format %q: use text or json", o.format)
}

type textScreen struct {
	a       *app
	only    string
	watcher *view.Steps
}

func (t *textScreen) plan(p core.Plan, f view.Footer) error {
	if t.a.global.quiet && len(p.Steps)+len(p.Refusals) == 0 {
		return nil // cron mails whatever is printed
	}
	return view.PlanText(t.a.out, p, view.PlanOptions{Footer: f, Apply: true, Only: t.only})
}

func (t *textScreen) steps(total int) core.Observer {
	live := view.UseProgress(t.a.global.quiet, false, t.a.LookupEnv, t.a.err.TTY)
	t.watcher = view.NewSteps(t.a.err, view.StepsOptions{Total: total, Live: live, Quiet: t.a.global.quiet})
	t.a.waits.drawnBy(t.watcher)
	return t.watcher
}

func (t *textScreen) stop() {
	t.a.waits.drawnBy(nil)
	t.watcher.Close()
}

func (t *textScreen) report(r core.Report, p core.Plan, f view.Footer) error {
	return view.ReportText(t.a.out, r, view.ReportOptions{Footer: f, Refusals: p.Refusals, Held: len(p.Held)})
}

func (t *textScreen) again(p core.Plan, f view.Footer) error {
	if err := view.Line(t.a.out, "\nA second plan, to see what is left:\n"); err != nil {
		return err
	}
	return view.PlanText(t.a.out, p, view.PlanOptions{Footer: f, Only: t.only})
}

func (t *textScreen) nothing(core.Plan, view.Footer) error { return nil }

func (t *textScreen) failed(error) {}

type jsonScreen struct{ e *view.Events }

func (j *jsonScreen) plan(p core.Plan, _ view.Footer) error {
	j.e.Plan(p)
	return j.e.Err()
}

func (j *jsonScreen) steps(int) core.Observer { return j.e }

func (j *jsonScreen) stop() {}

func (j *jsonScreen) report(r core.Report, p core.Plan, f view.Footer) error {
	j.e.Summary(r, view.ReportOptions{Footer: f, Refusals: p.Refusals, Held: len(p.Held)})
	return j.e.Err()
}

func (j *jsonScreen) nothing(p core.Plan, f view.Footer) error {
	return j.report(core.Report{PlanID: p.ID}, p, f)
}

func (j *jsonScreen) again(p core.Plan, _ view.Footer) error {
	j.e.Plan(p)
	return j.e.Err()
}

func (j *jsonScreen) failed(err error) { j.e.Error(err) }
