package sync

import (
	"context"
	"slices"
	"time"

	"scim-sync/idp"
)

// Journal is the write-ahead log as Apply sees it. It is safe for concurrent
// use; both calls return only when what they were given is durable, and the
// implementation may gather several callers into one fsync.
type Journal interface {
	// Announce records a write before it is made. An error means that the
	// write must not be made; one that wraps the context's cause, or has a method
	// NotBegun that says true, that nothing was recorded.
	Announce(ctx context.Context, i Intent) (ticket uint64, err error)
	// Complete records the outcome of an announced write and applies its
	// Change to the state. It works although ctx is cancelled.
	Complete(ctx context.Context, ticket uint64, o Outcome) error
	// Learn records changes that need no request: adoptions (with their
	// step) and silent settlements (nil step). Errors are as Announce's.
	Learn(ctx context.Context, step *Step, c Change) error
}

// Intent is a write that is about to be made. It is durable before the
// request leaves.
type Intent struct {
	Step Step `json:"step"`
	// At is the time that the plan counts by, which is no computer's own.
	At    time.Time  `json:"at,omitzero"`
	Proof *idp.Proof `json:"proof,omitempty"` // for a removal: what the source said
	// Log is who took it away in the source, by its log, where that was told in
	// time. Nothing rests on it.
	Log []Witnessed `json:"log,omitempty"`
}

// Outcome is what became of an Intent. The zero Status with a non-empty Error
// is a write whose fate is unknown, unless it was never sent. A team whose
// creation was refused is one too: services answer 400 and make it all the same.
type Outcome struct {
	Status    int           `json:"status,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	Took      time.Duration `json:"took_ns,omitempty"`
	Error     string        `json:"error,omitempty"`
	Unsent    bool          `json:"unsent,omitempty"` // the run was interrupted before the request left
	Change    Change        `json:"change,omitzero"`
}

// Unfinished is an Intent of a former run that may or may not have happened: it
// was left without an Outcome, or with one that does not tell.
type Unfinished struct {
	At     time.Time
	Intent Intent
}

// BegunBy is unfinished writes, of which none was begun later than now.
func BegunBy(all []Unfinished, now time.Time) []Unfinished {
	all = slices.Clone(all)
	for i := range all {
		if all[i].At.After(now.Add(ahead)) {
			all[i].At = now
		}
	}
	return all
}
