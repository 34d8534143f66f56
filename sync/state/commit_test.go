package state

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/internal/group"
	core "scim-sync/sync"
)

func TestManyWritersAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		w := &watched{Backend: s.backend}
		s.backend = w
		r := begin(t, s, "run-1")
		const writers, each = 64, 10
		var wg sync.WaitGroup
		for n := range writers {
			wg.Go(func() {
				for i := range each {
					id := n*each + i
					ticket, err := r.Announce(t.Context(), provision(id))
					if err == nil {
						err = r.Complete(t.Context(), ticket, provisioned(id))
					}
					if err != nil {
						t.Error(err)
						return
					}
					_ = r.Managed().People[person(id).OktaID]
				}
			})
		}
		wg.Wait()
		finish(t, r, 0)
		m, u, _ := read(t, s)
		if len(m.People) != writers*each || len(u) != 0 {
			t.Fatalf("%d people, %d unfinished", len(m.People), len(u))
		}
		lines := verified(t, s).Lines
		if lines != 2*writers*each+2 {
			t.Fatalf("%d lines", lines)
		}
		t.Logf("%d durable writes for %d lines", w.appends.Load(), lines)
	})
}

func TestEverybodyWhoWaitsSharesTheNextDurableWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Memory(core.Managed{})
		disk := make(chan bool)
		w := &watched{Backend: s.backend, appending: func() { <-disk }}
		s.backend = w
		r := begin(t, s, "run-1")
		tickets := make(chan uint64, 64)
		announce := func(n int) {
			ticket, err := r.Announce(t.Context(), provision(n))
			if err != nil {
				t.Error(err)
			}
			tickets <- ticket
		}
		go announce(0)
		synctest.Wait() // it is being written
		for n := range 63 {
			go announce(n + 1)
		}
		synctest.Wait() // all others wait for it
		if len(tickets) != 0 {
			t.Error("announced before it was durable")
		}
		disk <- true
		synctest.Wait()
		if len(tickets) != 1 {
			t.Errorf("%d announced after the first durable write", len(tickets))
		}
		disk <- true
		synctest.Wait()
		if len(tickets) != 64 || w.appends.Load() != 2 {
			t.Errorf("%d announced in %d durable writes", len(tickets), w.appends.Load())
		}
		close(disk)
		finish(t, r, 0)
	})
}

func TestSnapshotsAreAtMostOneASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Memory(core.Managed{})
		var mu sync.Mutex
		var times []time.Time
		w := &watched{Backend: s.backend, swapped: func() { mu.Lock(); defer mu.Unlock(); times = append(times, time.Now()) }}
		swaps := func() []time.Time { mu.Lock(); defer mu.Unlock(); return slices.Clone(times) }
		s.backend = w
		info := runInfo("run-1")
		info.Now = time.Now
		r := beginAt(t, s, info)
		began := time.Now()
		for n := range 100 { // ten seconds of work
			write(t, r, provision(n), provisioned(n))
			<-time.After(100 * time.Millisecond)
		}
		synctest.Wait()
		at := swaps()
		if len(at) < 9 || len(at) > 10 {
			t.Errorf("%d snapshots in %s", len(at), time.Since(began))
		}
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < time.Second {
				t.Errorf("two snapshots within %s", gap)
			}
		}
		<-time.After(time.Minute) // nothing changes: nothing is written
		synctest.Wait()
		idle := len(swaps())
		<-time.After(time.Minute)
		if len(swaps()) != idle {
			t.Error("snapshots of nothing new")
		}
		write(t, r, provision(200), provisioned(200))
		finish(t, r, 0)
		if n := len(swaps()) - idle; n != 1 {
			t.Errorf("%d snapshots at the end, not one", n)
		}
		if m, _, info := read(t, s); len(m.People) != 101 || info.Serial != uint64(len(swaps())) {
			t.Errorf("%d people, serial %d", len(m.People), info.Serial)
		}
		// Leaving the bubble fails if a goroutine or timer is left behind.
	})
}

func TestClosedRunLeavesNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Memory(core.Managed{})
		r := begin(t, s, "run-1")
		write(t, r, provision(1), provisioned(1))
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPanicInTheBackendIsAnErrorOfTheRun(t *testing.T) {
	s := Memory(core.Managed{})
	s.backend = &watched{Backend: s.backend, swapped: func() { panic("boom") }}
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	err := r.Finish(t.Context(), Summary{})
	var trouble *group.PanicError
	if !errors.As(err, &trouble) || trouble.Value != "boom" {
		t.Fatalf("got %v", err)
	}
	begin(t, s, "run-2") // the lock is free again
}

func BenchmarkAnnounceAndComplete(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s, err := Open(b.Context(), Location{Path: b.TempDir() + "/ws.json"})
			if err != nil {
				b.Fatal(err)
			}
			r, err := s.Begin(b.Context(), RunInfo{RunID: "bench", Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			next := make(chan int)
			var wg sync.WaitGroup
			b.ResetTimer()
			for range writers {
				wg.Go(func() {
					for n := range next {
						ticket, err := r.Announce(b.Context(), provision(n))
						if err == nil {
							err = r.Complete(b.Context(), ticket, provisioned(n))
						}
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			for n := range b.N {
				next <- n % 1000
			}
			close(next)
			wg.Wait()
			b.StopTimer()
			if err := r.Finish(b.Context(), Summary{}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkReadOf100000People(b *testing.B) {
	s := thousands(b, 100)
	b.ResetTimer()
	for b.Loop() {
		m, _, _, err := s.Read(b.Context())
		if err != nil || len(m.People) != 100_000 {
			b.Fatal(len(m.People), err)
		}
	}
}

func BenchmarkSnapshotOf100000People(b *testing.B) {
	s := thousands(b, 100)
	l, err := s.load(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		raw, err := snapshotOf(l.replay, 1).encode()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(raw)))
	}
}

// thousands gives a file store of so many thousand people.
func thousands(b *testing.B, k int) *Store {
	b.Helper()
	s, err := Open(b.Context(), Location{Path: b.TempDir() + "/ws.json"})
	if err != nil {
		b.Fatal(err)
	}
	d, err := s.backend.Lock(b.Context(), Holder{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Release(b.Context())
	g := newReplay()
	for n := range 1000 * k {
		g.managed.People[person(n).OktaID] = person(n)
	}
	raw, err := snapshotOf(g, 1).encode()
	if err == nil {
		err = d.Swap(b.Context(), Next{Body: raw})
	}
	if err != nil {
		b.Fatal(err)
	}
	return s
}
