// Package auth gets an access token of one Attio workspace and keeps it: the
// consent of a person in the browser
// (https://docs.attio.com/docs/oauth/authorize), the exchange of the code it
// ends with (https://docs.attio.com/docs/oauth/token), and the places where a
// token lies between runs.
//
// Failures are *attio.Error, but for those of the settings, of the port and of
// the place where sign-ins are kept (*SettingError, *BusyError, *StoreError). No
// text of any of them holds a secret.
package auth

import (
	"fmt"
	"io"
	"time"

	"scim-sync/attio"
)

// Token is an access token and what came with it. Attio documents tokens
// without an end and without a refresh token
// (https://docs.attio.com/docs/oauth/token); both are kept should they come.
//
// No printing shows a Token: its texts lie behind pointers.
type Token struct {
	access, refresh *string
	// Expires is zero for a token without an end.
	Expires time.Time
}

// NewToken makes a Token; refresh may be empty, expires zero.
func NewToken(access, refresh string, expires time.Time) Token {
	return Token{access: &access, refresh: &refresh, Expires: expires}
}

// Access gives the access token itself.
func (t Token) Access() string {
	if t.access == nil {
		return ""
	}
	return *t.access
}

// Refresh gives the refresh token, empty without one.
func (t Token) Refresh() string {
	if t.refresh == nil {
		return ""
	}
	return *t.refresh
}

// Format prints "(token)" for every verb.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(token)") }

// SettingError is a setting with which nobody can sign in.
type SettingError struct{ Setting, Why, Remedy string }

func (e *SettingError) Error() string { return e.Setting + ": " + e.Why }

// Hint says what to do about it.
func (e *SettingError) Hint() string { return e.Remedy }

// BusyError: the address that the browser comes back to cannot be listened at.
type BusyError struct {
	Address string // 127.0.0.1:8910
	Taken   bool   // by another program; else Err says why
	Err     error
}

func (e *BusyError) Error() string {
	if e.Taken {
		return "the address " + e.Address + " is in use by another program, so the browser could not come back here"
	}
	return "cannot listen at " + e.Address + ", where the browser comes back to: " + e.Err.Error()
}

func (e *BusyError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *BusyError) Hint() string {
	return "Stop what listens there (another scim-sync login?), or choose another port: attio.oauth.redirect_url here, and the same address, letter by letter, as redirect address of the app at build.attio.com."
}

const op = "sign in to Attio"

// notSignedIn makes the error of a sign-in that came to nothing.
func notSignedIn(detail, hint string) *attio.Error {
	return &attio.Error{Kind: attio.NotSignedIn, Op: op, Detail: detail, Hint: hint}
}
