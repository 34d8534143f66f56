package auth

import (
	"errors"
	"os/exec"
	"testing"

	"github.com/zalando/go-keyring"
)

// TestAMissingKeyringIsToldInWords: nobody can do anything with those of the library.
func TestAMissingKeyringIsToldInWords(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&exec.Error{Name: "dbus-launch", Err: exec.ErrNotFound}, "no keyring service runs for this user"},
		{errors.New(`exec: "dbus-launch": executable file not found in $PATH`), "no keyring service runs for this user"},
		{errors.New("The name org.freedesktop.secrets was not provided by any .service files"), "no keyring service runs for this user"},
		{errors.New("failed to unlock correct collection: it is Locked"), "it is locked"},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/collection/login'"), "it is locked"},
		{errors.New(`Object does not exist at path "/org/freedesktop/secrets/collection/login"`), "it has no collection for this user yet"},
		{errors.New("exit status 36"), "it refuses; is it locked, or is this a session without a screen?"},
		{keyring.ErrSetDataTooBig, "the token is too long for it"},
		{keyring.ErrUnsupportedPlatform, "this system has none"},
	} {
		if got := keyringWords(c.err); got != c.want {
			t.Errorf("%v: %q, not %q", c.err, got, c.want)
		}
	}
}
