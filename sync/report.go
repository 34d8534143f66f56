package sync

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

// Writes gives the number of steps that asked Attio for something.
func (r Report) Writes() int {
	n := 0
	for _, s := range r.Results {
		if s.Outcome == StepOK && s.Status != 0 {
			n++
		}
	}
	return n
}

// Writes says whether the step makes a request to Attio.
func (s Step) Writes() bool { return s.Action != Adopt && s.Action != LinkTeam }
