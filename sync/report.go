package sync

import "time"

// Report is what an apply did.
type Report struct {
	PlanID  string       `json:"plan_id"`
	Results []StepResult `json:"results"`
	// Notes are things found while applying: a name that did not take.
	Notes []Note `json:"notes"`
	// Interrupted: the context ended before all steps had their turn.
	Interrupted bool `json:"interrupted"`
	// Err is what ended the run before all steps were tried, nil if nothing did.
	Err error `json:"-"`

	// Partial: some steps were left out because others were asked for.
	Partial bool `json:"-"`
}

// LookedAfter says whether a run has found out, and put into the state, what
// became of writes that former runs left unfinished: not when it was cut
// short, left steps out, or failed with somebody or some team they are about.
func (r Report) LookedAfter(unfinished []Unfinished) bool {
	if r.Err != nil || r.Interrupted || r.Partial {
		return false
	}
	open := map[string]bool{}
	for _, u := range unfinished {
		open[u.Intent.Step.ID()] = true
	}
	for _, s := range r.Results {
		if s.Outcome != StepOK && open[s.Step.ID()] {
			return false
		}
	}
	return true
}

// Count gives the number of steps with the outcome.
func (r Report) Count(o StepOutcome) int {
	n := 0
	for _, s := range r.Results {
		if s.Outcome == o {
			n++
		}
	}
	return n
}

// Writes gives the number of steps that changed something in Attio, those
// included that did so for some of their people only.
func (r Report) Writes() int {
	n := 0
	for _, s := range r.Results {
		if s.Outcome == StepOK && s.Status != 0 || s.Outcome != StepOK && s.People > 0 {
			n++
		}
	}
	return n
}

// Observer hears of an apply as it happens. Calls come one at a time.
type Observer interface {
	StepStarted(s Step)
	StepDone(r StepResult)
}

// StepResult is what became of a step.
type StepResult struct {
	Step    Step        `json:"step"`
	Outcome StepOutcome `json:"outcome"`
	// Code names what went wrong where there is a name for it: a rail that said no
	// at the last moment, or a value that Attio did not take.
	Code   Code   `json:"code,omitempty"`
	Detail string `json:"detail,omitempty"` // why it failed, was skipped, or what it found
	Hint   string `json:"hint,omitempty"`
	Status int    `json:"status,omitempty"`
	// People is how many memberships a membership step made or ended, whatever its
	// outcome, those included that came with the team's creation.
	People int           `json:"people,omitempty"`
	Took   time.Duration `json:"took_ns,omitempty"`
	Err    error         `json:"-"`
}

// StepOutcome sorts results.
type StepOutcome string

// The outcomes.
const (
	StepOK      StepOutcome = "done"
	StepFailed  StepOutcome = "failed"
	StepSkipped StepOutcome = "skipped" // needs a step that failed
	StepRefused StepOutcome = "refused" // a rail said no at the last moment
	StepNotRun  StepOutcome = "not_run" // interrupted before its turn, or what it rests on has changed
)
