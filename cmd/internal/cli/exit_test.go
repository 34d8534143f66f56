package cli

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"scim-sync/attio"
	"scim-sync/config"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// TestInterruptionIsDecidedOnce: a run that was asked to stop and did not come to
// its end was interrupted, whatever stopped it; only a step that failed says
// more. Nobody else's cancelled context is an interruption.
func TestInterruptionIsDecidedOnce(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, c := range map[string]struct {
		err           error
		goes, stopped int
	}{
		"the end":        {nil, ExitOK, ExitOK},
		"told":           {Exit(ExitRefused), ExitRefused, ExitInterrupted},
		"a failed step":  {Exit(ExitStepFailed), ExitStepFailed, ExitStepFailed},
		"a late error":   {&CodeError{ExitStepFailed, errors.New("disk")}, ExitStepFailed, ExitStepFailed},
		"usage":          {Usagef("no"), ExitUsage, ExitInterrupted},
		"a rail":         {fmt.Errorf("plan: %w", &RailError{core.Refusal{Code: "no-state"}}), ExitRefused, ExitInterrupted},
		"settings":       {&config.Error{}, ExitUsage, ExitInterrupted},
		"the lock":       {&state.LockedError{}, ExitLocked, ExitInterrupted},
		"no store":       {fmt.Errorf("read: %w", &state.UnreachableError{Place: "s3://b", Why: "no answer"}), ExitUnavailable, ExitInterrupted},
		"a moved state":  {&state.MovedError{Place: "a", Moved: state.Moved{To: "b"}}, ExitUsage, ExitInterrupted},
		"refused store":  {&state.RefusedError{Place: "s3://b", Why: "the password is wrong"}, ExitUsage, ExitInterrupted},
		"Okta is away":   {&idp.Error{Kind: idp.Unavailable}, ExitUnavailable, ExitInterrupted},
		"no scope":       {&attio.Error{Kind: attio.MissingScope}, ExitCredential, ExitInterrupted},
		"cancelled":      {context.Canceled, ExitFailed, ExitInterrupted},
		"something else": {errors.New("disk"), ExitFailed, ExitInterrupted},
	} {
		if got := Code(t.Context(), c.err); got != c.goes {
			t.Errorf("%s: %d, want %d", name, got, c.goes)
		}
		if got := Code(stopped, c.err); got != c.stopped {
			t.Errorf("%s, stopped: %d, want %d", name, got, c.stopped)
		}
	}
}
