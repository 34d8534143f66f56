package state

import (
	"cmp"
	"fmt"
)

// UnreachableError says that the store of a state could not be asked, or did not
// answer as it should. It may pass by itself. Exit code 75.
type UnreachableError struct {
	Place string // the store's address as it may be shown
	Why   string // what happened, a clause
	WayOn string // what to do, whole sentences; empty: to try again
	Err   error  // its cause, which is not shown: Why says what may be; nil without one
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("the state's store %s could not be used: %s", e.Place, e.Why)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *UnreachableError) Hint() string {
	return cmp.Or(e.WayOn, "Try again: what was written before is kept. If it lasts, scim-sync doctor says more.")
}

// RefusedError says that the store of a state cannot be used as the settings have
// it: a credential, a right or a setting is wrong, and stays so until somebody
// corrects it. Exit code 5.
type RefusedError struct {
	Place string // the store's address as it may be shown
	Why   string // what is wrong, a clause
	WayOn string // what to do, whole sentences; empty: to look at the settings
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the state's store %s cannot be used: %s", e.Place, e.Why)
}

// Hint says what to do about it.
func (e *RefusedError) Hint() string {
	return cmp.Or(e.WayOn, "Correct the setting state.url, or what it names; scim-sync doctor says more.")
}
