package auth

import (
	"errors"
	"fmt"
	"io/fs"
)

// StoreError: the place where sign-ins are kept cannot be used.
type StoreError struct {
	Text   string
	Remedy string
	// Damaged: the list of the sign-ins cannot be understood; see [CredentialStore.Repair].
	Damaged bool
	// Busy: another process is changing it, and will have done in a moment.
	Busy bool
	// InKeyring: a token may still be in the keyring; see [CredentialStore.Abandon].
	InKeyring bool
	Err       error
}

func (e *StoreError) Error() string { return e.Text }

func (e *StoreError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *StoreError) Hint() string { return e.Remedy }

// unusable is for what the system refuses.
func unusable(doing, path string, err error) *StoreError {
	why := err
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		why = inner.Err
	}
	return &StoreError{Text: fmt.Sprintf("cannot %s %s, where sign-ins are kept: %s", doing, path, plain(why.Error(), 200)), Err: err,
		Remedy: "Give the user that runs scim-sync the right to read and write there, or name another place by XDG_DATA_HOME. " +
			"In cron and CI no stored sign-in is needed: give the token as SCIM_SYNC_ATTIO_TOKEN."}
}

func (s *CredentialStore) damaged() *StoreError {
	return &StoreError{Damaged: true, Text: s.indexPath() + " is damaged, so that nobody knows which sign-ins there are",
		Remedy: "Run scim-sync login or scim-sync logout: both first save what can be read of it, and put the file aside. " +
			"Do not delete it: tokens in the keyring would stay there unknown."}
}

func unforgotten(l Login, err error) *StoreError {
	return &StoreError{InKeyring: true, Err: err,
		Text: "a token for " + l.WorkspaceSlug + " may still be in the keyring of this system, which cannot be asked: " + err.Error(),
		Remedy: "Unlock the keyring and run scim-sync logout again. If it is gone for good: scim-sync logout --force forgets the sign-in, " +
			"and the token is ended by deleting it in Attio (Workspace settings > Developers, or Apps)."}
}
