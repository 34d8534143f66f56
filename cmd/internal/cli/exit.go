package cli

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
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// CodeError carries an exit code. Without an error nothing is left to tell.
type CodeError struct {
	Code int
	Err  error
}

func (e *CodeError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit %d", e.Code)
	}
	return e.Err.Error()
}

func (e *CodeError) Unwrap() error { return e.Err }

// ExitCode is the code.
func (e *CodeError) ExitCode() int { return e.Code }

// Exit ends a command whose output has said everything already.
func Exit(code int) error {
	if code == ExitOK {
		return nil
	}
	return &CodeError{Code: code}
}

// Told says whether an error only carries an exit code: the output has said
// everything.
func Told(err error) bool {
	e, ok := errors.AsType[*CodeError](err)
	return ok && e.Err == nil
}

// UsageError is a command line that makes no sense.
type UsageError struct{ Text, Advice string }

func (e *UsageError) Error() string { return e.Text }

// Hint says what to do instead.
func (e *UsageError) Hint() string { return e.Advice }

// ExitCode is that of a wrong usage.
func (e *UsageError) ExitCode() int { return ExitUsage }

// Usagef is a [UsageError] without advice.
func Usagef(format string, args ...any) error { return &UsageError{Text: fmt.Sprintf(format, args...)} }

// RailError is a safety rail that stops a run before there is a plan.
type RailError struct{ core.Refusal }

func (e *RailError) Error() string { return string(e.Code) + ": " + e.Detail }

// Hint says how to go on.
func (e *RailError) Hint() string { return e.Remedy }

// ExitCode is that of a refusal.
func (e *RailError) ExitCode() int { return ExitRefused }

// Code is the one place where errors become exit codes, and where it is decided
// that a run was interrupted: it did not come to its end, and was asked to stop.
// That a step failed is worth more.
func Code(ctx context.Context, err error) int {
	code := codeOf(err)
	if err != nil && ctx.Err() != nil && code != ExitStepFailed {
		return ExitInterrupted
	}
	return code
}

func codeOf(err error) int {
	var (
		own     interface{ ExitCode() int } // of the commands
		trouble *group.PanicError
		settle  *config.Error
		place   *state.LocationError
		only    *planner.OnlyError
		locked  *state.LockedError
		refused *state.RefusedError
		away    *state.UnreachableError
		moved   *state.MovedError
		store   *auth.StoreError
		doubt   *core.UntrustedError
	)
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &own):
		return own.ExitCode()
	case errors.As(err, &trouble):
		return ExitInternal
	case errors.As(err, &settle), errors.As(err, &place), errors.As(err, &only), errors.As(err, &refused), errors.As(err, &moved):
		return ExitUsage
	case errors.As(err, &locked), errors.Is(err, state.ErrLost), errors.As(err, &store) && store.Busy:
		return ExitLocked
	case errors.As(err, &store):
		return ExitCredential
	case errors.As(err, &doubt), errors.As(err, &away):
		return ExitUnavailable
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
