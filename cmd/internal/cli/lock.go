package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd/view"
	"scim-sync/sync/state"
)

// LockTimeout gives a command that takes the lock of the state its flag.
func LockTimeout(p *Program, c *cobra.Command) {
	Duration(c, &p.LockTimeout, "lock-timeout", 0, "how long to wait for another run that holds the lock, as 5m")
}

// waitsForLock says once that the run waits, and for whom.
func (p *Program) waitsForLock(e *state.LockedError) {
	p.Say("Waiting up to " + p.LockTimeout.String() + " for the lock, which is held by " + view.Clean(HolderWords(e.Holder)) + ".")
}

// HolderWords say who holds a lock.
func HolderWords(h state.Holder) string {
	if h.PID == 0 {
		return "another run"
	}
	text := fmt.Sprintf("%q (process %d on %s)", h.Command, h.PID, h.Host)
	if !h.Since.IsZero() {
		text += " since " + h.Since.UTC().Format(time.RFC3339)
	}
	return text
}

// LeaseWords say when a lock that runs out was renewed, and when it is free by
// itself; empty for one that ends with its process.
func LeaseWords(s state.Standing) string {
	if s.Every <= 0 || s.Until.IsZero() {
		return ""
	}
	return "was renewed at " + s.Renewed.UTC().Format(time.RFC3339) + ", and is free at " + s.Until.UTC().Format(time.RFC3339) + " unless it is renewed"
}
