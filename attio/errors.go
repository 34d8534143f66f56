package attio

import (
	"errors"
	"fmt"
)

// ErrorKind sorts failures by what code decides on them.
type ErrorKind int

// The kinds of failure.
const (
	// Unavailable: not reached, or not able to answer for now; nothing of a
	// read may be concluded, a write may or may not have happened.
	Unavailable ErrorKind = iota + 1
	// Untrusted: an answer that cannot be believed.
	Untrusted
	// RateLimited: still refused after all the waiting allowed.
	RateLimited
	// NotSignedIn: no token, or one that is revoked, expired or malformed.
	NotSignedIn
	// MissingScope: the token lacks a scope.
	MissingScope
	// NoSCIM: the workspace's plan does not include SCIM.
	NoSCIM
	// NoSeat: no free seat, and automatic seat assignment is off.
	NoSeat
	// LastAdmin: Attio refuses to leave the workspace without an admin.
	LastAdmin
	// Conflict: the address or the team name is taken.
	Conflict
	// Gone: there is nothing with that id (any more).
	Gone
	// Refused: any other refusal; repeating it would not help.
	Refused
	// Misplaced: nothing of Attio's answers at the address of the settings.
	Misplaced
	// NotMade: a creation was answered well, and what it should have made is not
	// there.
	NotMade
)

func (k ErrorKind) String() string {
	kindWords := [...]string{"", "unavailable", "untrusted answer", "rate limited", "not signed in",
		"missing scope", "no SCIM in the plan", "no free seat", "last admin", "conflict", "gone", "refused", "wrong address", "not made"}
	if k > 0 && int(k) < len(kindWords) {
		return kindWords[k]
	}
	return "unknown"
}

// Error is a failure of a request to Attio: object, operation, HTTP status,
// the server's own words, and a hint. Its text never holds a secret.
type Error struct {
	Kind      ErrorKind
	Op        string // "provision", "list users, page 2"
	Subject   string // an address, a team name, an id; may be empty
	Status    int    // HTTP status, 0 when there was no answer
	Detail    string // the server's own words
	RequestID string
	Hint      string // what to do next, a sentence
	// ReachUnknown: a write was refused in words or by a status that may mean this
	// one person or team alone, or the token's rights, or the workspace's plan.
	// Reader.Check tells.
	ReachUnknown bool
	// Divisible: several people were in the request, which was refused as a whole;
	// with fewer of them it may be taken.
	Divisible bool
	// Unsent: the request was interrupted before it left, or before it was
	// repeated after a 429: it had no effect.
	Unsent bool
	Err    error
}

func (e *Error) Error() string {
	s := e.Op
	if e.Subject != "" {
		s += " " + e.Subject
	}
	return s + ": " + e.Said()
}

// Said is the error without what was done to whom, for where that stands
// already: "HTTP 409 (conflict): …", or "unavailable: …" without an answer.
func (e *Error) Said() string {
	s := e.Kind.String()
	if e.Status != 0 {
		s = fmt.Sprintf("HTTP %d (%s)", e.Status, s)
	}
	switch {
	case e.Detail != "":
		s += ": " + e.Detail
	case e.Err != nil:
		s += ": " + e.Err.Error()
	}
	if e.RequestID != "" {
		s += " [request " + e.RequestID + "]"
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// TooLarge says whether Attio refused the request for its size (HTTP 413).
func (e *Error) TooLarge() bool { return e.Status == 413 }

// KindOf gives the kind of the first *Error in err's chain, 0 if there is none.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}

// Is reports whether err is an *Error of the given kind.
func Is(err error, k ErrorKind) bool { return KindOf(err) == k }
