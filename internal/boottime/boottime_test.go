package boottime_test

import (
	"testing"

	"scim-sync/internal/boottime"
)

// TestTheClockNeverGoesBack: two looks at it are in order, and time passes.
func TestTheClockNeverGoesBack(t *testing.T) {
	now := boottime.Clock()
	for first, last := now(), now(); last <= first; last = now() {
		if last < first {
			t.Fatalf("it went from %s back to %s", first, last)
		}
	}
}
