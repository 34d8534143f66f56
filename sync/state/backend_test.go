package state

import (
	"errors"
	"io"
	"path/filepath"
	"testing"

	core "scim-sync/sync"
)

// TestBackendsKeepThePromisesOfThePort: what the store relies on, of every
// kind of backend.
func TestBackendsKeepThePromisesOfThePort(t *testing.T) {
	for name, fresh := range map[string]func(t *testing.T) Backend{
		"files":  func(t *testing.T) Backend { return newFileBackend(filepath.Join(t.TempDir(), "a", "ws-1.json")) },
		"memory": func(*testing.T) Backend { return Memory(core.Managed{}).backend },
	} {
		t.Run(name, func(t *testing.T) {
			for promise, holds := range map[string]func(backendTest){
				"there is nothing at first":          nothingAtFirst,
				"one writer at a time":               oneWriter,
				"lines are read where they were put": linesAreRead,
				"parts are begun, and put away":      partsComeAndGo,
				"a snapshot replaces the one known":  snapshotsAreSwapped,
			} {
				t.Run(promise, func(t *testing.T) { holds(backendTest{t, fresh(t)}) })
			}
		})
	}
}

type backendTest struct {
	*testing.T
	b Backend
}

func (t backendTest) lock() BackendWriter {
	t.Helper()
	w, err := t.b.Lock(t.Context(), Holder{PID: 1, Host: "here", RunID: "run-1"})
	t.ok(err)
	return w
}

func (t backendTest) ok(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// text reads a part from an offset on.
func (t backendTest) text(part string, offset int64) string {
	t.Helper()
	body, err := t.b.Open(t.Context(), part, offset)
	t.ok(err)
	defer body.Close()
	raw, err := io.ReadAll(body)
	t.ok(err)
	return string(raw)
}

func (t backendTest) parts(n int) []Part {
	t.Helper()
	parts, err := t.b.Parts(t.Context())
	t.ok(err)
	if len(parts) != n {
		t.Fatalf("%d parts, not %d: %+v", len(parts), n, parts)
	}
	return parts
}

func nothingAtFirst(t backendTest) {
	snap, err := t.b.Snapshot(t.Context())
	t.ok(err)
	p := t.b.Probe(t.Context())
	if snap != nil || p.Reach != nil || p.Write != nil || p.Lock != nil || p.Place == "" {
		t.Errorf("snapshot %q, probe %+v", snap, p)
	}
	t.parts(0)
}

func oneWriter(t backendTest) {
	w := t.lock()
	_, err := t.b.Lock(t.Context(), Holder{RunID: "run-2"})
	for what, err := range map[string]error{"lock": err, "probe": t.b.Probe(t.Context()).Lock} {
		var locked *LockedError
		if !errors.As(err, &locked) || locked.Holder.RunID != "run-1" {
			t.Errorf("%s: got %v", what, err)
		}
	}
	select {
	case <-w.Lost():
		t.Error("it is lost")
	default:
	}
	t.ok(w.Release(t.Context()))
	t.ok(t.lock().Release(t.Context()))
}

func linesAreRead(t backendTest) {
	w := t.lock()
	t.ok(w.Append(t.Context(), Position{}, []byte("one\n")))
	t.ok(w.Append(t.Context(), Position{Seq: 1, Offset: 4}, []byte("two\nthr")))
	part := t.parts(1)[0]
	if part.Size != 11 || t.text(part.Name, 0) != "one\ntwo\nthr" || t.text(part.Name, 4) != "two\nthr" || t.text(part.Name, 99) != "" {
		t.Errorf("%+v holds %q", part, t.text(part.Name, 0))
	}
	aside, err := w.Cut(t.Context(), Position{Seq: 2, Offset: 8})
	t.ok(err)
	if aside == "" || t.text(part.Name, 0) != "one\ntwo\n" {
		t.Errorf("cut to %q, the rest in %q", t.text(part.Name, 0), aside)
	}
	t.ok(w.Append(t.Context(), Position{Seq: 2, Offset: 8}, []byte("three\n")))
	t.ok(w.Release(t.Context()))
	w = t.lock() // another run goes on
	t.ok(w.Append(t.Context(), Position{Seq: 3, Offset: 14}, []byte("four\n")))
	t.ok(w.Release(t.Context()))
	if got := t.text(part.Name, 8); got != "three\nfour\n" {
		t.Errorf("got %q", got)
	}
}

func partsComeAndGo(t backendTest) {
	w := t.lock()
	t.ok(w.Append(t.Context(), Position{}, []byte("one\n")))
	t.ok(w.Rotate(t.Context(), Position{Seq: 1, Offset: 4}, []byte("two\n")))
	t.ok(w.Append(t.Context(), Position{Seq: 2, Offset: 4}, []byte("three\n")))
	t.ok(w.Rotate(t.Context(), Position{Seq: 3, Offset: 10}, []byte("four\n")))
	parts := t.parts(3)
	for i, want := range []string{"one\n", "two\nthree\n", "four\n"} {
		if got := t.text(parts[i].Name, 0); got != want || parts[i].Size != int64(len(want)) {
			t.Errorf("part %d: %+v holds %q", i, parts[i], got)
		}
	}
	t.ok(w.Prune(t.Context(), parts[1], 2))
	if left := t.parts(2); left[0].Name != parts[1].Name || t.text(left[0].Name, 0) != "two\nthree\n" {
		t.Errorf("left: %+v", left)
	}
	t.ok(w.Append(t.Context(), Position{Seq: 4, Offset: 5}, []byte("five\n")))
	t.ok(w.Rotate(t.Context(), Position{Seq: 5, Offset: 10}, []byte("six\n")))
	if got := t.text(t.parts(3)[2].Name, 0); got != "six\n" {
		t.Errorf("the last part holds %q", got)
	}
	t.ok(w.Release(t.Context()))
}

func snapshotsAreSwapped(t backendTest) {
	first, second := []byte(`{"format":1,"serial":1,"x":"a"}`), []byte(`{"format":1,"serial":2,"x":"b"}`)
	w := t.lock()
	t.ok(w.Swap(t.Context(), Next{Body: first}))
	t.ok(w.Swap(t.Context(), Next{Was: 1, Body: second, Keep: true}))
	got, err := t.b.Snapshot(t.Context())
	t.ok(err)
	if string(got) != string(second) {
		t.Errorf("it is %s", got)
	}
	t.ok(w.Backup(t.Context(), 0, first))
	if err := w.Swap(t.Context(), Next{Was: 1, Body: first}); !errors.Is(err, ErrConflict) || !errors.Is(err, ErrLost) {
		t.Errorf("over another one: %v", err)
	}
	if got, err := t.b.Snapshot(t.Context()); err != nil || string(got) != string(second) {
		t.Errorf("it is %s, %v", got, err)
	}
	t.ok(w.Release(t.Context()))
}
