package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	core "scim-sync/sync"
)

// CanHold refuses a file that was named for something and cannot be made there; no
// name: none is asked for.
func CanHold(what, path string) error {
	if path == "" {
		return nil
	}
	if st, err := os.Stat(filepath.Dir(path)); err != nil || !st.IsDir() {
		return Usagef("%s %s: there is no folder %s", what, path, filepath.Dir(path))
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return Usagef("%s %s: that is a folder; name a file", what, path)
	}
	return nil
}

// Unreadable says why a file that was named cannot be read, and which one was most
// likely meant: of those beside it, or of other names that what is read may have.
func Unreadable(what, path string, err error, names ...string) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = at.Err
	}
	text := fmt.Sprintf("%s %s cannot be read: %v", what, core.Quote(path), err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &UsageError{Text: what + " " + core.Quote(path) + " is not there", Advice: Near(filepath.Base(path), append(names, besides(path)...), "")}
	case errors.Is(err, fs.ErrPermission):
		text = what + " " + core.Quote(path) + " may not be read by this user"
	}
	return &UsageError{Text: text}
}

// besides are the names in the folder of a file.
func besides(path string) (names []string) {
	entries, _ := os.ReadDir(filepath.Dir(path)) // one that cannot be read has none to offer
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}
