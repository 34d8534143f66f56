package apply

import (
	"slices"
	"time"

	"scim-sync/idp"
)

// goodFor is how old a reading or a proof may be when a step acts on it.
const goodFor = 2 * time.Minute

// old says whether what was asked at a time must be asked again.
func (f *Fresh) old(at time.Duration) bool { return f.Elapsed()-at > goodFor }

// StaleError is a step that was not begun because what it rests on had grown old.
// It is neither a failure nor done: the next run deals with it.
type StaleError struct {
	Detail string
	Err    error // why it could not be asked again; nil: it has changed
}

func (e *StaleError) Error() string { return e.Detail }

func (e *StaleError) Unwrap() error { return e.Err }

// changed says what has changed since the plan was made.
func changed(what string) error {
	return &StaleError{Detail: "changed since the plan was made (" + what + "); the next run deals with it"}
}

// unasked is an answer that did not come.
func unasked(what string, err error) error {
	return &StaleError{Detail: what + " had to be asked for again, as the plan had grown old: " + err.Error(), Err: err}
}

// differs says how an answer differs from the entry that was seen, nil where there
// was none.
func differs(seen *idp.Person, now idp.Standing) string {
	gone := !now.Listed || now.Access == idp.Revoked
	switch {
	case seen == nil && !gone:
		return "is assigned again"
	case seen == nil, seen.Access != idp.Granted && (gone || now.Access == seen.Access):
		return ""
	case gone:
		return "is not assigned any more"
	case now.Access != seen.Access:
		return "is " + now.Access.String() + " by now"
	}
	p := &now.Person
	if p.UserStatus == "" && seen.UserStatus != "" {
		return "the person's own status is not told" // nobody gets access by such an answer
	}
	if p.Email != seen.Email || p.GivenName != seen.GivenName || p.FamilyName != seen.FamilyName || p.HasRole != seen.HasRole || !slices.Equal(p.Roles, seen.Roles) {
		return "has another address, name or role"
	}
	return ""
}
