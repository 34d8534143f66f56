package state

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// FormatMoved is the version of the snapshot and of the one journal line of a
// state that is not to be used where it lies. Programs that know no such states
// refuse them for that.
const FormatMoved = 2

// Moved says of a state that it is at another place, or not wholly at this one
// yet. Either To or From is set.
type Moved struct {
	To   string    `json:"to,omitempty"`   // the address of where it went, without secrets
	From string    `json:"from,omitempty"` // what it is being made from, in words
	At   time.Time `json:"at"`
	By   string    `json:"by,omitempty"`
	// Last is where the journal ended that was taken along.
	Last Position `json:"last,omitzero"`
}

// unfinished says that the state is not wholly here yet.
func (m *Moved) unfinished() bool { return m != nil && m.From != "" }

// MovedError says that nothing is read or written here, because the state is at
// another place, or not wholly at this one yet. Exit code 5.
type MovedError struct {
	Place string // of the snapshot
	Moved
}

func (e *MovedError) Error() string {
	by := ""
	if e.By != "" {
		by = " by " + e.By
	}
	if e.unfinished() {
		return fmt.Sprintf("the state at %s is not whole: making it from %s was begun at %s%s and did not come to its end, or goes on",
			e.Place, e.From, e.At.UTC().Format(time.RFC3339), by)
	}
	return fmt.Sprintf("the state at %s was moved to %s at %s%s; nothing was read or written here", e.Place, e.To, e.At.UTC().Format(time.RFC3339), by)
}

// Hint says what to do about it.
func (e *MovedError) Hint() string {
	if e.unfinished() {
		return "Carry out again what was cut off: scim-sync state move (with the setting state.url of the former place), or scim-sync state restore. The former place keeps the whole state until then."
	}
	return "Use the new place: state.url: " + e.To + ". To have it here again, move it back with the new setting: scim-sync state move " + cmp.Or(asAddress(e.Place), "ADDRESS")
}

// asAddress makes the path of a file an address; empty for all else.
func asAddress(place string) string {
	if strings.HasPrefix(place, "/") {
		return "file://" + place
	}
	return ""
}
