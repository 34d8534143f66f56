package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3"
)

const shortLease = 400 * time.Millisecond

// errCut is what a machine without a network gets.
var errCut = errors.New("no route to host")

func cut(*http.Request, func() (*http.Response, error)) (*http.Response, error) { return nil, errCut }

// TestOneOfManyTakersWins: of a lock that is new, free or was left.
func TestOneOfManyTakersWins(t *testing.T) {
	p := newPlace(t)
	for _, c := range []struct {
		how    string
		before func()
	}{
		{"new", func() {}},
		{"free", func() {}},
		{"left", func() { p.lock(p.machine(longLease, nil), "left") }},
	} {
		c.before()
		var wins atomic.Int64
		var wg sync.WaitGroup
		won := make(chan state.BackendWriter, 16)
		for i := range 16 {
			b := p.heirMachine()
			wg.Go(func() {
				w, err := b.Lock(t.Context(), state.Holder{PID: i, RunID: fmt.Sprint(i)})
				var locked *state.LockedError
				switch {
				case err == nil:
					wins.Add(1)
					won <- w
				case !errors.As(err, &locked):
					t.Errorf("%s: %v", c.how, err)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%s: %d of 16 hold the lock", c.how, wins.Load())
		}
		p.ok((<-won).Release(t.Context()))
	}
}

// TestLockThatIsRenewedAnswersAtOnce: nobody waits for a holder that is there.
func TestLockThatIsRenewedAnswersAtOnce(t *testing.T) {
	p := newPlace(t)
	w := p.lock(p.machine(longLease, nil), "holder")
	l := &line{}
	_, err := p.machine(longLease, l).Lock(t.Context(), state.Holder{})
	var locked *state.LockedError
	if !errors.As(err, &locked) || locked.Holder.RunID != "holder" || len(l.reset()) != 1 {
		t.Errorf("got %v", err)
	}
	p.ok(w.Release(t.Context()))
}

// TestWaitForALockEndsWithItsContext: and says who holds it.
func TestWaitForALockEndsWithItsContext(t *testing.T) {
	p := newPlace(t)
	p.lock(p.machine(longLease, nil), "holder")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := p.machine(longLease, &line{spoil: longAgo}).Lock(ctx, state.Holder{})
	var locked *state.LockedError
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &locked) {
		t.Errorf("got %v", err)
	}
}

// sleeper is a holder whose clock stands still: it never learns by itself that
// its time is over.
func (p place) sleeper(l *line) (*s3.Backend, state.BackendWriter) {
	at := p.location()
	at.Elapsed = func() time.Duration { return 0 }
	b, err := s3.OpenFor(at, longLease, l.wrap)
	p.ok(err)
	return b, p.lock(b, "old")
}

// TestStaleHolderCanDoNothing: whatever a holder that was taken for dead does when
// it wakes up is refused, and it is told that it is out; whether the new holder
// has written by then, and merged, or not yet.
func TestStaleHolderCanDoNothing(t *testing.T) {
	does := map[string]func(place, *tape, *s3.Backend) error{
		"append":        func(_ place, old *tape, _ *s3.Backend) error { return old.put("late", "later") },
		"append a line": func(_ place, old *tape, _ *s3.Backend) error { return old.put("late") },
		"rotate": func(p place, old *tape, _ *s3.Backend) error {
			return old.w.Rotate(p.Context(), old.at, []byte(entry(int(old.at.Seq)+1, "late")))
		},
		"swap": func(p place, old *tape, _ *s3.Backend) error {
			return old.w.Swap(p.Context(), state.Next{Was: 1, Body: []byte(`{"format":1,"serial":2,"x":"late"}`)})
		},
	}
	after := map[string]func(*tape) error{
		"at once":             func(*tape) error { return nil },
		"after a line":        func(n *tape) error { return n.put("new") },
		"after lines":         func(n *tape) error { return errors.Join(n.put("new", "new"), n.put("newer")) },
		"after another run":   func(n *tape) error { return errors.Join(n.put("new", "new"), n.w.Release(n.Context())) },
		"after its own leave": func(n *tape) error { return n.w.Release(n.Context()) },
	}
	for what, do := range does {
		for when, then := range after {
			t.Run(what+" "+when, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				b, w := p.sleeper(&line{})
				old := &tape{place: p, w: w}
				p.ok(w.Swap(t.Context(), state.Next{Body: []byte(`{"format":1,"serial":1,"x":"a"}`)}))
				p.ok(old.put("one", "two"))
				p.ok(old.put("three"))
				n := &tape{place: p, w: p.heir().w, at: old.at, told: old.told}
				p.ok(then(n))
				err := do(p, old, b)
				if !errors.Is(err, state.ErrLost) || w.Held() == nil {
					t.Errorf("it gives %v, and then %v", err, w.Held())
				}
				p.ok(w.Release(t.Context()))
				if got := p.text(p.machine(longLease, nil)); got != n.told {
					t.Errorf("the journal is\n%snot\n%s", got, n.told)
				}
				snap, err := p.machine(longLease, nil).Snapshot(t.Context())
				if err != nil || !strings.Contains(string(snap), `"serial":1,"x":"a"`) {
					t.Errorf("the snapshot is %s, %v", snap, err)
				}
				p.ok(n.w.Release(t.Context()))
			})
		}
	}
}

// TestLateSnapshotOfAFormerHolder: where there was none to be taken from it, it
// may write one; the new holder replaces it.
func TestLateSnapshotOfAFormerHolder(t *testing.T) {
	p := newPlace(t)
	_, w := p.sleeper(&line{})
	after := p.heir()
	heir := after.w
	defer heir.Release(t.Context())
	_, err := after.b.Snapshot(t.Context())
	p.ok(err)
	_ = w.Swap(t.Context(), state.Next{Body: []byte(`{"format":1,"serial":1,"x":"late"}`)})
	p.ok(heir.Swap(t.Context(), state.Next{Body: []byte(`{"format":1,"serial":1,"x":"new"}`)}))
	snap, err := p.machine(longLease, nil).Snapshot(t.Context())
	if err != nil || !strings.Contains(string(snap), "new") {
		t.Errorf("the snapshot is %s, %v", snap, err)
	}
}

// TestHolderLearnsThatItIsOut: without a network by the clock, with one by the lock.
func TestHolderLearnsThatItIsOut(t *testing.T) {
	p := newPlace(t)
	l := &line{}
	w := p.lock(p.machine(shortLease, l), "old")
	l.set(cut)
	select {
	case <-w.Lost():
	case <-time.After(10 * shortLease):
		t.Fatal("it never learned")
	}
	if err := w.Held(); !errors.Is(err, state.ErrLost) || !strings.Contains(err.Error(), "not renewed") {
		t.Errorf("it says %v", err)
	}
	heir := p.heir().w
	other := p.machine(longLease, nil)
	standing, err := other.Standing(t.Context())
	p.ok(err)
	if standing == nil || standing.Holder.RunID != "heir" || standing.Every != 1000*longLease/3 || standing.Until.IsZero() {
		t.Errorf("it stands as %+v", standing)
	}
	p.ok(other.Break(t.Context(), *standing))
	if err := heir.Append(t.Context(), state.Position{}, []byte(entry(1, "one")+entry(2, "two"))); !errors.Is(err, state.ErrLost) {
		t.Errorf("after somebody freed its lock: %v", err)
	}
	last := p.lock(p.machine(longLease, nil), "last")
	var locked *state.LockedError
	if err := other.Break(t.Context(), *standing); !errors.As(err, &locked) || locked.Holder.RunID != "last" {
		t.Errorf("to break a lock that is another one by now: %v", err)
	}
	p.ok(last.Release(t.Context()))
}

// TestWhoAsksAgainAndAgainNeedNotBeginAnew: a lock that stayed the same from one
// look to another, a lease later, was left.
func TestWhoAsksAgainAndAgainNeedNotBeginAnew(t *testing.T) {
	p := newPlace(t)
	p.lock(p.machine(longLease, nil), "left")
	var clock atomic.Int64
	at := p.location()
	at.Elapsed = func() time.Duration { return time.Duration(clock.Load()) }
	b, err := s3.OpenFor(at, longLease, (&line{spoil: longAgo}).wrap)
	p.ok(err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	var locked *state.LockedError
	if _, err := b.Lock(ctx, state.Holder{}); !errors.As(err, &locked) {
		t.Fatalf("at first: %v", err)
	}
	clock.Store(int64(longLease))
	p.ok(p.lock(b, "patient").Release(t.Context()))
}

// TestBodyAndETagOfTwoVersions: some servers give them while an object is replaced.
// The ETag of a lock that somebody has just taken, with the body of when it was
// free, takes it from nobody.
func TestBodyAndETagOfTwoVersions(t *testing.T) {
	p := newPlace(t)
	p.ok(p.lock(p.machine(longLease, nil), "one").Release(t.Context()))
	free := p.object("lock.json")
	holder := p.lock(p.machine(longLease, nil), "two")
	var once sync.Once
	l := &line{spoil: func(_ *http.Request, do send) (*http.Response, error) {
		resp, err := do()
		once.Do(func() {
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(free)), int64(len(free))
			resp.Header.Set("Content-Length", fmt.Sprint(len(free)))
		})
		return resp, err
	}}
	var locked *state.LockedError
	if _, err := p.machine(longLease, l).Lock(t.Context(), state.Holder{RunID: "three"}); !errors.As(err, &locked) || locked.Holder.RunID != "two" {
		t.Errorf("got %v", err)
	}
	p.ok(holder.Append(t.Context(), state.Position{}, []byte(entry(1, "run")+entry(2, "intent"))))
	p.ok(holder.Release(t.Context()))
}
