// Package apply carries a plan out, step by step, through small ports: a reader
// and a writer of the workspace, and a journal that knows of every write before
// it is made. It does not know how plans are made.
package apply

import (
	"time"

	"scim-sync/attio"
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
