package state

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Location says where a state is kept: URL when it is set, else the file Path.
type Location struct {
	URL string // file:///path/of/state.json, as in the setting state.url
	// Shown is how errors name URL, which may hold a secret; empty: not at all.
	Shown string
	Path  string
	// PasswordFile holds the password for URL, which has none then.
	PasswordFile string
	// Environ are the variables that credentials may be in, each as NAME=value.
	Environ []string
	// Learn hears of the secrets that are found on the way, so that nothing shows
	// it; nil: nobody does.
	Learn func(secrets ...string)
	// Elapsed is a clock that nobody sets and that goes on while the machine
	// sleeps; nil: that of the system.
	Elapsed func() time.Duration
	// Lease is how long a lock that runs out lasts without being renewed; 0: as
	// long as its store has it.
	Lease time.Duration
	// Log hears of what is odd and stops nothing; nil: nobody does.
	Log *slog.Logger
	// Options say how it is kept there.
	Options Options
}

// DefaultPath is the snapshot's file for a workspace in a folder of states.
// Whatever the id holds, the file lies in that folder.
func DefaultPath(folder, workspaceID string) string {
	return filepath.Join(folder, url.PathEscape(workspaceID)+".json")
}

// Open gives the store of a location. It touches nothing there but to look
// whether the file is a link. Error: *LocationError.
func Open(_ context.Context, at Location) (*Store, error) {
	path := at.Path
	if at.URL != "" {
		var err error
		if path, err = pathOf(at); err != nil {
			return nil, err
		}
	}
	if path == "" {
		return nil, &LocationError{Why: "no place is named"}
	}
	name := path
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, &LocationError{Location: name, Why: err.Error()}
	}
	// A link is followed, else the first snapshot would replace it by a file.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return nil, &LocationError{Location: name, Why: "that is a folder; name a file in it, such as state.json"}
	}
	return New(newFileBackend(path), at.Options), nil
}

func pathOf(at Location) (string, error) {
	shown := cmp.Or(at.Shown, "(not shown)")
	bad := func(why string) (string, error) { return "", &LocationError{Location: shown, Why: why} }
	u, err := url.Parse(at.URL)
	if err != nil { // its own words would repeat the address
		return bad("it is no address; a file is file:///path/of/state.json")
	}
	switch {
	case u.Scheme != "file":
		return bad(fmt.Sprintf("state is kept in files, not in %q; a file is file:///path/of/state.json", u.Scheme))
	case u.Host != "" && u.Host != "localhost":
		return bad("a file on this machine has three slashes: file:///path/of/state.json")
	case u.RawQuery != "" || u.Fragment != "":
		return bad("a file has neither ? nor # in its address; write them as %3F and %23")
	case u.Path == "" || strings.HasSuffix(u.Path, "/"):
		return bad("it names no file; add one, such as state.json")
	case strings.ContainsRune(u.Path, 0):
		return bad("it holds a zero byte")
	}
	path := u.Path
	if runtime.GOOS == "windows" && len(path) > 2 && path[2] == ':' {
		path = path[1:] // file:///C:/path
	}
	return filepath.FromSlash(path), nil
}
