package view

import (
	"context"
	"errors"
	"slices"

	core "scim-sync/sync"
)

// ReportOptions say what a report shows besides the steps.
type ReportOptions struct {
	Footer Footer
	// Refusals are those of the plan, told again because a report is what
	// stays on the screen; Held is how many steps the plan held back.
	Refusals []core.Refusal
	Held     int
	// Verbose tells each step by itself, and what was asked; Technical the HTTP status.
	Verbose, Technical bool
}

// ReportText writes what an apply did: each step that failed with the HTTP
// status, the server's own words and what to do; those that were skipped or
// refused and why; then the counts. The error is the stream's.
func ReportText(s Stream, r core.Report, o ReportOptions) error {
	out := reportText{newPrinter(s), o.Verbose}
	out.technical = o.Technical
	out.outcomes("Failed", r.Results, core.StepFailed)
	out.inPart(r.Results)
	out.outcomes("Refused at the last moment", r.Results, core.StepRefused)
	out.outcomes("Skipped", r.Results, core.StepSkipped)
	notRun := "Not tried: the run ended early"
	switch {
	case r.Interrupted:
		notRun = "Not done any more: the run was interrupted"
	case r.Err == nil:
		notRun = "Not done: what they rest on has changed"
	}
	out.outcomes(notRun, r.Results, core.StepNotRun)
	out.refusals(o.Refusals)
	out.notes(notesBeside(r))
	out.closing(r, o)
	out.printFooter(o.Footer, o.Verbose)
	return out.flush()
}

// notesBeside are the notes that the results have not said themselves.
func notesBeside(r core.Report) []core.Note {
	return slices.DeleteFunc(slices.Clone(r.Notes), func(n core.Note) bool {
		return n.Code == core.NoteNoSeat && slices.ContainsFunc(r.Results, func(x core.StepResult) bool { return x.Code == n.Code })
	})
}

// outcomes lists the steps that ended so.
func (p reportText) outcomes(title string, results []core.StepResult, outcome core.StepOutcome) {
	n := core.Report{Results: results}.Count(outcome)
	if n == 0 {
		return
	}
	style := p.bold
	if outcome == core.StepFailed || outcome == core.StepRefused {
		style = p.alarm
	}
	p.title(title, n, style)
	shown := 0
	for _, c := range p.causes(results, outcome) {
		if outcome == core.StepNotRun && shown >= mostNotRun {
			p.line(2, 4, seg{text: "… and " + thousands(n-shown) + " more", paint: p.faint})
			return
		}
		shown += len(c.results)
		p.cause(c)
	}
}

// inPart lists the steps that were done for some of their people only.
func (p reportText) inPart(results []core.StepResult) {
	var some []*core.StepResult
	for i := range results {
		if r := &results[i]; r.Outcome == core.StepOK && r.Detail != "" && len(r.Step.People) > 0 {
			some = append(some, r)
		}
	}
	if len(some) == 0 {
		return
	}
	p.title("Done in part", len(some), p.bold)
	for _, r := range some {
		p.outcome(r)
	}
}

// mostNotRun steps are named when a run was interrupted: nothing happened to
// them, and the next plan has them all.
const mostNotRun = 10

// closing is the last paragraph of a report.
func (p reportText) closing(r core.Report, o ReportOptions) {
	ok, failed := r.Count(core.StepOK), r.Count(core.StepFailed)
	skipped, refused, notRun := r.Count(core.StepSkipped), r.Count(core.StepRefused), r.Count(core.StepNotRun)
	if failed+skipped+refused+notRun+len(o.Refusals)+len(r.Notes) > 0 {
		p.blank()
	}
	switch text := done(r.Results); {
	case text != "":
		p.line(0, 6, seg{text: "Done: " + text + ".", paint: p.add})
	case len(o.Refusals) == 0 && len(r.Results) == 0:
		p.line(0, 6, seg{text: "Nothing to do.", paint: p.add})
	default:
		p.line(0, 6, seg{text: "Nothing was done.", paint: p.change})
	}
	counts := clause("", []number{
		{ok, "done"}, {failed, "failed"}, {skipped, "skipped"}, {refused, "refused"}, {notRun, "not done any more"}, {o.Held, "held back"},
	})
	if counts != "" {
		style := paint{}
		if failed > 0 {
			style = p.alarm
		}
		p.line(0, 7, seg{text: "Steps: " + counts + ".", paint: style})
	}
	if text := tally(left(r.Results)); text != "" {
		p.line(0, 6, seg{text: "Left for the next run: " + text + ".", paint: p.change})
	}
	if endedBy(r) != nil {
		p.line(0, 2, seg{text: "Ended early: " + p.detail(r.Err.Error()), paint: p.alarm})
		for _, h := range Advice(r.Err) {
			p.wayOn(2, h)
		}
	}
	if r.Interrupted {
		p.line(0, 2, seg{text: "Interrupted: what was under way was finished and saved; the next run goes on from here.", paint: p.change})
	}
	if stop := stoppers(o.Refusals); len(stop) > 0 {
		p.line(0, 2, seg{text: "Refused: " + p.codes(stop) + ". Nothing was written.", paint: p.alarm})
	}
}

// endedBy is what ended the run before all steps had their turn; an
// interruption is told in words of its own.
func endedBy(r core.Report) error {
	if r.Interrupted && errors.Is(r.Err, context.Canceled) {
		return nil
	}
	return r.Err
}

// Counts are the steps of a report by outcome.
type Counts struct {
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
	Refused int `json:"refused"`
	NotRun  int `json:"not_run"`
	Held    int `json:"held"`
	Writes  int `json:"writes"` // steps that changed Attio
}

func countsOf(r core.Report, held int) Counts {
	return Counts{
		Done: r.Count(core.StepOK), Failed: r.Count(core.StepFailed), Skipped: r.Count(core.StepSkipped),
		Refused: r.Count(core.StepRefused), NotRun: r.Count(core.StepNotRun), Held: held, Writes: r.Writes(),
	}
}
