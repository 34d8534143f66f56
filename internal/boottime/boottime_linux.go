package boottime

import (
	"time"

	"golang.org/x/sys/unix"
)

// Clock gives the clock, from a beginning that means nothing: CLOCK_BOOTTIME
// (https://man7.org/linux/man-pages/man2/clock_gettime.2.html).
func Clock() func() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
		return monotonic()
	}
	return func() time.Duration {
		var t unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) // it answered before
		return time.Duration(t.Nano())
	}
}
