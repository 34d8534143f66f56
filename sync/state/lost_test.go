package state

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	core "scim-sync/sync"
)

// isLost fails unless the error says that somebody else writes, and what to do.
func isLost(t *testing.T, what string, err error) {
	t.Helper()
	var hint interface{ Hint() string }
	if !errors.Is(err, ErrLost) || !errors.As(err, &hint) && !errors.Is(err, ErrConflict) {
		t.Fatalf("%s: got %v", what, err)
	}
	var step interface{ NotBegun() bool }
	if !errors.As(err, &step) || !step.NotBegun() {
		t.Fatalf("%s: does not say that a step of it was not begun: %v", what, err)
	}
}

// TestRunThatLostItsLockAnnouncesNothingMore: whatever takes the lock away, no
// further request may leave, and what was announced is for the next run.
func TestRunThatLostItsLockAnnouncesNothingMore(t *testing.T) {
	s := Memory(core.Managed{})
	w := &watched{Backend: s.backend, lost: make(chan struct{})}
	s.backend = w
	r := begin(t, s, "run-1")
	ticket, err := r.Announce(t.Context(), provision(1))
	if err != nil || r.Held() != nil {
		t.Fatal(err, r.Held())
	}
	close(w.lost)
	isLost(t, "held", r.Held())
	before := w.appends.Load()
	_, err = r.Announce(t.Context(), provision(2))
	isLost(t, "announce", err)
	isLost(t, "complete", r.Complete(t.Context(), ticket, provisioned(1)))
	isLost(t, "finish", r.Finish(t.Context(), Summary{}))
	if w.appends.Load() != before || w.swaps.Load() != 0 {
		t.Error("it went on writing")
	}
	if _, u, _ := read(t, s); len(u) != 1 {
		t.Errorf("unfinished: %v", u)
	}
}

// TestLockLostWhileALineIsWrittenStopsIt: the line may be there, but the write
// that it announces must not be made.
func TestLockLostWhileALineIsWrittenStopsIt(t *testing.T) {
	s := Memory(core.Managed{})
	w := &watched{Backend: s.backend, lost: make(chan struct{})}
	w.appending = func() { close(w.lost) }
	s.backend = w
	_, err := begin(t, s, "run-1").Announce(t.Context(), provision(1))
	isLost(t, "announce", err)
}

// TestRequestsThatWaitEndWithTheLock: one that was announced and waits for its
// turn does not leave any more.
func TestRequestsThatWaitEndWithTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Memory(core.Managed{})
		w := &watched{Backend: s.backend, lost: make(chan struct{})}
		s.backend = w
		r := begin(t, s, "run-1")
		ctx, done := r.While(t.Context())
		defer done()
		other, otherDone := r.While(t.Context())
		otherDone()
		<-other.Done()
		if errors.Is(context.Cause(other), ErrLost) {
			t.Error("a context that was not needed any more says that the lock is lost")
		}
		close(w.lost)
		<-ctx.Done()
		isLost(t, "cause", context.Cause(ctx))
		r.Close()
	})
}

// A second run that begins because somebody removed the lock's file cannot
// write into the journal of the first: it ends as one that finds the lock taken.
func TestRemovedLockFileLetsNoSecondRunIn(t *testing.T) {
	s, dir := files(t)
	finish(t, begin(t, s, "earlier"), 0)
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	if err := os.Remove(filepath.Join(dir, "ws-1.lock")); err != nil {
		t.Fatal(err)
	}
	_, err := openAt(t, filepath.Join(dir, "ws-1.json")).Begin(t.Context(), runInfo("run-2"))
	var locked *LockedError
	if !errors.As(err, &locked) || locked.Note == "" {
		t.Fatalf("got %v", err)
	}
	write(t, r, provision(2), provisioned(2)) // the first is not disturbed
	finish(t, r, 0)
	finish(t, begin(t, s, "run-3"), 0)
	verified(t, s)
}

// TestOneOfTwoFirstRunsStops: before the journal is there, its lock cannot be.
func TestOneOfTwoFirstRunsStops(t *testing.T) {
	s, dir := files(t)
	one := begin(t, s, "run-1")
	if err := os.Remove(filepath.Join(dir, "ws-1.lock")); err != nil {
		t.Fatal(err)
	}
	two := begin(t, openAt(t, filepath.Join(dir, "ws-1.json")), "run-2")
	write(t, one, provision(1), provisioned(1))
	_, err := two.Announce(t.Context(), provision(1))
	isLost(t, "the second to write", err)
	isLost(t, "held", two.Held())
	isLost(t, "its end", two.Finish(t.Context(), Summary{}))
	finish(t, one, 0)
	finish(t, begin(t, s, "run-3"), 0)
	if m, _, _ := read(t, s); len(m.People) != 1 {
		t.Errorf("got %+v", m.People)
	}
	verified(t, s)
}

// TestJournalThatSomebodyElseChangedIsNotExtended: whatever was done to it.
func TestJournalThatSomebodyElseChangedIsNotExtended(t *testing.T) {
	for name, change := range map[string]func(journal string) error{
		"a line more": func(journal string) error {
			f, err := os.OpenFile(journal, os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteString("{}\n")
			}
			return errors.Join(err, f.Close())
		},
		"cut short":  func(journal string) error { return os.Truncate(journal, 10) },
		"taken away": os.Remove,
		"put away":   func(journal string) error { return os.Rename(journal, journal+".old") },
		"replaced by a copy": func(journal string) error {
			raw, err := os.ReadFile(journal)
			return errors.Join(err, os.Remove(journal), os.WriteFile(journal, raw, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := files(t)
			r := begin(t, s, "run-1")
			bind(t, r)
			write(t, r, provision(1), provisioned(1))
			journal := filepath.Join(dir, "ws-1.journal.jsonl")
			if err := change(journal); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			_, err := r.Announce(t.Context(), provision(2))
			isLost(t, "announce", err)
			select {
			case <-r.Lost():
			default:
				t.Error("it does not say that it has lost the lock")
			}
			isLost(t, "the last snapshot", r.snaps.writer.Swap(t.Context(), Next{Body: []byte("{}")}))
			isLost(t, "finish", r.Finish(t.Context(), Summary{}))
			after := tree(t, dir)
			delete(before, "ws-1.lock")
			delete(after, "ws-1.lock") // emptied
			same(t, "the folder", before, after)
		})
	}
}

// TestForeignSnapshotStopsTheRunAtOnce, not only at its end.
func TestForeignSnapshotStopsTheRunAtOnce(t *testing.T) {
	s, dir := files(t)
	s.interval = time.Millisecond
	r := begin(t, s, "run-1")
	theirs := `{"format":1,"serial":77,"people":[],"teams":[],"journal":{"seq":0,"hash":"","offset":0}}`
	if err := os.WriteFile(filepath.Join(dir, "ws-1.json"), []byte(theirs), 0o600); err != nil {
		t.Fatal(err)
	}
	bind(t, r) // a snapshot is due
	<-r.Lost()
	_, err := r.Announce(t.Context(), provision(2))
	isLost(t, "announce", err)
	isLost(t, "finish", r.Finish(t.Context(), Summary{}))
	if got, _ := os.ReadFile(filepath.Join(dir, "ws-1.json")); string(got) != theirs {
		t.Errorf("now it is %s", got)
	}
}

// TestLockFileOfAnotherIsNotEmptied: a run whose lock's file was replaced
// leaves what the other says of itself.
func TestLockFileOfAnotherIsNotEmptied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ws-1.lock")
	one, err := takeLock(t.Context(), path, Holder{PID: 1, RunID: "one"})
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	two, err := takeLock(t.Context(), path, Holder{PID: 2, RunID: "two"})
	if err != nil {
		t.Fatal(err)
	}
	defer two.release()
	if err := one.release(); err != nil {
		t.Fatal(err)
	}
	if h := readHolder(path); h.RunID != "two" {
		t.Errorf("the file says %+v", h)
	}
}
