//go:build !linux

package boottime

import "time"

// Clock gives the clock, from a beginning that means nothing.
func Clock() func() time.Duration { return monotonic() }
