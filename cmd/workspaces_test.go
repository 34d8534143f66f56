package cmd

import (
	"testing"

	"scim-sync/cmd/internal/cli"
)

// TestNoEndIsLostAmongOthers: whatever code one workspace ends with, and one that
// nobody has ranked, all of them do not end with 0.
func TestNoEndIsLostAmongOthers(t *testing.T) {
	for _, x := range append(cli.ExitCodes(), cli.ExitCode{Code: 99}) {
		if got := worst([]int{0, x.Code, 0}); got != x.Code {
			t.Errorf("%d among good ones is %d", x.Code, got)
		}
	}
	if got := worst([]int{cli.ExitRefused, cli.ExitStepFailed, cli.ExitLocked}); got != cli.ExitStepFailed {
		t.Errorf("a failed step is graver: %d", got)
	}
	if worst(nil) != 0 {
		t.Error("nobody ended")
	}
}
