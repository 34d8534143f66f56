package state

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	core "scim-sync/sync"
)

// What was once acknowledged and is not as it was written is never taken for
// the rest of a crash.
func TestSpoiltJournalIsNeverGuessed(t *testing.T) {
	t.Parallel()
	journal, snapshots := recordedRuns(t)
	for at := 0; at < len(journal); at += 3 {
		spoilt := bytes.Clone(journal)
		spoilt[at] ^= 1
		mem := &memBackend{parts: [][]byte{spoilt}, aside: map[string][]byte{}}
		s := New(mem, Options{})
		_, err := s.load(t.Context())
		if journal[at] == '\n' && at == len(journal)-1 { // without the newline it is a torn line
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, ok := errors.AsType[*CorruptError](err); !ok {
			t.Fatalf("byte %d of %q: %v", at, journal[at], err)
		}
		if at%4 != 0 {
			continue
		}
		if v, err := s.Verify(t.Context()); err != nil || v.Bad == nil {
			t.Fatalf("byte %d: verify %+v, %v", at, v, err)
		}
	}
	// A lost page of a line that was never acknowledged reads as zeros.
	for _, end := range []string{"", "\"}\n", "\"}\n{\"seq\""} {
		zeros := append(append(bytes.Clone(journal), make([]byte, 100)...), end...)
		s := New(&memBackend{parts: [][]byte{zeros}, aside: map[string][]byte{}, snapshot: snapshots[1]}, Options{})
		finish(t, begin(t, s, "after zeros"), 0)
		verified(t, s)
	}
}

func TestSnapshotOfALineThatTheJournalDoesNotHoldIsRefused(t *testing.T) {
	journal, snapshots := recordedRuns(t)
	s := New(&memBackend{snapshot: snapshots[2], parts: [][]byte{journal[:bytes.IndexByte(journal, '\n')+1]}}, Options{})
	var corrupt *CorruptError
	if _, _, _, err := s.Read(t.Context()); !errors.As(err, &corrupt) || !strings.Contains(err.Error(), "snapshot was made at line") {
		t.Fatalf("got %v", err)
	}
	if v, err := s.Verify(t.Context()); err != nil || v.Bad == nil {
		t.Fatalf("verify does not see that lines were taken away: %+v, %v", v, err)
	}
}

// TestVerifySeesWhatIsMissingInFront: lines that somebody took away, and those
// that were lost with a journal that had to be begun anew. Older parts may be
// put away.
func TestVerifySeesWhatIsMissingInFront(t *testing.T) {
	journal, snapshots := recordedRuns(t)
	lines := bytes.SplitAfter(journal, []byte("\n"))
	for _, cut := range []int{1, 2, len(lines) - 2} {
		s := New(&memBackend{snapshot: snapshots[len(snapshots)-1], parts: [][]byte{bytes.Join(lines[cut:], nil)}}, Options{})
		if v, err := s.Verify(t.Context()); err != nil || v.Bad == nil || !strings.Contains(v.Bad.Why, "taken away") {
			t.Errorf("%d lines cut: %+v, %v", cut, v, err)
		}
	}
	s := New(&memBackend{snapshot: snapshots[len(snapshots)-1], aside: map[string][]byte{}}, Options{})
	finish(t, begin(t, s, "without a journal"), 0)
	if v := verified(t, s); v.First < 2 || v.Lost == "" {
		t.Errorf("the journal was lost: %+v", v)
	}
	s.rotateAt = 1
	finish(t, begin(t, s, "begins a part"), 0)
	finish(t, begin(t, s, "begins another"), 0)
	kept := s.backend.(*memBackend)
	kept.parts = kept.parts[len(kept.parts)-1:]
	if v := verified(t, s); v.First < 2 || v.Lost != "" {
		t.Errorf("older parts were put away: %+v", v)
	}
}

func TestSnapshotBesideAnotherJournalIsRefused(t *testing.T) {
	_, snapshots := recordedRuns(t)
	other := Memory(core.Managed{})
	for _, id := range []string{"other-1", "other-2", "other-3"} {
		r := begin(t, other, id)
		bind(t, r)
		for n := range 4 {
			write(t, r, provision(n), provisioned(n))
		}
		finish(t, r, 0)
	}
	other.backend.(*memBackend).snapshot = snapshots[2]
	_, _, _, err := other.Read(t.Context())
	if _, ok := errors.AsType[*CorruptError](err); !ok {
		t.Fatalf("got %v", err)
	}
}

// elsewhere is a state of another kind of store than it is in.
type elsewhere struct {
	Backend
	paths Paths
}

func (e elsewhere) Paths() Paths { return e.paths }

// TestWayBackFitsTheStore: nobody is told to put files where there are none, nor
// to move a journal away of which the lock says what it is made of.
func TestWayBackFitsTheStore(t *testing.T) {
	file := FilesAt("/var/acme.json").Paths()
	for _, c := range []struct {
		paths             Paths
		snapshot, journal []string // what the advice holds
	}{
		{file, []string{"state rebuild", "state restore", "newest file of /var/acme.previous"}, []string{"state restore", "move the whole journal away"}},
		{Paths{Kind: "S3", Snapshot: "s3://b/state.json", Previous: "s3://b/previous/"}, []string{"state rebuild", "newest object of s3://b/previous/"}, []string{"state restore"}},
		{Paths{Kind: "PostgreSQL", Snapshot: "state in db"}, []string{"state rebuild", "state restore"}, []string{"state restore"}},
	} {
		for what, want := range map[string][]string{"snapshot": c.snapshot, "journal": c.journal} {
			mem := &memBackend{snapshot: []byte("[]"), aside: map[string][]byte{}}
			if what == "journal" {
				mem = &memBackend{parts: [][]byte{[]byte("no line\nno line\n")}, aside: map[string][]byte{}}
			}
			_, _, _, err := New(elsewhere{mem, c.paths}, Options{}).Read(t.Context())
			var corrupt *CorruptError
			if !errors.As(err, &corrupt) {
				t.Fatalf("%s, %s: %v", c.paths.Kind, what, err)
			}
			hint := corrupt.Hint()
			for _, w := range want {
				if !strings.Contains(hint, w) {
					t.Errorf("%s, %s: %s does not name %s", c.paths.Kind, what, hint, w)
				}
			}
			if c.paths.Kind != file.Kind && (strings.Contains(hint, " file of") || strings.Contains(hint, "away")) {
				t.Errorf("%s, %s: %s", c.paths.Kind, what, hint)
			}
		}
	}
}
