package transport_test

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/internal/transport"
)

// faraway is a service whose limit is used up for two hours, in its own words.
func faraway(said func(h http.Header)) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		resp := answer(r, 200, "{}", "Date", time.Now().UTC().Format(http.TimeFormat))
		said(resp.Header)
		if resp.Header.Get("Retry-After") != "" {
			resp.StatusCode = 429
		}
		return resp, nil
	}
}

// A wait that is known to exceed the patience ends at once, for those too that
// wait already or come later, and says what was asked for.
func TestTooLongAWaitEndsAtOnce(t *testing.T) {
	windows := func() transport.Pacer { return transport.NewWindowPacer(transport.WindowOptions{}) }
	for _, tc := range []struct {
		name  string
		pacer func() transport.Pacer
		said  func(h http.Header)
	}{
		{"evenly spaced", func() transport.Pacer { return transport.NewRatePacer(100, 25) }, func(h http.Header) { h.Set("Retry-After", "7200") }},
		{"by windows, 429", windows, func(h http.Header) { h.Set("Retry-After", "7200") }},
		{"by windows, nothing left", windows, func(h http.Header) {
			h.Set("X-Rate-Limit-Limit", "50")
			h.Set("X-Rate-Limit-Remaining", "0")
			h.Set("X-Rate-Limit-Reset", strconv.FormatInt(time.Now().Unix()+7200, 10))
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := transport.New(transport.Options{Side: "okta", Base: faraway(tc.said), Hosts: []string{"localhost"}, Pacer: tc.pacer()})
				start := time.Now()
				var wg sync.WaitGroup
				var mu sync.Mutex
				failed := 0
				for range 2 {
					for range 12 {
						wg.Go(func() {
							_, err := tr.RoundTrip(request(t, t.Context(), "POST", "/x"))
							if err == nil {
								return
							}
							if transport.KindOf(err) != transport.Limited || !strings.Contains(err.Error(), "asks to wait 2h0m") || !strings.Contains(err.Error(), "beyond the patience of 10m0s") {
								t.Errorf("got %v", err)
							}
							mu.Lock()
							defer mu.Unlock()
							failed++
						})
					}
					wg.Wait()
				}
				if d := time.Since(start); d > time.Second || failed < 23 {
					t.Errorf("%d failed, the last after %s", failed, d)
				}
			})
		})
	}
}

// Who has more patience left waits on.
func TestPatienceIsEachOnesOwn(t *testing.T) {
	for name, p := range map[string]func() transport.Pacer{
		"evenly spaced": func() transport.Pacer { return transport.NewRatePacer(10, 10) },
		"by windows":    func() transport.Pacer { return transport.NewWindowPacer(transport.WindowOptions{}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pacer := p()
				first := request(t, t.Context(), "GET", "/x")
				if err := pacer.Wait(t.Context(), first, time.Hour); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				var wg sync.WaitGroup
				for _, most := range []time.Duration{10 * time.Second, time.Minute, 10 * time.Second} {
					wg.Go(func() {
						err := pacer.Wait(t.Context(), request(t, t.Context(), "GET", "/x"), most)
						var long *transport.TooLong
						if short := most < 30*time.Second; short != errors.As(err, &long) || short && time.Since(start) > time.Second {
							t.Errorf("patience of %s: %v after %s", most, err, time.Since(start))
						}
					})
				}
				synctest.Wait()
				pacer.Observe(first, answer(first, 429, "", "Retry-After", "30"))
				wg.Wait()
				if d := time.Since(start); d < 30*time.Second || d > 31*time.Second {
					t.Errorf("the patient one left after %s", d)
				}
			})
		})
	}
}

// Whoever listens hears of a longer wait once, when it begins, whoever and
// however many wait.
func TestWaitsAreTold(t *testing.T) {
	refused := func(retryAfter string) func() http.RoundTripper {
		return func() http.RoundTripper { return limitedOnce("Retry-After", retryAfter) }
	}
	even := func() transport.Pacer { return transport.NewRatePacer(0, 0) }
	windows := func() transport.Pacer { return transport.NewWindowPacer(transport.WindowOptions{Share: 0.5}) }
	const ours, asked = "our share of its rate limit is used up", "it asked for a pause"
	for _, tc := range []struct {
		name  string
		base  func() http.RoundTripper
		pacer func() transport.Pacer
		n     int
		want  []string
	}{
		{"429", refused("30"), even, 12, []string{asked}},
		{"429 by windows", refused("30"), windows, 12, []string{asked}},
		{"a short one", refused("2"), even, 12, nil},
		{"each window", func() http.RoundTripper { return newOrg(20, 30*time.Second) }, windows, 25, []string{ours, ours}},
		{"others took all", func() http.RoundTripper {
			o := newOrg(50, 30*time.Second)
			taken := []int{42, 0}
			o.others = func(int64) (n int) { n, taken = taken[0], taken[1:]; return n }
			return o
		}, windows, 25, []string{"its rate limit is nearly used up by others"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var told []string
				tr := transport.New(transport.Options{Side: "okta", Base: tc.base(), Hosts: []string{"localhost"}, Pacer: tc.pacer(), Waits: func(w transport.Wait) {
					mu.Lock()
					defer mu.Unlock()
					if w.Side != "okta" || w.For < 3*time.Second || w.For > 37*time.Second {
						t.Errorf("told of %+v", w)
					}
					told = append(told, w.Why)
				}})
				var wg sync.WaitGroup
				for range tc.n {
					wg.Go(func() {
						if _, err := tr.RoundTrip(request(t, t.Context(), "GET", "/x")); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				mu.Lock()
				defer mu.Unlock()
				if !slices.Equal(told, tc.want) {
					t.Errorf("told of %q, want %q", told, tc.want)
				}
			})
		})
	}
}

// limitedOnce refuses the first request.
func limitedOnce(header ...string) http.RoundTripper {
	var mu sync.Mutex
	n := 0
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == 1 {
			return answer(r, 429, "{}", header...), nil
		}
		return answer(r, 200, "{}"), nil
	})
}
