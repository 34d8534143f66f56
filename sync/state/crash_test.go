package state

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"scim-sync/internal/sample"
	core "scim-sync/sync"
)

// recorded makes two runs in memory, the second of them cut off, and gives
// each state of the backend after a line was durable.
func recordedRuns(t *testing.T) (journal []byte, snapshots [][]byte) {
	t.Helper()
	s := Memory(core.Managed{})
	mem := s.backend.(*memBackend)
	keep := func() { snapshots = append(snapshots, bytes.Clone(mem.snapshot)) }
	keep()
	r := begin(t, s, "run-1")
	bind(t, r)
	write(t, r, provision(1), provisioned(1))
	write(t, r, provision(2), core.Outcome{Error: "lost"})
	finish(t, r, 4)
	keep()
	r = begin(t, s, "run-2")
	if err := r.Override(t.Context(), Override{Flag: "--allow-removals", N: 1}); err != nil {
		t.Fatal(err)
	}
	removal := core.Removal{At: day0, Action: core.Suspend, OktaID: person(1).OktaID}
	if err := r.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, r, suspend(1), core.Outcome{Status: 200, Change: core.Change{Removal: &removal}})
	finish(t, r, 0)
	keep()
	r = begin(t, s, "run-3")
	if _, err := r.Announce(t.Context(), suspend(3)); err != nil {
		t.Fatal(err)
	}
	r.Close()
	return mem.parts[0], snapshots
}

// madeAt is the size of the journal when the snapshot was made.
func madeAt(t *testing.T, raw []byte) int64 {
	t.Helper()
	s, _, err := decodeSnapshot(raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Journal.Offset
}

// expect is what the whole lines of a journal come to, worked out line by line.
func expect(t *testing.T, journal []byte) *replay {
	t.Helper()
	g := newReplay()
	for raw := range bytes.SplitAfterSeq(journal, []byte("\n")) {
		if !bytes.HasSuffix(raw, []byte("\n")) {
			break
		}
		var l Line
		if err := json.Unmarshal(raw, &l); err != nil {
			t.Fatal(err)
		}
		if err := g.take(l, len(raw)); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// A crash leaves any prefix of the journal after its last durable byte, beside
// any snapshot that was made of a line in that prefix.
func TestCutAtEveryByteLeavesAWholePrefix(t *testing.T) {
	t.Parallel()
	journal, snapshots := recordedRuns(t)
	cases := 0
	for size := 0; size <= len(journal); size++ {
		want := expect(t, journal[:size])
		managed, unfinished := want.view(everything), want.unfinished(everything)
		nearEdge := bytes.IndexByte(journal[max(0, size-2):min(size+2, len(journal))], '\n') >= 0
		for n, snap := range snapshots {
			if !nearEdge && n != size%len(snapshots) {
				continue // one of them will do in the middle of a line
			}
			if !nearEdge && size%sample.Times(13, 1) != 0 {
				continue
			}
			if snap != nil && madeAt(t, snap) > int64(size) {
				if n > 0 && !nearEdge {
					snap = nil // not on the disk before those lines were
				} else {
					continue
				}
			}
			cases++
			mem := &memBackend{snapshot: snap, parts: [][]byte{bytes.Clone(journal[:size])}, aside: map[string][]byte{}}
			s := New(mem, Options{})
			m, u, _ := read(t, s)
			if !reflect.DeepEqual(managed, m) || !reflect.DeepEqual(unfinished, u) {
				same(t, "managed", managed, m)
				same(t, "unfinished", unfinished, u)
			}
			r, err := s.Begin(t.Context(), runInfo("after"))
			if err != nil {
				t.Fatalf("cut at %d: %v", size, err)
			}
			if !reflect.DeepEqual(m, r.Managed()) {
				t.Error("the run does not begin with what was read")
			}
			if len(u) != len(r.Unfinished()) {
				t.Errorf("cut at %d: lost an announced write", size)
			}
			if (size+n)%8 == 0 {
				write(t, r, provision(9), provisioned(9))
				finish(t, r, 0)
				verified(t, s)
			}
			r.Close()
			torn := size - int(want.pos.Offset)
			if kept := mem.aside[fmt.Sprintf("torn-%d", want.pos.Seq+1)]; len(kept) != torn {
				t.Errorf("cut at %d: kept %d of %d torn bytes", size, len(kept), torn)
			}
			if t.Failed() {
				t.Fatalf("cut at %d of %d", size, len(journal))
			}
		}
	}
	t.Logf("%d cases", cases)
}

// late gives a former journal the first times that it is asked.
type late struct {
	*memBackend
	former []byte
	asked  int
}

func (l *late) Open(ctx context.Context, part string, offset int64) (io.ReadCloser, error) {
	if l.asked++; l.asked <= 2 {
		return io.NopCloser(bytes.NewReader(l.former)), nil
	}
	return l.memBackend.Open(ctx, part, offset)
}

func TestReaderLooksAgainWhenAWriterCameInBetween(t *testing.T) {
	journal, _ := recordedRuns(t)
	spoilt := bytes.Replace(journal, []byte("run-1"), []byte("run-X"), 1)
	s := New(&late{memBackend: &memBackend{parts: [][]byte{journal}}, former: spoilt}, Options{})
	if m, _, _ := read(t, s); len(m.People) != 1 {
		t.Fatalf("got %+v", m)
	}
}

func TestSnapshotAloneIsEnough(t *testing.T) {
	_, snapshots := recordedRuns(t)
	for _, torn := range []string{"", `{"seq":`} {
		mem := &memBackend{snapshot: snapshots[2], aside: map[string][]byte{}}
		if torn != "" {
			mem.parts = [][]byte{[]byte(torn)}
		}
		s := New(mem, Options{})
		m, _, info := read(t, s)
		if len(m.People) != 1 || len(info.Warnings) != 1 {
			t.Fatalf("got %+v %+v", m, info)
		}
		r := begin(t, s, "after")
		write(t, r, provision(7), provisioned(7))
		finish(t, r, 0)
		want, _, _ := read(t, s)
		verified(t, s)
		mem.snapshot = nil // and the new journal stands alone
		got, _, _ := read(t, s)
		same(t, "replayed", want, got)
	}
}

func TestMissingSnapshotIsReplayedFromTheJournal(t *testing.T) {
	journal, snapshots := recordedRuns(t)
	whole := New(&memBackend{snapshot: snapshots[2], parts: [][]byte{journal}}, Options{})
	m1, u1, _ := read(t, whole)
	bare := New(&memBackend{parts: [][]byte{journal}}, Options{})
	m2, u2, info := read(t, bare)
	same(t, "managed", m1, m2)
	same(t, "unfinished", u1, u2)
	if !info.Exists || len(u1) != 1 {
		t.Fatalf("got %+v %v", info, u1)
	}
}

func TestLargeJournalIsSetAsideAndTheChainGoesOn(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		s.rotateAt = 3000
		for n := 1; n <= 6; n++ {
			r := begin(t, s, fmt.Sprintf("run-%d", n))
			for i := range 3 {
				write(t, r, provision(10*n+i), provisioned(10*n+i))
			}
			finish(t, r, 0)
		}
		v := verified(t, s)
		if v.Parts < 3 || v.First != 1 {
			t.Fatalf("got %+v", v)
		}
		m, _, info := read(t, s)
		if len(m.People) != 18 || info.Seq != v.Last {
			t.Fatalf("%d people, %+v", len(m.People), info)
		}
		if runs, _, err := s.LastRuns(t.Context(), 0); err != nil || len(runs) != 6 || runs[0].Intents != 3 {
			t.Fatalf("runs %+v, %v", runs, err)
		}
		// The state with which a part begins is no growth.
		s.rotateAt = 1
		finish(t, begin(t, s, "rotates"), 0)
		s.rotateAt = 3000
		finish(t, begin(t, s, "idle-1"), 0)
		finish(t, begin(t, s, "idle-2"), 0)
		if now := verified(t, s); now.Parts != v.Parts+1 {
			t.Fatalf("%d parts became %d", v.Parts, now.Parts)
		}
	})
}

func TestCrashBetweenSettingAsideAndBeginningAnew(t *testing.T) {
	s, dir := files(t)
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	finish(t, r, 0)
	r = begin(t, s, "run-2")
	write(t, r, provision(2), provisioned(2))
	r.Close() // the snapshot has not seen run 2
	journal := filepath.Join(dir, "ws-1.journal.jsonl")
	if err := os.Rename(journal, filepath.Join(dir, "ws-1.journal.1.jsonl")); err != nil {
		t.Fatal(err)
	}
	if m, _, _ := read(t, s); len(m.People) != 2 {
		t.Fatalf("got %+v", m.People)
	}
	r = begin(t, s, "run-3")
	write(t, r, provision(3), provisioned(3))
	finish(t, r, 0)
	m, _, _ := read(t, s)
	if v := verified(t, s); v.Parts != 2 || len(m.People) != 3 {
		t.Fatalf("got %+v, %d people", v, len(m.People))
	}
	if err := os.Remove(filepath.Join(dir, "ws-1.json")); err != nil {
		t.Fatal(err)
	}
	again, _, _ := read(t, s)
	same(t, "without the snapshot", m, again)
}

func TestBrokenJournalStopsTheRun(t *testing.T) {
	s := Memory(core.Managed{})
	w := &watched{Backend: s.backend}
	s.backend = w
	r := begin(t, s, "run-1")
	ticket, err := r.Announce(t.Context(), provision(1))
	if err != nil {
		t.Fatal(err)
	}
	w.failAppend.Store(true)
	if _, err := r.Announce(t.Context(), provision(2)); !errors.Is(err, errDisk) {
		t.Fatalf("got %v", err)
	}
	w.failAppend.Store(false)
	if err := r.Complete(t.Context(), ticket, provisioned(1)); !errors.Is(err, errDisk) {
		t.Fatalf("what lies after an unknown write cannot be trusted: %v", err)
	}
	if err := r.Finish(t.Context(), Summary{}); !errors.Is(err, errDisk) {
		t.Fatalf("got %v", err)
	}
	if _, u, _ := read(t, s); len(u) != 1 {
		t.Fatalf("unfinished: %v", u)
	}
	begin(t, s, "run-2")
}

const childFolder = "STATE_TEST_CHILD_FOLDER"

// child starts TestChild on the folder and waits until it holds the lock.
func child(t *testing.T, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "begun ") {
			return cmd, lines
		}
	}
	t.Fatal("the child did not begin")
	return nil, nil
}

// stillKnown counts the acknowledged lines that the journal does not hold.
func stillKnown(t *testing.T, s *Store, announced, completed map[uint64]bool) (lost int) {
	t.Helper()
	intents, outcomes := map[uint64]bool{}, map[uint64]bool{}
	for e, err := range s.History(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		switch e.Kind {
		default:
		case LineIntent:
			intents[e.Seq] = true
		case LineOutcome:
			outcomes[e.Ticket] = true
		}
	}
	for ticket := range announced {
		if !intents[ticket] {
			lost++
		}
	}
	for ticket := range completed {
		if !outcomes[ticket] {
			lost++
		}
	}
	return lost
}
