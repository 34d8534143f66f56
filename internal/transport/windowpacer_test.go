package transport_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"scim-sync/internal/sample"
	"scim-sync/internal/transport"
)

// org is a service with fixed windows and Okta's headers. Its clock is not
// ours, and others use it too.
type org struct {
	limit   int
	window  time.Duration
	skew    time.Duration // its clock against ours
	latency time.Duration
	others  func(window int64) int // requests of others at the start of a window
	most    int                    // at once; 0: any number
	rolling bool                   // a window begins with the whole second of its first request, not on a grid
	ahead   time.Duration          // of its Date before the clock that its windows go by
	odd     func(h http.Header)    // what is wrong with its headers

	mu     sync.Mutex
	from   map[string]int64 // start of the present window, s since 1970
	used   map[string]int
	ours   map[string]int
	denied int
	least  int // the least remaining after one of ours
	atOnce int
}

func newOrg(limit int, window time.Duration) *org {
	return &org{limit: limit, window: window, skew: 7*time.Hour + 345*time.Millisecond, latency: 20 * time.Millisecond,
		from: map[string]int64{}, used: map[string]int{}, ours: map[string]int{}, least: limit}
}

func bucketOf(r *http.Request) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return name
}

func (o *org) RoundTrip(r *http.Request) (*http.Response, error) {
	<-time.After(o.latency/2 + rand.N(o.latency/4+1))
	resp := o.answer(r)
	select {
	case <-time.After(o.latency/2 + rand.N(o.latency/4+1)):
	case <-r.Context().Done():
	}
	o.mu.Lock()
	o.atOnce--
	o.mu.Unlock()
	return resp, r.Context().Err()
}

func (o *org) answer(r *http.Request) *http.Response {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now().Add(o.skew)
	from, window := o.from[bucketOf(r)], int64(o.window/time.Second)
	if now.Unix() >= from+window {
		from = now.Unix()
		if !o.rolling {
			from -= from % window
		}
		o.from[bucketOf(r)] = from
	}
	key := fmt.Sprintf("%s %d", bucketOf(r), from)
	date := now.Add(o.ahead).UTC().Format(http.TimeFormat)
	reset := strconv.FormatInt(from+window, 10)
	if o.atOnce++; o.most > 0 && o.atOnce > o.most {
		o.denied++
		return answer(r, 429, "{}", "Date", date, "X-Rate-Limit-Limit", "0", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", reset)
	}
	if _, ok := o.used[key]; !ok && o.others != nil {
		o.used[key] = o.others(from)
	}
	code := 200
	if o.used[key] >= o.limit {
		code = 429
		o.denied++
	} else {
		o.used[key]++
	}
	o.ours[key]++
	left := o.limit - o.used[key]
	o.least = min(o.least, left)
	resp := answer(r, code, "{}", "Date", date, "X-Rate-Limit-Limit", strconv.Itoa(o.limit),
		"X-Rate-Limit-Remaining", strconv.Itoa(left), "X-Rate-Limit-Reset", reset)
	if o.odd != nil {
		o.odd(resp.Header)
	}
	return resp
}

func (o *org) worst() (n int) {
	for _, v := range o.ours {
		n = max(n, v)
	}
	return n
}

func to(o *org, share float64) (*transport.Transport, *transport.WindowPacer) {
	p := transport.NewWindowPacer(transport.WindowOptions{Share: share, Bucket: bucketOf})
	return transport.New(transport.Options{Side: "okta", Base: o, Hosts: []string{"localhost"}, Pacer: p}), p
}

// The share is used to the full in each window but for one request in each of
// the first two, never exceeded, and no 429 comes; wherever in a window the run
// starts.
func TestShareIsKeptAndUsed(t *testing.T) {
	for _, tc := range []struct {
		window   time.Duration
		requests int
		rolling  bool
	}{{5 * time.Second, 220, false}, {5 * time.Second, 368, true}, {60 * time.Second, 300, false}} {
		for phase := range 8 {
			t.Run(fmt.Sprintf("%s/rolling %v/%d", tc.window, tc.rolling, phase), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o := newOrg(50, tc.window)
					o.rolling = tc.rolling
					tr, p := to(o, 0.75)
					now := time.Now().Add(o.skew)
					<-time.After(now.Truncate(tc.window).Add(tc.window).Sub(now))
					start := time.Now() // of a window
					<-time.After(time.Duration(phase) * 137 * time.Millisecond)
					all(t, tr, "GET", tc.requests, 16)
					share := p.Allowance(50)
					if share != 37 || o.worst() > share || o.denied != 0 || o.least < 5 {
						t.Errorf("share %d: %d in a window, %d refused, least remaining %d", share, o.worst(), o.denied, o.least)
					}
					// A window is used a second after it began at the latest, by the
					// service's clock: that was read in whole seconds.
					full := time.Duration((tc.requests+2+share-1)/share - 1)
					late := 1100 * time.Millisecond
					bound := full*tc.window + 2*late
					if tc.rolling {
						bound = full * (tc.window + late)
					}
					if d := time.Since(start); d > bound {
						t.Errorf("took %s, bound %s", d, bound)
					}
				})
			})
		}
	}
}

// Whatever limit, share, latency, skew, use by others and number of goroutines,
// with headers folded, a reset that flaps, or a Date up to four seconds ahead of
// the clock that windows go by: no window holds more than our share, and the last tenth stays untouched by us
// unless others took it.
func TestShareInAnyWorld(t *testing.T) {
	sample.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 120).Draw(rt, "limit")
		share := rapid.Float64Range(0.01, 1).Draw(rt, "share")
		latency := time.Duration(rapid.IntRange(1, 900).Draw(rt, "latency ms")) * time.Millisecond
		skew := time.Duration(rapid.Int64Range(-1e13, 1e13).Draw(rt, "skew"))
		busy := rapid.IntRange(0, limit/2).Draw(rt, "others")
		goroutines := rapid.IntRange(1, 32).Draw(rt, "goroutines")
		windows := rapid.IntRange(1, 4).Draw(rt, "windows")
		var ahead time.Duration
		var odd func(http.Header)
		switch rapid.IntRange(0, 3).Draw(rt, "odd") {
		case 1:
			odd = folded
		case 2:
			odd = flapping
		case 3:
			ahead = time.Duration(rapid.IntRange(-40, 40).Draw(rt, "Date ahead, 0.1 s")) * 100 * time.Millisecond
		}
		synctest.Test(t, func(t *testing.T) {
			o := newOrg(limit, 10*time.Second)
			o.latency, o.skew, o.others = latency, skew, func(int64) int { return busy }
			o.ahead, o.odd = ahead, odd
			tr, p := to(o, share)
			all(t, tr, "GET", windows*p.Allowance(limit), goroutines)
			kept := min((limit+9)/10, limit-1)
			if o.worst() > p.Allowance(limit) || o.denied != 0 || o.least < min(kept, limit-busy-1) {
				t.Errorf("allowance %d, most %d; %d refused; least remaining %d of %d, kept %d", p.Allowance(limit), o.worst(), o.denied, o.least, limit, kept)
			}
		})
	})
}

// The first request of a bucket goes alone, and what was learnt can be asked.
func TestFirstGoesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := transport.NewWindowPacer(transport.WindowOptions{Share: 0.5, Bucket: bucketOf})
		reqs := make(chan *http.Request, 40)
		for range 30 {
			go func() {
				r := request(t, t.Context(), "GET", "/groups")
				if p.Wait(t.Context(), r, time.Hour) == nil {
					reqs <- r
				}
			}()
		}
		synctest.Wait()
		if len(reqs) != 1 {
			t.Fatalf("%d left before anything was known", len(reqs))
		}
		reset := time.Now().UTC().Add(40 * time.Second).Truncate(time.Second)
		headers := func(left string) []string {
			return []string{"Date", time.Now().UTC().Format(http.TimeFormat), "X-Rate-Limit-Limit", "20", "X-Rate-Limit-Remaining", left, "X-Rate-Limit-Reset", strconv.FormatInt(reset.Unix(), 10)}
		}
		r := <-reqs
		p.Observe(r, answer(r, 200, "", headers("19")...))
		<-time.After(10 * time.Second)
		if len(reqs) != 8 {
			t.Errorf("%d more left under a share of 10, of which one is kept to look for the next window", len(reqs))
		}
		want := []transport.BucketState{{Bucket: "groups", Limit: 20, Remaining: 19, Ours: 9, Reset: reset}}
		if d := cmp.Diff(want, p.Limits()); d != "" {
			t.Error(d)
		}
		// Others took what was left but the last tenth.
		for range 8 {
			r := <-reqs
			p.Observe(r, answer(r, 200, "", headers("2")...))
		}
		<-time.After(36 * time.Second) // nothing is left to look with: this long it may last
		if len(reqs) != 1 {
			t.Errorf("%d left when the window was over, want one to look", len(reqs))
		}
		r = <-reqs
		reset = reset.Add(time.Minute)
		p.Observe(r, answer(r, 200, "", headers("4")...))
		<-time.After(10 * time.Second)
		if len(reqs) != 1 {
			t.Errorf("%d left, want one of the two above the last tenth", len(reqs))
		}
		p.Observe(<-reqs, nil)
		<-time.After(30 * time.Minute)
		for len(reqs) > 0 {
			r := <-reqs
			p.Observe(r, answer(r, 200, ""))
			<-time.After(time.Second)
			synctest.Wait()
		}
	})
}

// The concurrency limit makes everything back off and is not taken for a limit
// of nothing.
func TestConcurrencyLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(500, time.Minute)
		o.most = 4
		tr, p := to(o, 0.75)
		start := time.Now()
		all(t, tr, "GET", 60, 6)
		if o.denied == 0 || time.Since(start) > 2*time.Minute {
			t.Errorf("%d refused, took %s", o.denied, time.Since(start))
		}
		if l := p.Limits(); len(l) != 1 || l[0].Limit != 500 {
			t.Errorf("learnt %+v", l)
		}
	})
}

// A 429 despite all (others were faster) is waited out to the reset.
func TestOthersTakeAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(50, time.Minute)
		first := true
		o.others = func(int64) int {
			if first {
				first = false
				return 50
			}
			return 0
		}
		tr, _ := to(o, 0.75)
		all(t, tr, "GET", 20, 8)
		if o.denied != 1 {
			t.Errorf("%d refused, want the first alone", o.denied)
		}
	})
}

// A service without these headers, or with ones that are of no window, is not
// slowed down.
func TestNoLimitsToldOf(t *testing.T) {
	stale := []string{"Date", "Tue, 23 May 2023 14:42:01 GMT", "X-Rate-Limit-Limit", "50", "X-Rate-Limit-Remaining", "49", "X-Rate-Limit-Reset", "1684852000"}
	for name, headers := range map[string][]string{"none": nil, "stale": stale} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				base := roundTrip(func(r *http.Request) (*http.Response, error) {
					<-time.After(time.Second)
					return answer(r, 200, "", headers...), nil
				})
				p := transport.NewWindowPacer(transport.WindowOptions{})
				tr := transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}, Pacer: p})
				start := time.Now()
				all(t, tr, "GET", 101, 100)
				if d := time.Since(start); d != 2*time.Second || len(p.Limits()) != 0 {
					t.Errorf("took %s, limits %v", d, p.Limits())
				}
			})
		})
	}
}

// Cancelled waits end at once, cost nobody anything and leave nothing behind.
func TestWindowCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(4, time.Minute)
		tr, p := to(o, 0.5)
		all(t, tr, "GET", 3, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				_, err := tr.RoundTrip(request(t, ctx, "GET", "/x"))
				if !errors.Is(err, context.DeadlineExceeded) || transport.KindOf(err) != transport.Unreachable {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("ended after %s", d)
		}
		if l := p.Limits(); len(l) != 1 || l[0].Ours != 2 {
			t.Errorf("learnt %+v", l)
		}
		all(t, tr, "GET", 1, 1)
	})
}
