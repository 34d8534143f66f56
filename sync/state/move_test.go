package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	core "scim-sync/sync"
)

// lived gives a store that has seen some runs, in two parts of a journal, with a
// write of unknown fate, and a cache.
func lived(t *testing.T, s *Store) core.Managed {
	t.Helper()
	r := begin(t, s, "first")
	bind(t, r)
	for n := 1; n <= 5; n++ {
		write(t, r, provision(n), provisioned(n))
	}
	if err := s.SaveCache(t.Context(), []byte("cache")); err != nil {
		t.Fatal(err)
	}
	finish(t, r, 0)
	s.rotateAt = 1
	r = begin(t, s, "second")
	s.rotateAt = 32 << 20
	write(t, r, provision(6), provisioned(6))
	if _, err := r.Announce(t.Context(), suspend(1)); err != nil {
		t.Fatal(err)
	}
	finish(t, r, 0)
	m, _, _ := read(t, s)
	return m
}

func codeOne(error) int { return 1 }

func moveTo(t *testing.T, from, to *Store, id string) error {
	t.Helper()
	return from.MoveTo(t.Context(), to, "file://"+to.Paths().Snapshot, runInfo(id), codeOne)
}

// isMoved fails unless nothing can be read or written at a place any more.
func isMoved(t *testing.T, s *Store, says string) {
	t.Helper()
	_, _, _, errRead := s.Read(t.Context())
	_, errRun := s.Begin(t.Context(), runInfo("forgotten"))
	_, errVerify := s.Verify(t.Context())
	_, _, errRuns := s.LastRuns(t.Context(), 10)
	for what, err := range map[string]error{"read": errRead, "begin": errRun, "verify": errVerify, "history": errRuns} {
		if moved, ok := errors.AsType[*MovedError](err); !ok || !strings.Contains(moved.Error(), says) || moved.Hint() == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestStateIsMovedWithItsHistory: everything is at the new place, byte for byte,
// and runs go on there; the old place says where it went.
func TestStateIsMovedWithItsHistory(t *testing.T) {
	old, _ := files(t)
	now, _ := files(t)
	m := lived(t, old)
	before := partsOf(t, old)
	_, unfinished, info := read(t, old)
	if err := moveTo(t, old, now, "moving"); err != nil {
		t.Fatal(err)
	}
	isMoved(t, old, "was moved to file://"+now.Paths().Snapshot)
	got, u, after := read(t, now)
	same(t, "managed", m, got)
	same(t, "unfinished", unfinished, u)
	if after.Serial <= info.Serial || after.Seq != info.Seq+1 || after.LastRun.Info.RunID != "moving" || after.LastRun.Summary == nil {
		t.Errorf("from %+v to %+v", info, after)
	}
	if parts := partsOf(t, now); len(parts) != 2 || parts[0] != before[0] || !strings.HasPrefix(parts[1], before[1]) {
		t.Error("the journal is another one")
	}
	if v := verified(t, now); v.First != 1 || v.Parts != 2 {
		t.Errorf("%+v", v)
	}
	if cache, err := now.Cache(t.Context()); err != nil || string(cache) != "cache" {
		t.Errorf("cache %q, %v", cache, err)
	}
	runs, _, err := now.LastRuns(t.Context(), 0)
	if err != nil || len(runs) != 3 || !strings.Contains(runs[2].Info.Reason, "from "+old.Paths().Snapshot) {
		t.Errorf("history: %+v, %v", runs, err)
	}
	r := begin(t, now, "third")
	write(t, r, provision(7), provisioned(7))
	finish(t, r, 0)
	verified(t, now)
}

func partsOf(t *testing.T, s *Store) (texts []string) {
	t.Helper()
	parts, err := s.backend.Parts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		texts = append(texts, textOf(t, s, p))
	}
	return texts
}

func textOf(t *testing.T, s *Store, p Part) string {
	t.Helper()
	body, err := s.backend.Open(t.Context(), p.Name, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	raw := make([]byte, p.Size)
	if _, err := body.Read(raw); err != nil && p.Size > 0 {
		t.Fatal(err)
	}
	return string(raw)
}

// TestStateIsMovedBack: to and fro, with runs in between, and twice the same way.
func TestStateIsMovedBack(t *testing.T) {
	a, _ := files(t)
	b, _ := files(t)
	lived(t, a)
	for n := range 4 {
		from, to := a, b
		if n%2 == 1 {
			from, to = b, a
		}
		if err := moveTo(t, from, to, fmt.Sprintf("move-%d", n)); err != nil {
			t.Fatal(err)
		}
		isMoved(t, from, "was moved to file://"+to.Paths().Snapshot)
		r := begin(t, to, fmt.Sprintf("run-%d", n))
		write(t, r, provision(10+n), provisioned(10+n))
		finish(t, r, 0)
		verified(t, to)
	}
	if m, _, _ := read(t, a); len(m.People) != 10 {
		t.Errorf("%d people", len(m.People))
	}
}

// TestStateIsMovedToAnEmptyPlaceAlone: a place that holds a state is left as it
// is, and so is the one that was to be moved.
func TestStateIsMovedToAnEmptyPlaceAlone(t *testing.T) {
	old, _ := files(t)
	lived(t, old)
	taken, dir := files(t)
	lived(t, taken)
	elsewhere, _ := files(t)
	other, otherDir := files(t)
	r := begin(t, other, "1")
	if err := r.Bind(t.Context(), "ws-2", "https://other.okta.com", "0oa2"); err != nil {
		t.Fatal(err)
	}
	finish(t, r, 0)
	if err := moveTo(t, other, elsewhere, "2"); err != nil {
		t.Fatal(err)
	}
	was, wasOther := tree(t, dir), tree(t, otherDir)
	for says, to := range map[string]*Store{"holds a state already": taken, "there already": old, "another workspace, ws-2": other} {
		err := moveTo(t, old, to, "x")
		if refused, ok := errors.AsType[*RefusedError](err); !ok || !strings.Contains(refused.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	delete(was, "ws-1.lock")
	after := tree(t, dir)
	delete(after, "ws-1.lock")
	same(t, "the other state", was, after)
	same(t, "the other workspace's", wasOther, tree(t, otherDir))
	nothing, _ := files(t)
	free, _ := files(t)
	if err := moveTo(t, nothing, free, "x"); err == nil || !strings.Contains(err.Error(), "no state yet") {
		t.Errorf("nothing to move: %v", err)
	}
	verified(t, old)
}

// TestStateWithASpoiltJournalIsNotMoved: nothing is written at the new place.
func TestStateWithASpoiltJournalIsNotMoved(t *testing.T) {
	old := Memory(core.Managed{})
	lived(t, old)
	mem := old.backend.(*memBackend)
	mem.parts[0][10] ^= 1
	now, dir := files(t)
	if _, ok := errors.AsType[*CorruptError](moveTo(t, old, now, "x")); !ok {
		t.Error("no *CorruptError")
	}
	got := tree(t, dir)
	delete(got, "ws-1.lock")
	if len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}

// mortal is a process on several stores that dies at its n-th write.
type mortal struct {
	lives int
	after bool // it dies after that write and not before
}

var errKilled = errors.New("killed")

func (p *mortal) do(write func() error) error {
	if p.lives--; p.lives < 0 || p.lives == 0 && !p.after {
		return errKilled
	}
	err := write()
	if p.lives == 0 {
		return errKilled
	}
	return err
}

// mortalBackend is a store as that process sees it.
type mortalBackend struct {
	Backend
	p *mortal
}

type mortalWriter struct {
	BackendWriter
	p *mortal
}

func (b mortalBackend) Lock(ctx context.Context, h Holder) (BackendWriter, error) {
	w, err := b.Backend.Lock(ctx, h)
	return mortalWriter{w, b.p}, err
}

func (b mortalBackend) SaveCache(ctx context.Context, content []byte) error {
	return b.p.do(func() error { return b.Backend.SaveCache(ctx, content) })
}

func (w mortalWriter) Append(ctx context.Context, at Position, lines []byte) error {
	return w.p.do(func() error { return w.BackendWriter.Append(ctx, at, lines) })
}

func (w mortalWriter) Rotate(ctx context.Context, at Position, line []byte) error {
	return w.p.do(func() error { return w.BackendWriter.Rotate(ctx, at, line) })
}

func (w mortalWriter) Swap(ctx context.Context, next Next) error {
	return w.p.do(func() error { return w.BackendWriter.Swap(ctx, next) })
}

func (w mortalWriter) Clear(ctx context.Context) error {
	return w.p.do(func() error { return w.BackendWriter.Clear(ctx) })
}

func (w mortalWriter) Cut(ctx context.Context, at Position) (aside string, err error) {
	err = w.p.do(func() error { aside, err = w.BackendWriter.Cut(ctx, at); return err })
	return aside, err
}

// usable says whether a run could write there.
func usable(t *testing.T, s *Store) bool {
	t.Helper()
	run, err := s.Begin(t.Context(), runInfo("looking"))
	if err != nil {
		return false
	}
	_, _, info := read(t, s)
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	return info.Exists
}

// TestMoveThatWasKilledIsCarriedOutAgain: at every write, before it and after it.
// Runs can never use both places, one of the two is whole, and the same command
// ends what was begun; the same when the state is moved back.
func TestMoveThatWasKilledIsCarriedOutAgain(t *testing.T) {
	for _, back := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			for n := 1; ; n++ {
				from, to := Memory(core.Managed{}), Memory(core.Managed{})
				want := lived(t, from)
				if back {
					if err := moveTo(t, from, to, "there"); err != nil {
						t.Fatal(err)
					}
					from, to = to, from
				}
				p := &mortal{lives: n, after: after}
				err := moveTo(t, mortally(from, p), mortally(to, p), "killed")
				where := fmt.Sprintf("back %v, after %v, write %d", back, after, n)
				if p.lives > 0 {
					if err != nil || n < 8 {
						t.Fatalf("%s: %v", where, err)
					}
					t.Logf("%s: it lived", where)
					break
				}
				if err == nil {
					t.Fatalf("%s: no error", where)
				}
				old, now := usable(t, from), usable(t, to)
				if old && now {
					t.Fatalf("%s: both are used", where)
				}
				if old {
					got, _, _ := read(t, from)
					same(t, where, want, got)
				}
				if err := moveTo(t, from, to, "again"); err != nil {
					t.Fatalf("%s: again: %v", where, err)
				}
				if usable(t, from) || !usable(t, to) {
					t.Fatalf("%s: it has not moved", where)
				}
				got, _, _ := read(t, to)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s: %s", where, diff)
				}
				verified(t, to)
				if err := moveTo(t, from, to, "once more"); err != nil {
					t.Fatalf("%s: once more: %v", where, err)
				}
			}
		}
	}
}

// mortally is a store in the hands of that process.
func mortally(s *Store, p *mortal) *Store {
	dies := *s
	dies.backend = mortalBackend{s.backend, p}
	return &dies
}
