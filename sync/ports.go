package sync

import (
	"context"
	"time"
)

// Journal is the write-ahead log as Apply sees it. It is safe for concurrent
// use; both calls return only when what they were given is durable, and the
// implementation may gather several callers into one fsync.
type Journal interface {
	// Announce records a write before it is made. An error means that the
	// write must not be made; one that wraps the context's cause, that nothing
	// was recorded.
	Announce(ctx context.Context, i Intent) (ticket uint64, err error)
	// Complete records the outcome of an announced write and applies its
	// Change to the state. It works although ctx is cancelled.
	Complete(ctx context.Context, ticket uint64, o Outcome) error
	// Learn records changes that need no request: adoptions (with their
	// step) and silent settlements (nil step). Errors are as Announce's.
	Learn(ctx context.Context, step *Step, c Change) error
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
	Detail  string      `json:"detail,omitempty"` // why it failed, was skipped, or what it found
	Hint    string      `json:"hint,omitempty"`
	Status  int         `json:"status,omitempty"`
	// People is how many memberships a membership step made, those included
	// that came with the team's creation.
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
	StepNotRun  StepOutcome = "not_run" // interrupted before its turn
)
