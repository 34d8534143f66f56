package idp

import (
	"context"
	"errors"
	"fmt"

	"scim-sync/internal/idset"
)

// Source reads a directory. Implementations are safe for concurrent use.
type Source interface {
	// Directory reads everything the query asks for. Any read that failed,
	// was cut short or came back malformed makes the whole call fail with an
	// *Error: an incomplete list is never returned.
	Directory(ctx context.Context, q Query) (Directory, error)
	// Person asks for one person's assignment by id, fresh from the provider.
	// Absence is an answer (Listed false, Access Revoked), not an error.
	Person(ctx context.Context, id string) (Standing, error)
	// Group asks for one group by id. Absence is an answer, not an error.
	Group(ctx context.Context, id string) (GroupStanding, error)
}

// Rereader is a Source whose Directory may give remembered members.
type Rereader interface {
	Source
	// Members reads who is in these groups now, by group id, trusting no
	// memory. A group that is gone is missing from the answer.
	Members(ctx context.Context, groups []GroupRef) (map[string]Reread, error)
}

// Reread is who is in a group that was read again. Unsure is that of [Group].
type Reread struct {
	Members idset.Set
	Unsure  bool
}

// ErrorKind sorts what can go wrong with a source by what to do about it.
type ErrorKind int

// The kinds of failure.
const (
	// Unavailable: not reached, or not able to answer for now. Try again.
	Unavailable ErrorKind = iota + 1
	// Untrusted: an answer came and cannot be believed (empty, cut short,
	// looping, of the wrong type). Try again; nothing may be concluded.
	Untrusted
	// Credential: the credential is missing, wrong, expired or lacks a right.
	Credential
	// Setting: a setting names something that does not exist or may not be.
	Setting
	// AppInactive: the app is switched off, so its assignments mean nothing.
	AppInactive
)

// Error is a failure of a source: what was asked, what came back, and what to
// do next. Its text never holds a secret.
type Error struct {
	Kind      ErrorKind
	Op        string // what was being done: "list app users, page 3"
	Subject   string // the thing at fault: a URL path, an id, a setting; may be empty
	Status    int    // HTTP status, 0 when there was no answer
	Detail    string // what the provider or the check said
	RequestID string
	Hint      string // what to do next, a sentence
	Err       error
}

func (e *Error) Error() string {
	s := e.Op
	if e.Subject != "" {
		s += " (" + e.Subject + ")"
	}
	if e.Status != 0 && e.Status != 200 { // what a good answer says is at fault, not its status
		s += fmt.Sprintf(": HTTP %d", e.Status)
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

// KindOf gives the kind of the first *Error in err's chain, 0 if there is none.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}
