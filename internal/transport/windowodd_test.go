package transport_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/internal/transport"
)

// folded is what becomes of headers that came twice.
func folded(h http.Header) {
	for _, name := range []string{"X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"} {
		h.Set(name, h.Get(name)+", "+h.Get(name))
	}
}

// flapping names a reset that is one of two neighbouring seconds.
func flapping(h http.Header) { move(h, rand.Int64N(2)) }

func move(h http.Header, by int64) {
	n, _ := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64)
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(n+by, 10))
}

// unreadable leaves nothing of the limit after the first answers.
func unreadable(after int, name string) func(http.Header) {
	n := 0
	return func(h http.Header) {
		if n++; n > after {
			h.Set(name, "soon")
		}
	}
}

// Whatever is odd about the headers of a limit or about the clocks behind them,
// no window holds more than our share, the last tenth is left, and no 429
// comes.
func TestShareWithOddHeaders(t *testing.T) {
	for _, tc := range []struct {
		name   string
		window time.Duration
		ahead  time.Duration
		odd    func(http.Header)
		most   time.Duration // for 111 requests, three windows' worth
	}{
		{"folded", 10 * time.Second, 0, folded, 32 * time.Second},
		{"flapping", 10 * time.Second, 0, flapping, 35 * time.Second},
		{"with decimals", 10 * time.Second, 0, func(h http.Header) { h.Set("X-Rate-Limit-Limit", h.Get("X-Rate-Limit-Limit")+".0") }, 32 * time.Second},
		{"reset unreadable later", time.Minute, 0, unreadable(5, "X-Rate-Limit-Reset"), 5 * time.Minute},
		{"limit unreadable later", time.Minute, 0, unreadable(5, "X-Rate-Limit-Limit"), 5 * time.Minute},
		{"limit 0 later", time.Minute, 0, func() func(http.Header) {
			n := 0
			return func(h http.Header) {
				if n++; n > 5 {
					h.Set("X-Rate-Limit-Limit", "0")
				}
			}
		}(), 5 * time.Minute},
		{"Date 0.7 s ahead", 10 * time.Second, 700 * time.Millisecond, nil, 50 * time.Second},
		{"Date 1 s ahead", 20 * time.Second, time.Second, nil, 100 * time.Second},
		{"Date 3 s ahead", 10 * time.Second, 3 * time.Second, nil, 50 * time.Second},
		{"Date 4 s ahead", time.Minute, 4 * time.Second, nil, 4 * time.Minute},
		{"Date 3 s behind", 10 * time.Second, -3 * time.Second, nil, 50 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOrg(50, tc.window)
				o.ahead, o.odd = tc.ahead, tc.odd
				tr, p := to(o, 0.75)
				start := time.Now()
				all(t, tr, "GET", 111, 8)
				if o.worst() > p.Allowance(50) || o.denied != 0 || o.least < 5 {
					t.Errorf("%d in a window of %d, %d refused, least remaining %d", o.worst(), p.Allowance(50), o.denied, o.least)
				}
				if d := time.Since(start); d > tc.most {
					t.Errorf("took %s, want at most %s", d, tc.most)
				}
			})
		})
	}
}

// A reset that is always as far ahead keeps the share in any stretch of time of
// that length.
func TestSlidingReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left []time.Time
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			now := time.Now()
			left = append(left, now)
			<-time.After(20 * time.Millisecond)
			return answer(r, 200, "{}", "Date", now.UTC().Format(http.TimeFormat), "X-Rate-Limit-Limit", "50", "X-Rate-Limit-Remaining", "49",
				"X-Rate-Limit-Reset", strconv.FormatInt(now.Unix()+10, 10)), nil
		})
		p := transport.NewWindowPacer(transport.WindowOptions{Share: 0.5})
		all(t, transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}, Pacer: p}), "GET", 100, 1)
		for i := 25; i < len(left); i++ {
			if d := left[i].Sub(left[i-25]); d < 9*time.Second {
				t.Errorf("26 requests in %s", d)
			}
		}
	})
}

// What was lost on its way may have been counted, also by the window that
// nothing was heard of yet.
func TestLostCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(20, time.Minute)
		n := 0
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := o.RoundTrip(r)
			if n++; n%10 > 7 {
				return nil, fmt.Errorf("lost")
			}
			return resp, err
		})
		p := transport.NewWindowPacer(transport.WindowOptions{Share: 0.5, Bucket: bucketOf})
		all(t, transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}, Pacer: p}), "GET", 60, 1)
		if o.worst() > 10 || o.denied != 0 {
			t.Errorf("%d in a window of 10, %d refused", o.worst(), o.denied)
		}
	})
}
