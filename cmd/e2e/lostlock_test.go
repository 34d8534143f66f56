package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRemovedLockFile: whoever removes the lock's file while a run works gains
// nothing by it. The second run ends with 7, the first is not disturbed, and
// the journal is whole.
func TestRemovedLockFile(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	s := sc.play(t)
	h := s.hold(1, isWrite)
	first := s.start(apply...)
	after(t, "a write", h.arrived)
	if err := os.Remove(filepath.Join(s.dir, "state", "state.lock")); err != nil {
		t.Fatal(err)
	}
	before := s.writes()
	if said := s.run(7, apply...).errOut.String(); !strings.Contains(said, "removed") {
		t.Errorf("does not say why: %s", said)
	}
	if n := s.writes() - before; n != 0 {
		t.Errorf("the second run made %d writes", n)
	}
	close(h.release)
	if code := first.code(); code != 0 {
		t.Errorf("the first run ended with %d\n%s", code, &first.errOut)
	}
	s.goesOn(want)
	s.run(0, "history", "--verify")
}

// TestRunThatIsNotAloneStops: a run whose journal somebody else has changed
// stops before its next request leaves, and ends with 7.
func TestRunThatIsNotAloneStops(t *testing.T) {
	s := newScene(t, defaultWorld).play(t)
	h := s.hold(1, isWrite) // alone in its phase: nothing else is under way
	first := s.start(apply...)
	after(t, "a write", h.arrived)
	journal := filepath.Join(s.dir, "state", "state.journal.jsonl")
	whole, err := os.ReadFile(journal)
	if err == nil {
		err = os.WriteFile(journal, append(whole, "somebody else's line\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	before := s.writes()
	close(h.release)
	if code := first.code(); code != 7 || !strings.Contains(first.errOut.String(), "does not hold the lock of the state any more") {
		t.Errorf("ended with %d\n%s", code, &first.errOut)
	}
	if n := s.writes() - before; n > 1 { // the one that was held
		t.Errorf("%d writes after somebody else wrote", n)
	}
	if err := os.WriteFile(journal, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(0, apply...)
	s.run(0, "history", "--verify")
}
