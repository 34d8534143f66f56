package run

import (
	"context"
	"sync/atomic"
	"time"

	"scim-sync/cmd/internal/cli"
)

// The words of the protocol.
const (
	serviceReady    = "READY=1"
	serviceStopping = "STOPPING=1"
	serviceAlive    = "WATCHDOG=1"
	serviceStatus   = "STATUS="
)

const (
	// longestRun is how long a run may take until the watch counts as stuck: a first
	// sync of a very large company, at Attio's limits, takes hours.
	longestRun = 12 * time.Hour
	// longestStart is how long it may take until the first run begins.
	longestStart = time.Hour
)

// life is by when a watch is to be heard of again: each turn of its loop is a sign of
// life. The service manager and /healthz go by the same one.
type life struct {
	elapsed func() time.Duration
	until   atomic.Int64 // by elapsed
}

// within is a sign of life; the next one comes within d.
func (l *life) within(d time.Duration) { l.until.Store(int64(l.elapsed() + d)) }

// late is for how long the watch should have been heard of; 0 or less: it is alive.
func (l *life) late() time.Duration { return l.elapsed() - time.Duration(l.until.Load()) }

// pulse tells the service manager that the watch is alive, at half the time that it
// asks for, while it is.
func pulse(ctx context.Context, m cli.Manager, l *life) {
	if m.Watchdog <= 0 {
		return
	}
	t := time.NewTicker(m.Watchdog / 2)
	defer t.Stop()
	for {
		if l.late() <= 0 {
			m.Tell(serviceAlive)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}
