package transport_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
	"scim-sync/internal/transport"
)

// sliding is a service that refuses what exceeds a number of requests in any
// second, however it is laid.
type sliding struct {
	most   int
	jitter time.Duration // of the way to the service
	mu     sync.Mutex
	at     []time.Time
	denied int
}

func (s *sliding) RoundTrip(r *http.Request) (*http.Response, error) {
	<-time.After(10*time.Millisecond + rand.N(s.jitter+1))
	s.mu.Lock()
	now := time.Now()
	n := 0
	for _, t := range s.at {
		if now.Sub(t) < time.Second {
			n++
		}
	}
	if n >= s.most {
		s.denied++
		s.mu.Unlock()
		return answer(r, 429, "{}", "Retry-After", now.Add(time.Second).UTC().Format(http.TimeFormat), "Date", now.UTC().Format(http.TimeFormat)), nil
	}
	s.at = append(s.at, now)
	s.mu.Unlock()
	<-time.After(10 * time.Millisecond)
	return answer(r, 200, "{}"), nil
}

// Writes keep under the limit in any second and still use nearly all of it.
func TestRateIsKeptAndUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sliding{most: 25, jitter: 8 * time.Millisecond}
		tr := transport.New(transport.Options{Side: "attio", Base: s, Hosts: []string{"localhost"}, Pacer: transport.NewRatePacer(100, 25)})
		start := time.Now()
		all(t, tr, "POST", 1000, 16)
		if d, bound := time.Since(start), 40*time.Second; s.denied != 0 || d > bound*105/100 {
			t.Errorf("%d refused; took %s, want at most 1.05 × %s", s.denied, d, bound)
		}
	})
}

// Requests that straggle on their way do not make a second too full, once it is
// known how long the others take.
func TestStragglers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sliding{most: 25, jitter: 120 * time.Millisecond}
		tr := transport.New(transport.Options{Side: "attio", Base: s, Hosts: []string{"localhost"}, Pacer: transport.NewRatePacer(100, 25)})
		all(t, tr, "PATCH", 1000, 16)
		if s.denied > 2 {
			t.Errorf("%d of 1000 refused", s.denied)
		}
	})
}

// all makes n requests from so many goroutines, and fails the test for each
// that fails.
func all(t *testing.T, tr http.RoundTripper, method string, n, goroutines int) {
	t.Helper()
	turns := make(chan int)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for i := range turns {
				if _, err := tr.RoundTrip(request(t, t.Context(), method, fmt.Sprintf("/x/%d", i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range n {
		turns <- i
	}
	close(turns)
	wg.Wait()
}

// Whatever the rates and however requests come, no second holds more than the
// rate, and they leave evenly.
func TestNoBurst(t *testing.T) {
	sample.Check(t, func(rt *rapid.T) {
		reads, writes := rapid.Float64Range(0.5, 50).Draw(rt, "reads"), rapid.Float64Range(0.5, 50).Draw(rt, "writes")
		gaps := rapid.SliceOfN(rapid.IntRange(0, 400), 1, 60).Draw(rt, "gaps")
		synctest.Test(t, func(t *testing.T) {
			p := transport.NewRatePacer(reads, writes)
			var mu sync.Mutex
			left := map[string][]time.Time{}
			var wg sync.WaitGroup
			for i, gap := range gaps {
				method := []string{"GET", "PATCH"}[i%2]
				<-time.After(time.Duration(max(gap-200, 0)) * time.Millisecond) // half of them at once
				wg.Go(func() {
					if err := p.Wait(t.Context(), request(t, t.Context(), method, "/"), time.Hour); err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					left[method] = append(left[method], time.Now())
				})
			}
			wg.Wait()
			check(t, left["GET"], reads)
			check(t, left["PATCH"], writes)
		})
	})
}

func check(t *testing.T, left []time.Time, rate float64) {
	most := max(int(rate), 1)
	for i := most; i < len(left); i++ {
		if d := left[i].Sub(left[i-most]); d < time.Second {
			t.Errorf("rate %v: %d requests in %s", rate, most+1, d)
		}
	}
	for i := 1; i < len(left); i++ {
		if d := left[i].Sub(left[i-1]).Seconds(); d < 0.999/rate {
			t.Errorf("rate %v: two requests %vs apart", rate, d)
		}
	}
}

// After a 429 everything waits as long as it asks, its kind goes on at half the
// rate, and the rate creeps back.
func TestRateAfter429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := transport.NewRatePacer(100, 20)
		get, post := request(t, t.Context(), "GET", "/"), request(t, t.Context(), "POST", "/")
		start := time.Now()
		for range 3 { // of one moment: they count once
			p.Observe(post, answer(post, 429, "", "Retry-After", "3"))
		}
		if r, w := p.Rates(); r != 100 || w != 10 {
			t.Errorf("rates %v and %v after a refused write, want 100 and 10", r, w)
		}
		if err := p.Wait(t.Context(), get, time.Hour); err != nil || time.Since(start) != 3*time.Second {
			t.Errorf("a read left after %s, %v", time.Since(start), err)
		}
		for range 30 {
			if err := p.Wait(t.Context(), post, time.Hour); err != nil {
				t.Fatal(err)
			}
			p.Observe(post, answer(post, 200, ""))
		}
		if _, w := p.Rates(); w <= 10 || w >= 20 {
			t.Errorf("rate %v soon after, want it on its way back", w)
		}
		for range 300 {
			p.Wait(t.Context(), post, time.Hour)
			p.Observe(post, answer(post, 200, ""))
		}
		if _, w := p.Rates(); w != 20 {
			t.Errorf("rate %v later, want 20", w)
		}
	})
}

// A cancelled wait ends at once with the context's error and costs nobody a
// turn, and no rate means no limit.
func TestRateCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := transport.NewRatePacer(0, 1)
		post := request(t, t.Context(), "POST", "/")
		p.Wait(t.Context(), post, time.Hour)
		p.Observe(post, answer(post, 201, "{}"))
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := p.Wait(ctx, post, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(start); d != 100*time.Millisecond {
			t.Errorf("cancelled after %s", d)
		}
		if err := p.Wait(t.Context(), post, time.Hour); err != nil || time.Since(start) > 1100*time.Millisecond {
			t.Errorf("the next left after %s, %v", time.Since(start), err)
		}
		for range 1000 {
			p.Wait(t.Context(), request(t, t.Context(), "GET", "/"), time.Hour)
		}
		if d := time.Since(start); d > 1100*time.Millisecond {
			t.Errorf("unlimited reads took until %s", d)
		}
	})
}
