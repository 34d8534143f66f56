// Package metrics holds the figures of the last run and shows them to Prometheus: in
// a file for node_exporter's textfile collector, and over HTTP for a watch.
package metrics

import (
	"time"

	core "scim-sync/sync"
)

// Run are the figures of one run.
type Run struct {
	Workspace string // slug or id, as the settings have it
	ExitCode  int
	Ended     time.Time
	Took      time.Duration
	// LastGood is when a run ended with 0 last, this one included; zero: not known.
	LastGood time.Time

	Steps    map[Step]int
	Refusals map[core.Code]int
	Sides    []Side
	Drift    int // steps done that put back what somebody had changed by hand

	// Managed is nil where the state could not be read.
	Managed *Managed
	// Lag is the time from a change in Okta's log to the end of the run that it
	// caused; 0: none caused this run.
	Lag time.Duration
}

// Step is what was to be done, and what became of it.
type Step struct {
	Action core.Action
	Result core.StepOutcome
}

// Side counts the requests to one service.
type Side struct {
	Name                      string // "okta", "attio"
	Requests, Writes, Retries int
	Waited                    time.Duration
}

// Managed counts what is managed; nobody counts twice.
type Managed struct {
	Active, Invited, Suspended, Released int
	Teams                                int
	Paused                               bool
}

// Count fills in what a report says of steps.
func (r *Run) Count(results []core.StepResult) {
	r.Steps = map[Step]int{}
	for i := range results {
		x := &results[i]
		r.Steps[Step{x.Step.Action, x.Outcome}]++
		if x.Step.Cause == core.CauseDrift && x.Outcome == core.StepOK {
			r.Drift++
		}
	}
}
