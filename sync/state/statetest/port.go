// Package statetest holds what every kind of backend of a state has to keep, so
// that each is held by the same tests.
package statetest

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"scim-sync/sync/state"
)

// Port plays what a [state.Store] relies on, each promise on a backend that fresh
// gives, with nothing in it.
func Port(t *testing.T, fresh func(t *testing.T) state.Backend) {
	play(t, fresh, map[string]func(port){
		"there is nothing at first":          nothingAtFirst,
		"one writer at a time":               oneWriter,
		"lines are read where they were put": linesAreRead,
		"parts are begun, and put away":      partsComeAndGo,
		"a snapshot replaces the one known":  snapshotsAreSwapped,
		"a cache is kept as it is":           cacheIsKept,
		"a snapshot is put over any":         snapshotIsForced,
		"something is kept aside":            somethingIsKeptAside,
		"a journal is cleared and begun":     journalIsCleared,
	})
}

// TornEnds plays what those add whose writes may be cut off in the middle.
func TornEnds(t *testing.T, fresh func(t *testing.T) state.Backend) {
	play(t, fresh, map[string]func(port){"a torn end is cut off": tornEndIsCutOff})
}

func play(t *testing.T, fresh func(t *testing.T) state.Backend, promises map[string]func(port)) {
	for promise, holds := range promises {
		t.Run(promise, func(t *testing.T) { holds(port{t, fresh(t)}) })
	}
}

type port struct {
	*testing.T
	b state.Backend
}

func (t port) lock() state.BackendWriter {
	t.Helper()
	w, err := t.b.Lock(t.Context(), state.Holder{PID: 1, Host: "here", RunID: "run-1"})
	t.ok(err)
	return w
}

func (t port) ok(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// text reads a part from an offset on.
func (t port) text(part string, offset int64) string {
	t.Helper()
	body, err := t.b.Open(t.Context(), part, offset)
	t.ok(err)
	defer body.Close()
	raw, err := io.ReadAll(body)
	t.ok(err)
	return string(raw)
}

func (t port) parts(n int) []state.Part {
	t.Helper()
	parts, err := t.b.Parts(t.Context())
	t.ok(err)
	if len(parts) != n {
		t.Fatalf("%d parts, not %d: %+v", len(parts), n, parts)
	}
	return parts
}

func nothingAtFirst(t port) {
	snap, err := t.b.Snapshot(t.Context())
	t.ok(err)
	p := t.b.Probe(t.Context())
	if snap != nil || p.Reach != nil || p.Write != nil || p.Lock != nil || p.Place == "" {
		t.Errorf("snapshot %q, probe %+v", snap, p)
	}
	t.parts(0)
}

func oneWriter(t port) {
	w := t.lock()
	_, err := t.b.Lock(t.Context(), state.Holder{RunID: "run-2"})
	standing, errStanding := t.b.Standing(t.Context())
	t.ok(errStanding)
	if standing == nil || standing.Holder.RunID != "run-1" {
		t.Errorf("the lock says %+v", standing)
	}
	for what, err := range map[string]error{"lock": err, "probe": t.b.Probe(t.Context()).Lock} {
		var locked *state.LockedError
		if !errors.As(err, &locked) || locked.Holder.RunID != "run-1" {
			t.Errorf("%s: got %v", what, err)
		}
	}
	select {
	case <-w.Lost():
		t.Error("it is lost")
	default:
	}
	t.ok(w.Held())
	t.ok(w.Release(t.Context()))
	if standing, err := t.b.Standing(t.Context()); err != nil || standing != nil {
		t.Errorf("the lock that is free says %+v, %v", standing, err)
	}
	t.ok(t.lock().Release(t.Context()))
}

func linesAreRead(t port) {
	w := t.lock()
	t.ok(w.Append(t.Context(), state.Position{}, line(1, "one")))
	t.ok(w.Append(t.Context(), state.Position{Seq: 1, Offset: size("one")}, append(line(2, "two"), line(3, "three")...)))
	part := t.parts(1)[0]
	whole := string(line(1, "one")) + string(line(2, "two")) + string(line(3, "three"))
	if part.Size != int64(len(whole)) || t.text(part.Name, 0) != whole || t.text(part.Name, size("one")) != whole[size("one"):] ||
		t.text(part.Name, 3) != whole[3:] || t.text(part.Name, 9999) != "" {
		t.Errorf("%+v holds %q", part, t.text(part.Name, 0))
	}
	t.ok(w.Release(t.Context()))
	w = t.lock() // another run goes on
	t.ok(w.Append(t.Context(), state.Position{Seq: 3, Offset: int64(len(whole))}, line(4, "four")))
	t.ok(w.Release(t.Context()))
	if got := t.text(t.parts(1)[0].Name, int64(len(whole))); got != string(line(4, "four")) {
		t.Errorf("got %q", got)
	}
}

// line is a line of the journal, and size its length.
func line(seq int, text string) []byte {
	return fmt.Appendf(nil, "{\"seq\":%d,\"run\":%q,\"hash\":\"%064d\"}\n", seq, text, seq)
}

func size(text string) int64 { return int64(len(line(1, text))) }

func tornEndIsCutOff(t port) {
	w := t.lock()
	t.ok(w.Append(t.Context(), state.Position{}, []byte("one\n")))
	t.ok(w.Append(t.Context(), state.Position{Seq: 1, Offset: 4}, []byte("two\nthr")))
	part := t.parts(1)[0]
	aside, err := w.Cut(t.Context(), state.Position{Seq: 2, Offset: 8})
	t.ok(err)
	if aside == "" || t.text(part.Name, 0) != "one\ntwo\n" {
		t.Errorf("cut to %q, the rest in %q", t.text(part.Name, 0), aside)
	}
	t.ok(w.Append(t.Context(), state.Position{Seq: 2, Offset: 8}, []byte("three\n")))
	t.ok(w.Release(t.Context()))
	if got := t.text(part.Name, 8); got != "three\n" {
		t.Errorf("got %q", got)
	}
}

func partsComeAndGo(t port) {
	w := t.lock()
	t.ok(w.Append(t.Context(), state.Position{}, line(1, "one")))
	t.ok(w.Rotate(t.Context(), state.Position{Seq: 1, Offset: size("one")}, line(2, "two")))
	t.ok(w.Append(t.Context(), state.Position{Seq: 2, Offset: size("two")}, line(3, "three")))
	t.ok(w.Rotate(t.Context(), state.Position{Seq: 3, Offset: size("two") + size("three")}, line(4, "four")))
	parts := t.parts(3)
	for i, want := range []string{string(line(1, "one")), string(line(2, "two")) + string(line(3, "three")), string(line(4, "four"))} {
		if got := t.text(parts[i].Name, 0); got != want || parts[i].Size != int64(len(want)) {
			t.Errorf("part %d: %+v holds %q", i, parts[i], got)
		}
	}
	t.ok(w.Prune(t.Context(), parts[1], 2))
	if left := t.parts(2); left[0].Name != parts[1].Name || t.text(left[0].Name, 0) != string(line(2, "two"))+string(line(3, "three")) {
		t.Errorf("left: %+v", left)
	}
	t.ok(w.Append(t.Context(), state.Position{Seq: 4, Offset: size("four")}, line(5, "five")))
	t.ok(w.Rotate(t.Context(), state.Position{Seq: 5, Offset: size("four") + size("five")}, line(6, "six")))
	if got := t.text(t.parts(3)[2].Name, 0); got != string(line(6, "six")) {
		t.Errorf("the last part holds %q", got)
	}
	t.ok(w.Release(t.Context()))
}

func snapshotsAreSwapped(t port) {
	first, second := []byte(`{"format":1,"serial":1,"x":"a"}`), []byte(`{"format":1,"serial":2,"x":"b"}`)
	w := t.lock()
	t.ok(w.Swap(t.Context(), state.Next{Body: first}))
	t.ok(w.Swap(t.Context(), state.Next{Was: 1, Body: second, Keep: true}))
	got, err := t.b.Snapshot(t.Context())
	t.ok(err)
	if string(got) != string(second) {
		t.Errorf("it is %s", got)
	}
	if err := w.Swap(t.Context(), state.Next{Was: 1, Body: first}); !errors.Is(err, state.ErrConflict) || !errors.Is(err, state.ErrLost) {
		t.Errorf("over another one: %v", err)
	}
	if got, err := t.b.Snapshot(t.Context()); err != nil || string(got) != string(second) {
		t.Errorf("it is %s, %v", got, err)
	}
	t.ok(w.Release(t.Context()))
}

// snapshotIsForced: the serial is what the new one says, whatever was there.
func snapshotIsForced(t port) {
	w := t.lock()
	t.ok(w.Swap(t.Context(), state.Next{Force: true, Body: []byte(`{"format":1,"serial":7,"x":"a"}`)}))
	whole := `{"format":1,"serial":41,"x":"b"}`
	t.ok(w.Swap(t.Context(), state.Next{Force: true, Body: []byte(whole)}))
	if got, err := t.b.Snapshot(t.Context()); err != nil || string(got) != whole {
		t.Errorf("it is %s, %v", got, err)
	}
	if err := w.Swap(t.Context(), state.Next{Was: 41, Body: []byte(`{"format":1,"serial":44,"x":"c"}`)}); err != nil {
		t.Errorf("a serial that skips some: %v", err)
	}
	if err := w.Swap(t.Context(), state.Next{Was: 42, Body: []byte(whole)}); !errors.Is(err, state.ErrConflict) {
		t.Errorf("over another one: %v", err)
	}
	t.ok(w.Release(t.Context()))
}

func somethingIsKeptAside(t port) {
	w := t.lock()
	t.ok(w.Swap(t.Context(), state.Next{Body: []byte(`{"format":1,"serial":1,"x":"a"}`)}))
	for _, content := range []string{"\xff is no text", "", "again"} {
		place, err := w.Aside(t.Context(), "damaged-20261130T101112Z", []byte(content))
		if err != nil || place == "" {
			t.Errorf("%q is kept at %q, %v", content, place, err)
		}
	}
	t.parts(0)
	t.ok(w.Release(t.Context()))
}

// journalIsCleared: the snapshot is still there, and lines are written as into an
// empty store, in this run and in the next.
func journalIsCleared(t port) {
	snapshot := `{"format":1,"serial":1,"x":"a"}`
	w := t.lock()
	t.ok(w.Clear(t.Context()))
	t.ok(w.Swap(t.Context(), state.Next{Body: []byte(snapshot)}))
	t.ok(w.Append(t.Context(), state.Position{}, line(1, "one")))
	t.ok(w.Rotate(t.Context(), state.Position{Seq: 1, Offset: size("one")}, line(2, "two")))
	t.ok(t.b.SaveCache(t.Context(), []byte("cache")))
	t.ok(w.Clear(t.Context()))
	t.parts(0)
	got, err := t.b.Snapshot(t.Context())
	t.ok(err)
	cache, err := t.b.Cache(t.Context())
	t.ok(err)
	if string(got) != snapshot || cache != nil {
		t.Errorf("snapshot %s, cache %s", got, cache)
	}
	t.ok(w.Append(t.Context(), state.Position{}, line(7, "first")))
	t.ok(w.Release(t.Context()))
	w = t.lock()
	t.ok(w.Append(t.Context(), state.Position{Seq: 7, Offset: size("first")}, line(8, "second")))
	t.ok(w.Rotate(t.Context(), state.Position{Seq: 8, Offset: size("first") + size("second")}, line(9, "third")))
	t.ok(w.Release(t.Context()))
	parts := t.parts(2)
	if t.text(parts[0].Name, 0) != string(line(7, "first"))+string(line(8, "second")) || t.text(parts[1].Name, 0) != string(line(9, "third")) {
		t.Errorf("%+v hold %q and %q", parts, t.text(parts[0].Name, 0), t.text(parts[1].Name, 0))
	}
}

func cacheIsKept(t port) {
	if got, err := t.b.Cache(t.Context()); err != nil || got != nil {
		t.Errorf("at first: %q, %v", got, err)
	}
	w := t.lock()
	for _, content := range []string{"{}\nfirst \xff", "", "second"} {
		t.ok(t.b.SaveCache(t.Context(), []byte(content)))
		if got, err := t.b.Cache(t.Context()); err != nil || string(got) != content {
			t.Errorf("%q, %v", got, err)
		}
	}
	t.ok(w.Release(t.Context()))
}
