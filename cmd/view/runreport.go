package view

import (
	"slices"
	"time"

	core "scim-sync/sync"
)

// RunReport is one apply from beginning to end, as `apply --report` keeps it:
// what was planned, what was done of it, and how it ended, however early.
type RunReport struct {
	ScimSync string
	RunID    string // empty: the run never came to the journal
	Began    time.Time
	Ended    time.Time
	ExitCode int
	Outcome  string // "done", "nothing to do", "refused", "declined", "failed", "interrupted", …
	Reason   string // that was given for it
	// Err is what ended it early; nil where nothing did.
	Err error
	// Plan is what was to be carried out; nil: the run ended before there was one.
	Plan *core.Plan
	// Did is what was carried out of it; nil: nothing was begun.
	Did    *core.Report
	Footer Footer
}

// headline says in a few words what became of the run.
func (r RunReport) headline() string {
	if r.Did == nil {
		if r.ExitCode == 0 {
			return capital(r.Outcome)
		}
		return capital(r.Outcome) + ": nothing was written to Attio"
	}
	ok, all := r.Did.Count(core.StepOK), len(r.Did.Results)
	text := count(all, "step", "steps") + " done"
	if ok < all {
		text = thousands(ok) + " of " + count(all, "step", "steps") + " done"
	}
	if n := len(r.Plan.Refusals); n > 0 {
		text += ", " + count(n, "thing", "things") + " refused"
	}
	if r.Did.Interrupted {
		text = "Interrupted: " + text
	}
	return text
}

// facts say which run it was.
func (r RunReport) facts(v voice) []pageFact {
	all := []pageFact{
		{"run", v.name(r.RunID)}, {"began", when(r.Began)}, {"ended", when(r.Ended)}, {"outcome", v.name(r.Outcome) + exitWords(r.ExitCode)}, {"reason", v.detail(r.Reason)},
	}
	return slices.DeleteFunc(all, func(f pageFact) bool { return f.Text == "" })
}

func exitWords(code int) string { return ", exit " + thousands(code) }

// ends are what ended the run early.
func (r RunReport) ends(v voice) (ends []pageEnd) {
	if r.Did != nil {
		if err := endedBy(*r.Did); err != nil {
			ends = append(ends, v.pageEnd("Ended early", err))
		}
		if r.Did.Interrupted {
			ends = append(ends, pageEnd{What: "Interrupted", Text: "what was under way was finished and saved; the next run goes on from here"})
		}
	}
	if r.Err != nil && (r.Did == nil || r.Did.Err == nil) {
		ends = append(ends, v.pageEnd(capital(r.Outcome), r.Err))
	}
	return ends
}

func (v voice) pageEnd(what string, err error) pageEnd {
	e := pageEnd{What: what}
	for i, m := range messages(err) {
		if i > 0 {
			e.Text += "; "
		}
		e.Text += v.detail(m)
	}
	for _, a := range Advice(err) {
		e.Advice = append(e.Advice, v.detail(a))
	}
	return e
}

// outcomeGroups are the steps of a run that belong together for its readers:
// trouble first.
func outcomeGroups(did *core.Report) []outcomeGroup {
	notRun := "Not done: what they rest on has changed"
	switch {
	case did.Interrupted:
		notRun = "Not done any more: the run was interrupted"
	case did.Err != nil:
		notRun = "Not tried: the run ended early"
	}
	groups := []outcomeGroup{
		{title: "Failed", class: "cut", trouble: true}, {title: "Refused at the last moment", class: "cut", trouble: true},
		{title: "Skipped: they need a step that was not done", class: "change", trouble: true}, {title: notRun, class: "change"},
		{title: "Done in part", class: "change", trouble: true}, {title: "Done", class: "add"},
	}
	places := map[core.StepOutcome]int{core.StepFailed: 0, core.StepRefused: 1, core.StepSkipped: 2, core.StepNotRun: 3, core.StepOK: 5}
	for i := range did.Results {
		r := &did.Results[i]
		at := places[r.Outcome]
		if r.Outcome == core.StepOK && r.Detail != "" && len(r.Step.People) > 0 {
			at = 4
		}
		groups[at].results = append(groups[at].results, r)
	}
	return slices.DeleteFunc(groups, func(g outcomeGroup) bool { return len(g.results) == 0 })
}

type outcomeGroup struct {
	title, class string
	trouble      bool // what happened to each is worth a column
	results      []*core.StepResult
}
