package run

import (
	"context"
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

// longestRun is how long a run may take until the watch counts as stuck: a first
// sync of a very large company, at Attio's limits, takes hours.
const longestRun = 12 * time.Hour

// pulse tells the service manager that the watch is alive, at half the time that it
// asks for, while alive says so.
func pulse(ctx context.Context, m cli.Manager, alive func() bool) {
	if m.Watchdog <= 0 {
		return
	}
	t := time.NewTicker(m.Watchdog / 2)
	defer t.Stop()
	for {
		if alive() {
			m.Tell(serviceAlive)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}
