package cmd

import (
	"context"
	"errors"
	"fmt"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/internal/group"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// The exit codes. They are part of what scripts rely on and never change
// their meaning.
const (
	ExitOK          = 0   // done, or nothing to do
	ExitFailed      = 1   // failed; a declined prompt
	ExitPending     = 2   // changes are pending (plan --detailed-exitcode)
	ExitRefused     = 3   // a safety rail refused something and no step failed
	ExitStepFailed  = 4   // a step failed, whatever else happened
	ExitUsage       = 5   // configuration or usage is wrong
	ExitCredential  = 6   // not signed in, or the credential lacks what is needed
	ExitLocked      = 7   // another run holds the lock
	ExitStalePlan   = 8   // the saved plan is stale, changed or already applied
	ExitInternal    = 70  // internal error
	ExitUnavailable = 75  // a service was unavailable or not to be trusted
	ExitInterrupted = 130 // interrupted
)

// codeError carries an exit code. Without an error nothing is left to tell.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *codeError) Unwrap() error { return e.err }

// exit ends a command whose output has said everything already.
func exit(code int) error {
	if code == ExitOK {
		return nil
	}
	return &codeError{code: code}
}

// usageError is a command line that makes no sense.
type usageError struct {
	text string
	hint string
}

func (e *usageError) Error() string { return e.text }

// Hint says what to do instead.
func (e *usageError) Hint() string { return e.hint }

func usagef(format string, args ...any) error { return &usageError{text: fmt.Sprintf(format, args...)} }

// railError is a safety rail that stops a run before there is a plan.
type railError struct{ core.Refusal }

func (e *railError) Error() string { return e.Code + ": " + e.Detail }

// Hint says how to go on.
func (e *railError) Hint() string { return e.Remedy }

// codeOf is the one place where errors become exit codes.
func codeOf(err error) int {
	var (
		code    *codeError
		usage   *usageError
		settle  *config.Error
		rail    *railError
		locked  *state.LockedError
		place   *state.LocationError
		store   *auth.StoreError
		stale   *staleError
		only    *core.OnlyError
		doubt   *core.UntrustedError
		trouble *group.PanicError
	)
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &code):
		return code.code
	case errors.As(err, &trouble):
		return ExitInternal
	case errors.As(err, &rail):
		return ExitRefused
	case errors.As(err, &usage), errors.As(err, &settle), errors.As(err, &place), errors.As(err, &only):
		return ExitUsage
	case errors.As(err, &locked), errors.Is(err, state.ErrLost), errors.As(err, &store) && store.Busy:
		return ExitLocked
	case errors.As(err, &store):
		return ExitCredential
	case errors.As(err, &stale):
		return ExitStalePlan
	case errors.As(err, &doubt):
		return ExitUnavailable
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	}
	if c := codeOfSource(err); c != 0 {
		return c
	}
	if c := codeOfWorkspace(err); c != 0 {
		return c
	}
	return ExitFailed
}

func codeOfSource(err error) int {
	switch idp.KindOf(err) {
	case idp.Unavailable, idp.Untrusted:
		return ExitUnavailable
	case idp.Credential:
		return ExitCredential
	case idp.Setting:
		return ExitUsage
	case idp.AppInactive:
		return ExitRefused
	}
	return 0
}

func codeOfWorkspace(err error) int {
	switch attio.KindOf(err) {
	case attio.NotSignedIn, attio.MissingScope, attio.NoSCIM:
		return ExitCredential
	case attio.Misplaced:
		return ExitUsage
	case attio.Unavailable, attio.Untrusted, attio.RateLimited:
		return ExitUnavailable
	case 0:
		return 0
	}
	// A step's failure is told by its report. What ends a run is a read that
	// was refused: nothing is known then, and nothing was written.
	const forbidden = 403
	var e *attio.Error
	if errors.As(err, &e) && e.Status == forbidden {
		return ExitCredential
	}
	return ExitUnavailable
}
