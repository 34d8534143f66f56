// Package boottime is a clock that nobody sets and that goes on while the
// machine sleeps: by it, an answer grows old though the lid was closed or the
// process was stopped.
package boottime

import "time"

// monotonic is Go's own clock of that kind, which may stand still while the
// machine sleeps (https://github.com/golang/go/issues/36141).
func monotonic() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}
