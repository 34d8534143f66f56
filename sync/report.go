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

	partial bool // some steps were left out because others were asked for
}

// LookedAfter says whether a run has found out, and put into the state, what
// became of writes that former runs left unfinished: not when it was cut
// short, left steps out, or failed with somebody or some team they are about.
func (r Report) LookedAfter(unfinished []Unfinished) bool {
	if r.Err != nil || r.Interrupted || r.partial {
		return false
	}
	open := map[string]bool{}
	for _, u := range unfinished {
		open[subjectOf(u.Intent.Step)] = true
	}
	for _, s := range r.Results {
		if s.Outcome != StepOK && open[subjectOf(s.Step)] {
			return false
		}
	}
	return true
}

// Whole says whether the plan is about everybody, and not refused as a whole. A
// saved plan that holds all that there is to do is.
func (p *Proposal) Whole() bool { return !p.blocked && !p.partial }

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
