// Package apply carries a plan out, step by step, through small ports: a reader
// and a writer of the workspace, and a journal that knows of every write before
// it is made. It does not know how plans are made.
package apply

import (
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// Ports are what [Apply] works through.
type Ports struct {
	Reader   attio.Reader
	Writer   attio.Writer
	Journal  core.Journal
	Observer core.Observer // nil: nobody listens
	// Fresh asks again for what has grown old.
	Fresh Fresh
	// Now is the clock by which steps are timed.
	Now func() time.Time
	// Parallel is how many writes are under way at once; 0 means 8.
	Parallel int
}

// Fresh lets a run ask again for what has grown old by the time its step comes:
// somebody took long to say yes, the machine slept, Attio asked for patience.
type Fresh struct {
	// Source is asked. nil: what was read once holds, as with a file.
	Source idp.AppChecker
	// Elapsed is a clock that nobody sets and that goes on while the machine sleeps.
	Elapsed func() time.Duration
	// Read is when, by that clock, the reading that the plan rests on was begun.
	Read time.Duration
}
