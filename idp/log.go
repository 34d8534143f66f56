package idp

import (
	"context"
	"time"
)

// LogReader is a Source with a log of what happened, from which it can be seen
// early that a new reading is worth while. The log is a hint and never data: it may
// be late, have gaps, or tell of what had no effect.
type LogReader interface {
	Source
	// Events gives what was noted since the last call. The first call begins at
	// the reading before it, or where the source remembers that it was.
	//
	// Errors are an *Error: of the kind Credential where the log may not be read,
	// and it will not change by itself; all others pass.
	Events(ctx context.Context) (Events, error)
}

// Witness is a Source with a log that tells who took something away from somebody,
// and when. What it says is kept beside what was done, and nothing rests on it: it may
// be late, have gaps, or not be told at all.
type Witness interface {
	Source
	// TakenAway gives the events since a time that may have taken something away
	// from these people or groups, or given it back, newest first. It asks once,
	// for a few seconds. An error means that nothing is known of them.
	TakenAway(ctx context.Context, since time.Time, about []string) ([]Event, error)
}

// Events are what a log has noted, oldest first as a rule.
type Events struct {
	List []Event
	// Anew: it could not be gone on from where it was; some events may come twice
	// and some may be missing.
	Anew bool
	// More: there are so many that not all were read.
	More bool
}

// Event is one entry of a log.
type Event struct {
	ID   string
	At   time.Time
	Type string // the provider's own word
	Text string // a sentence of the provider's, may be empty
	// By is who did it: an address or a name, for people.
	By        string
	RequestID string
	// App says that the entry names the app that is read; OtherApp that it names
	// another one alone.
	App, OtherApp bool
	// People and Groups are the ids that it names.
	People, Groups []string
}
