package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestNoPlaceForFormerSnapshots: whoever runs it.
func TestNoPlaceForFormerSnapshots(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ws-1.json"))
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	finish(t, r, 0)
	previous := s.Paths().Previous
	if err := os.RemoveAll(previous); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(previous, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Begin(t.Context(), runInfo("run-2"))
	var none *UnwritableError
	if !errors.As(err, &none) || none.Dir != previous {
		t.Errorf("with a file in the place of a folder: %v", err)
	}
	if probe := s.Probe(t.Context()); !errors.As(probe.Write, &none) || none.Dir != previous {
		t.Errorf("a look from outside finds %v", probe.Write)
	}
	if err := os.Remove(previous); err != nil {
		t.Fatal(err)
	}
	finish(t, begin(t, s, "run-3"), 0) // the lock is free
}

// TestNoRoomForTheState: a run that could not note what it does does not begin,
// and leaves nothing behind that keeps others out.
func TestNoRoomForTheState(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("whoever is root may write anywhere")
	}
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "ws-1.json"))
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	finish(t, r, 0)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := s.Begin(t.Context(), runInfo("run-2"))
	var none *UnwritableError
	if !errors.As(err, &none) || none.Dir != dir || !strings.Contains(none.Hint(), "state.url") {
		t.Errorf("in a folder that may not be written: %v", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r = begin(t, s, "run-3")
	finish(t, r, 0)
	verified(t, s)
}

// TestFilesOfAnotherUserAreNamed: a run with sudo leaves files that the next one
// may not open. Each way to the state says which, and what to do, and a look from
// outside finds what a run would.
func TestFilesOfAnotherUserAreNamed(t *testing.T) {
	at := "/var/lib/scim-sync/ws-1.lock"
	var held *DeniedError
	err := denied(fmt.Errorf("lock the state: %w", &fs.PathError{Op: "open", Path: at, Err: syscall.EACCES}))
	if !errors.As(err, &held) || held.Path != at || !strings.Contains(held.Hint(), "chown") || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
	for _, other := range []error{nil, fs.ErrPermission, &fs.PathError{Path: at, Err: syscall.EIO}, &UnwritableError{Dir: "d", Err: &fs.PathError{Path: "d/x", Err: syscall.EACCES}}} {
		if got := denied(other); got != other { //nolint:errorlint // the very same
			t.Errorf("%v became %v", other, got)
		}
	}
	if os.Geteuid() == 0 {
		t.Skip("whoever is root may open any file")
	}
	s := openAt(t, filepath.Join(t.TempDir(), "ws-1.json"))
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	finish(t, r, 0)
	for _, path := range []string{s.Paths().Snapshot, s.Paths().Journal, s.Paths().Lock} {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Begin(t.Context(), runInfo("run-2")); !errors.As(err, &held) || held.Path != path {
			t.Errorf("a run that may not open %s: %v", path, err)
		}
		if _, _, _, err := s.Read(t.Context()); path != s.Paths().Lock && (!errors.As(err, &held) || held.Path != path) {
			t.Errorf("a reading that may not open %s: %v", path, err)
		}
		if err := s.Probe(t.Context()).Write; path != s.Paths().Snapshot && (!errors.As(err, &held) || held.Path != path) {
			t.Errorf("a look that may not open %s: %v", path, err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, begin(t, s, "run-3"), 0)
}

// TestTryWriting: it says why not, and leaves nothing behind.
func TestTryWriting(t *testing.T) {
	dir := t.TempDir()
	if err := tryWriting(dir, 100_000); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	var none *UnwritableError
	if err := tryWriting(filepath.Join(dir, "nowhere"), 1); !errors.As(err, &none) || none.Error() != "nothing can be written in "+none.Dir+": no such file or directory" {
		t.Errorf("got %v", err)
	}
	big := filepath.Join(dir, "state.json")
	for size, room := range map[int]int64{0: 64 << 10, 500_000: 500_000, 3 << 20: 1 << 20} {
		if err := os.WriteFile(big, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := roomFor(big); got != room {
			t.Errorf("a state of %d bytes needs %d, not %d", size, room, got)
		}
	}
}
