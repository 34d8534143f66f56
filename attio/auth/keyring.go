package auth

import (
	"errors"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"scim-sync/internal/group"
)

// Keyring is a store of secrets that the operating system keeps.
type Keyring interface {
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
	Delete(service, user string) error
}

// SystemKeyring is that of the operating system: the Keychain, the Credential
// Manager, or the Secret Service over D-Bus.
func SystemKeyring() Keyring { return systemKeyring{} }

type systemKeyring struct{}

func (systemKeyring) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (systemKeyring) Set(service, user, secret string) error {
	return keyring.Set(service, user, secret)
}
func (systemKeyring) Delete(service, user string) error { return keyring.Delete(service, user) }

const (
	keyringService = "scim-sync"
	// keyringPatience: without a D-Bus that answers, a call hangs for ever.
	keyringPatience = 3 * time.Second
)

// ring asks a Keyring under a time-out.
type ring struct {
	keys     Keyring
	patience time.Duration
}

var errSilent = errors.New("it does not answer (is it locked?)")

// ask runs f for as long as patience allows. A call that hangs is left behind.
func (r ring) ask(f func() error) error {
	if r.keys == nil {
		return errors.New("none is to be used")
	}
	done := make(chan error, 1)
	go func() {
		var err error
		defer func() { done <- err }()
		defer group.Recover(&err)
		err = f()
	}()
	late := time.NewTimer(r.patience)
	defer late.Stop()
	select {
	case err := <-done:
		if err == nil || errors.Is(err, keyring.ErrNotFound) {
			return err
		}
		return errors.New(keyringWords(err))
	case <-late.C:
		return errSilent
	}
}

// keyringWords says what is wrong with a keyring. Where none is installed the library
// fails to start a D-Bus, in the words of whoever called it.
func keyringWords(err error) string {
	text := plain(err.Error(), 200)
	low := strings.ToLower(text)
	_, program := errors.AsType[*exec.Error](err)
	switch {
	case strings.Contains(low, "locked"), strings.Contains(low, "unlock"):
		return "it is locked"
	case program, strings.Contains(low, "dbus"), strings.Contains(low, "d-bus"), strings.Contains(low, "org.freedesktop"):
		return "no keyring service runs for this user"
	case strings.Contains(low, "collection"):
		return "it has no collection for this user yet"
	case strings.HasPrefix(low, "exit status"): // of macOS' security(1)
		return "it refuses; is it locked, or is this a session without a screen?"
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return "the token is too long for it"
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return "this system has none"
	}
	return text
}

// get gives a secret; the error goes on after "and".
func (r ring) get(user string) (secret string, err error) {
	answer := make(chan string, 1)
	err = r.ask(func() error {
		text, err := r.keys.Get(keyringService, user)
		answer <- text
		return err
	})
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return "", errors.New("it is not there any more")
	case err != nil:
		return "", err
	}
	return <-answer, nil
}

func (r ring) set(user, secret string) error {
	return r.ask(func() error { return r.keys.Set(keyringService, user, secret) })
}

// remove removes a secret; one that is not there is removed.
func (r ring) remove(user string) error {
	err := r.ask(func() error { return r.keys.Delete(keyringService, user) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// filePath is where the token of a workspace lies when there is no keyring.
// Whatever the id holds, the file lies in the credential store's folder.
func (v *CredentialStore) filePath(workspaceID string) string {
	return filepath.Join(v.dir, "token-"+url.PathEscape(workspaceID)+".json")
}
