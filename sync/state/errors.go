package state

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

var (
	// ErrConflict says that the snapshot was replaced by somebody else since it was read.
	ErrConflict = errors.New("the state was changed by somebody else")
	// ErrLost says that the run is not the only writer any more. It stops: no
	// further request may be made. Exit code 7, as for a lock that is not free.
	ErrLost = errors.New("this run does not hold the lock of the state any more")
	// ErrClosed says that the run was finished or closed before.
	ErrClosed = errors.New("this run's journal is closed")
)

// LockedError says who holds the lock. Fields that the holder did not leave
// are zero.
type LockedError struct {
	Holder Holder
	Place  string // of the lock
	Note   string // what is odd about it, a clause
}

func (e *LockedError) Error() string {
	h := e.Holder
	if h.PID == 0 {
		note := ""
		if e.Note != "" {
			note = " (" + e.Note + ")"
		}
		return fmt.Sprintf("another run holds the lock %s%s; wait until it has finished", e.Place, note)
	}
	return fmt.Sprintf("another run holds the lock %s: %s (process %d on %s) since %s; wait until it has finished",
		e.Place, orUnnamed(h.Command), h.PID, orUnnamed(h.Host), h.Since.Format(time.RFC3339))
}

// Hint says what to do about it.
func (e *LockedError) Hint() string {
	return "Wait until that run has finished. The lock of a run that was killed is free by itself."
}

// LostError is an ErrLost with what was found.
type LostError struct {
	Place string
	Why   string // a clause; may be empty
}

func (e *LostError) Error() string {
	text := fmt.Sprintf("%s: %v", e.Place, ErrLost)
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text + "; it stopped, and what it did is in the journal"
}

// Is makes errors.Is(err, ErrLost) true.
func (e *LostError) Is(target error) bool { return target == ErrLost }

// NotBegun says that a write whose announcement failed with it was not made: it
// is the next run's.
func (e *LostError) NotBegun() bool { return true }

// Hint says what to do about it.
func (e *LostError) Hint() string {
	return "Find out what else writes there (scim-sync history shows the other run), and run this again when it has finished. Nobody but scim-sync should remove or change what a state is kept in."
}

func orUnnamed(s string) string {
	if s == "" {
		return "unnamed"
	}
	return fmt.Sprintf("%q", s)
}

// ConflictError is an ErrConflict with the numbers.
type ConflictError struct {
	Place      string
	Want, Have uint64 // serials
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s: %v: it carries serial %d, not %d as when this run began; "+
		"nothing of it was overwritten, and what this run did is in its journal", e.Place, ErrConflict, e.Have, e.Want)
}

// Is makes errors.Is true for ErrConflict and for ErrLost: somebody else writes.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict || target == ErrLost }

// NotBegun is as that of [LostError].
func (e *ConflictError) NotBegun() bool { return true }

// FormatError says that the state has a format that this program cannot read. It is
// left as it is.
type FormatError struct {
	Place      string
	Have, Know int
}

func (e *FormatError) Error() string {
	if e.Have > e.Know {
		return fmt.Sprintf("%s was written by a newer scim-sync (format %d, this one knows up to %d); "+
			"it was left untouched: use the newer program", e.Place, e.Have, e.Know)
	}
	return fmt.Sprintf("%s has format %d, which this scim-sync cannot bring to format %d; it was left untouched",
		e.Place, e.Have, e.Know)
}

// Hint says what to do about it.
func (e *FormatError) Hint() string { return "Use the scim-sync that wrote it, or a newer one." }

// CorruptError says that something that was once durable cannot be read, and what it
// said is not guessed.
type CorruptError struct {
	Place   string // what cannot be read
	Why     string
	WayBack string // what to do, a clause; never empty
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s cannot be read: %s", e.Place, e.Why)
}

// Hint says how to go on.
func (e *CorruptError) Hint() string { return strings.ToUpper(e.WayBack[:1]) + e.WayBack[1:] + "." }

// LocationError says that a setting names no place where state can be kept.
type LocationError struct {
	Location string
	Why      string
}

func (e *LocationError) Error() string {
	return fmt.Sprintf("state.url %q: %s", e.Location, e.Why)
}

// DeniedError says that a file of the state may not be read or written by the user
// that runs the program.
type DeniedError struct {
	Path string
	Err  error
}

func (e *DeniedError) Error() string { return e.Path + " cannot be opened: permission denied" }

func (e *DeniedError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *DeniedError) Hint() string {
	return "It is another user's, as after a run with sudo: run as that user, or give the state's folder and all files in it to the user that runs scim-sync (chown)."
}

// denied names the file of a state that the system keeps from us.
func denied(err error) error {
	path, ok := errors.AsType[*fs.PathError](err)
	if _, known := errors.AsType[*UnwritableError](err); known || !ok || !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return &DeniedError{path.Path, err}
}
