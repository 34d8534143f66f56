package idp

import (
	"context"
	"fmt"
	"time"
)

// What follows is asked again just before something is taken away: a reading
// that is minutes old, or that was made with less sight than the one before,
// proves nothing. A Source may offer each.

// AppChecker is a Source that tells the app's own state again.
type AppChecker interface {
	Source
	// App reads the app's state, fresh. An app that is not there is an *Error of
	// the kind Setting; one that is switched off is an answer.
	App(ctx context.Context) (AppStanding, error)
}

// AppStanding is what the provider says of the app itself.
type AppStanding struct {
	Active bool   // its assignments mean something
	Status string // the provider's own word
	Label  string
	Proof  Proof
}

// MustBeActive is an *Error of the kind AppInactive where the app is switched
// off: it loses its assignments then, and nothing follows from them.
func (a AppStanding) MustBeActive() error {
	if a.Active {
		return nil
	}
	return &Error{
		Kind: AppInactive, Op: "read the app again", Subject: a.Label, Status: a.Proof.Status, RequestID: a.Proof.RequestID,
		Detail: fmt.Sprintf("the app %q is %s", a.Label, a.Status),
		Hint:   "An app that is switched off loses its assignments, so nothing can be concluded from them. Activate it, wait until the assignments are back, and run again.",
	}
}

// SightChecker is a Source that tells again what its credential may see.
type SightChecker interface {
	Source
	// Sight asks what the credential sees now, against what it saw before.
	Sight(ctx context.Context) (Sight, error)
}

// Sight is what a credential may see of the provider. What it does not see is
// not in any list, and looks like gone.
type Sight struct {
	// Everyone says whether the group that holds everybody is shown: it is
	// hidden from who may see part of the org only. Unknown: the provider did
	// not tell.
	Everyone Tristate
	// Shown is that group where it is shown.
	Shown GroupRef
	// Hidden are groups that were readable before, are still named by the
	// provider, and are not shown to the credential now; Everyone among them
	// when it was seen before.
	Hidden []GroupRef
}

// Lost says whether less is seen than before. Absence proves nothing then.
func (s Sight) Lost() bool { return len(s.Hidden) > 0 }

// Lister is a Source that reads who is assigned again, without all else: for
// many people at once that is cheaper than to ask for each.
type Lister interface {
	Source
	// People are those of [Directory], fresh.
	People(ctx context.Context) ([]Person, error)
}

// Dated is a Source that knows the provider's clock.
type Dated interface {
	// ServiceTime is the provider's present time by its newest answer, and false
	// before the first. It is up to a second behind.
	ServiceTime() (time.Time, bool)
}

// EmailOrigin says where a person's address was found.
type EmailOrigin int8

// The places, in the order in which they are looked at.
const (
	// EmailAttribute: the attribute of the app's profile that the settings name.
	EmailAttribute EmailOrigin = iota + 1
	// EmailAccount: the person's own account at the provider, as the attribute
	// is empty or missing.
	EmailAccount
	// EmailUserName: the name in the app, as there is no other.
	EmailUserName
)

// EmailHolders is how many people have their address in the attribute that the
// settings name.
func (d Directory) EmailHolders() (n int) {
	for i := range d.People {
		if d.People[i].EmailFrom == EmailAttribute {
			n++
		}
	}
	return n
}
