package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"scim-sync/internal/atomicfile"
)

// Place is where a token is kept.
type Place string

// The places.
const (
	InKeyring Place = "keyring" // of the operating system
	InFile    Place = "file"    // readable by its owner alone
)

// Login is what is known of a sign-in without its token.
type Login struct {
	WorkspaceID   string `json:"workspace_id"`
	WorkspaceSlug string `json:"workspace_slug"`
	WorkspaceName string `json:"workspace_name"`
	// ClientID is that of the app; empty for a developer token.
	ClientID string `json:"client_id,omitempty"`
	// AuthorizedBy is the address of the person behind the token, if known.
	AuthorizedBy string    `json:"authorized_by,omitempty"`
	SignedInAt   time.Time `json:"signed_in_at"`
	Kept         Place     `json:"kept"`
	// Leftover: the keyring may still hold an earlier token, since a later one
	// had to be kept in a file.
	Leftover bool `json:"keyring_leftover,omitempty"`
}

// Is says whether a workspace's slug or id means this login.
func (l Login) Is(slugOrID string) bool {
	return strings.EqualFold(slugOrID, l.WorkspaceSlug) || strings.EqualFold(slugOrID, l.WorkspaceID)
}

// CredentialStore keeps tokens between runs, one entry a workspace id: in the operating
// system's keyring, or in files where there is none. Which is where is in a
// file of its own, which holds no secret:
//
//	logins.json          who is signed in to what, and where the token is
//	logins.lock          held while any of these is changed
//	token-ID.json        a token, readable by its owner alone
type CredentialStore struct {
	dir  string
	ring ring
}

// NewCredentialStore gives the credential store in a folder, which need not be there. Nothing is
// read or written yet.
func NewCredentialStore(dir string, keys Keyring) *CredentialStore {
	return &CredentialStore{dir: dir, ring: ring{keys: keys, patience: keyringPatience}}
}

// index is the content of logins.json.
type index struct {
	Format int     `json:"format"`
	Logins []Login `json:"logins"`
}

const credentialsFormat = 1

func (s *CredentialStore) indexPath() string { return filepath.Join(s.dir, "logins.json") }

// Logins lists the sign-ins, by slug. Error: *StoreError.
func (s *CredentialStore) Logins() ([]Login, error) {
	raw, err := os.ReadFile(s.indexPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unusable("read", s.indexPath(), err)
	}
	var ix index
	switch err := json.Unmarshal(raw, &ix); {
	case err == nil && ix.Format > credentialsFormat:
		return nil, &StoreError{Text: s.indexPath() + " was written by a newer scim-sync; it was left untouched", Remedy: "Use the newer program."}
	case err != nil:
		return nil, s.damaged()
	}
	slices.SortFunc(ix.Logins, func(a, b Login) int { return strings.Compare(a.WorkspaceSlug, b.WorkspaceSlug) })
	return ix.Logins, nil
}

// Find gives the login of a workspace, by slug or id; of the only one there
// is when none is named. Errors: *attio.Error of kind NotSignedIn, and
// *AmbiguousError, *StoreError.
func (s *CredentialStore) Find(workspace string) (Login, error) {
	all, err := s.Logins()
	if err != nil {
		return Login{}, err
	}
	if workspace == "" {
		switch len(all) {
		case 0:
			return Login{}, notSignedIn("no sign-in is stored", signInHint)
		case 1:
			return all[0], nil
		}
		return Login{}, &AmbiguousError{Logins: all}
	}
	if i := slices.IndexFunc(all, func(l Login) bool { return l.Is(workspace) }); i >= 0 {
		return all[i], nil
	}
	detail := "no sign-in to the workspace " + plain(workspace, 80) + " is stored"
	if len(all) > 0 {
		detail += "; there is one to " + names(all)
	}
	return Login{}, notSignedIn(detail, signInHint)
}

const signInHint = "Sign in with scim-sync login; or, in cron and CI, give an access token as attio.token or SCIM_SYNC_ATTIO_TOKEN " +
	"(Attio: Workspace settings > Developers > New access token, User Management: Read-write)."

func names(all []Login) string {
	var list []string
	for _, l := range all {
		list = append(list, l.WorkspaceSlug)
	}
	return strings.Join(list, ", ")
}

// AmbiguousError: several sign-ins are stored and none was named.
type AmbiguousError struct{ Logins []Login }

func (e *AmbiguousError) Error() string {
	return "there are sign-ins to several workspaces (" + names(e.Logins) + "), and attio.workspace does not say which is meant"
}

// Hint says what to do about it.
func (e *AmbiguousError) Hint() string { return "Set attio.workspace to one of: " + names(e.Logins) }

// Token gives the token of a login.
func (s *CredentialStore) Token(l Login) (Token, error) {
	raw, err := s.secret(l)
	if err != nil {
		return Token{}, err
	}
	var k keptToken
	if json.Unmarshal(raw, &k) != nil || k.Access == "" {
		return Token{}, notSignedIn("the token kept for "+l.WorkspaceSlug+" in the "+s.Where(l)+" cannot be read", "Sign in again: scim-sync login")
	}
	return NewToken(k.Access, k.Refresh, k.Expires), nil
}

// keptToken is a token as it is kept.
type keptToken struct {
	Format  int       `json:"format"`
	Access  string    `json:"access_token"`
	Refresh string    `json:"refresh_token,omitempty"`
	Expires time.Time `json:"expires_at,omitzero"`
}

func (s *CredentialStore) secret(l Login) ([]byte, error) {
	if l.Kept == InKeyring {
		text, err := s.ring.get(l.WorkspaceID)
		if err != nil {
			return nil, notSignedIn("the token for "+l.WorkspaceSlug+" is in this system's keyring, and "+err.Error(),
				"Unlock the keyring, or sign in again: scim-sync login. In cron and CI give the token as SCIM_SYNC_ATTIO_TOKEN.")
		}
		return []byte(text), nil
	}
	raw, err := os.ReadFile(s.filePath(l.WorkspaceID))
	if err != nil {
		return nil, notSignedIn("the token for "+l.WorkspaceSlug+" cannot be read: "+err.Error(), "Sign in again: scim-sync login")
	}
	return raw, nil
}

// Where says in words where a login's token is kept.
func (s *CredentialStore) Where(l Login) string {
	if l.Kept == InKeyring {
		return "keyring of this system"
	}
	return "file " + s.filePath(l.WorkspaceID)
}

// Keep stores a login and its token in place of any earlier one for the same
// workspace, and gives it with the place where the token is now. why says, for
// a file, why it is not the keyring.
func (s *CredentialStore) Keep(ctx context.Context, l Login, t Token) (kept Login, why string, err error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return l, "", err
	}
	defer unlock()
	return s.keep(l, t)
}

func (s *CredentialStore) keep(l Login, t Token) (Login, string, error) {
	all, err := s.Logins()
	if err != nil {
		return l, "", err
	}
	raw, err := json.Marshal(keptToken{Format: credentialsFormat, Access: t.Access(), Refresh: t.Refresh(), Expires: t.Expires})
	if err != nil {
		return l, "", err
	}
	why := ""
	l.Kept, l.Leftover = InKeyring, false
	if err := s.ring.set(l.WorkspaceID, string(raw)); err != nil {
		l.Kept, why = InFile, err.Error()
		l.Leftover = errors.Is(err, errSilent) || slices.ContainsFunc(all, func(have Login) bool {
			return have.WorkspaceID == l.WorkspaceID && (have.Kept == InKeyring || have.Leftover)
		})
		if err := atomicfile.Write(s.filePath(l.WorkspaceID), raw, 0o600); err != nil {
			return l, why, unusable("write", s.filePath(l.WorkspaceID), err)
		}
	} else if err := s.removeFile(l); err != nil {
		return l, "", err // an older token would stay readable
	}
	all = append(slices.DeleteFunc(all, func(have Login) bool { return have.WorkspaceID == l.WorkspaceID }), l)
	return l, why, s.writeIndex(all)
}

// Forget removes a login and its token from where it is, and from where an
// earlier one may be. While one may be left the login stays known, so that it
// can be forgotten again. Error: *StoreError.
func (s *CredentialStore) Forget(ctx context.Context, l Login) error {
	return s.forget(ctx, l, func(rest []Login) error {
		if l.Kept != InKeyring && !l.Leftover {
			return s.writeIndex(rest)
		}
		if err := s.ring.remove(l.WorkspaceID); err != nil {
			l.Kept, l.Leftover = InKeyring, false
			return cmp.Or(s.writeIndex(append(rest, l)), error(unforgotten(l, err)))
		}
		return s.writeIndex(rest)
	})
}

// Abandon removes a login and its file, and leaves in the keyring what may be
// there: for a keyring that is gone. Error: *StoreError.
func (s *CredentialStore) Abandon(ctx context.Context, l Login) error {
	return s.forget(ctx, l, s.writeIndex)
}

// forget removes the file of a login, and lets end see to the rest, given the
// other logins.
func (s *CredentialStore) forget(ctx context.Context, l Login, end func(rest []Login) error) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := s.Logins()
	if err != nil {
		return err
	}
	if err := s.removeFile(l); err != nil {
		return err
	}
	return end(slices.DeleteFunc(all, func(have Login) bool { return have.WorkspaceID == l.WorkspaceID }))
}

func (s *CredentialStore) removeFile(l Login) error {
	path := s.filePath(l.WorkspaceID)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unusable("remove", path, err)
	}
	return nil
}

func (s *CredentialStore) writeIndex(all []Login) error {
	raw, err := json.MarshalIndent(index{Format: credentialsFormat, Logins: all}, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.Write(s.indexPath(), append(raw, '\n'), 0o600); err != nil {
		return unusable("write", s.indexPath(), err)
	}
	return nil
}

// lockPatience is how long another process may be changing the credential store.
const lockPatience = 15 * time.Second

// Ready makes sure that a sign-in can be kept, before anybody is asked for one.
// Error: *StoreError.
func (s *CredentialStore) Ready(ctx context.Context) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	_, err = s.Logins()
	return err
}

// lock takes the lock of the credential store, which the operating system lets go of when
// the process dies.
func (s *CredentialStore) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, unusable("make", s.dir, err)
	}
	l := flock.New(filepath.Join(s.dir, "logins.lock"), flock.SetPermissions(0o600))
	wait, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if _, err := l.TryLockContext(wait, 20*time.Millisecond); err != nil {
		_ = l.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if wait.Err() != nil {
			return nil, &StoreError{Busy: true, Text: "another scim-sync holds the lock of the sign-ins in " + s.dir, Remedy: "Wait until it has finished, and run this again.", Err: err}
		}
		return nil, unusable("lock", s.dir, err)
	}
	return func() { _ = l.Close() }, nil
}
