package transport_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/internal/transport"
)

// A 429 is waited out as it asks, by the server's clock, without using up the
// attempts.
func TestWaitsAsTold(t *testing.T) {
	const date = "Tue, 23 May 2023 14:42:01 GMT"
	for _, tc := range []struct {
		name     string
		header   []string
		min, max time.Duration
	}{
		{"seconds", []string{"Retry-After", "7"}, 7 * time.Second, 7 * time.Second},
		{"a fraction", []string{"Retry-After", "0.5"}, 500 * time.Millisecond, 500 * time.Millisecond},
		{"HTTP date", []string{"Retry-After", "Tue, 23 May 2023 14:42:04 GMT", "Date", date}, 3 * time.Second, 3 * time.Second},
		{"ISO 8601", []string{"Retry-After", "2023-05-23T16:42:05+02:00", "Date", date}, 4 * time.Second, 4 * time.Second},
		{"ISO 8601 without zone", []string{"Retry-After", "2023-05-23T14:42:05.250", "Date", date}, 4250 * time.Millisecond, 4250 * time.Millisecond},
		{"Okta's reset", []string{"X-Rate-Limit-Limit", "50", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", "1684852929", "Date", date}, 9 * time.Second, 9 * time.Second},
		{"Okta's concurrency limit", []string{"X-Rate-Limit-Limit", "0", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", "1684852980", "Date", date}, 250 * time.Millisecond, time.Second},
		{"nothing", nil, 250 * time.Millisecond, time.Second},
		{"a date in the past", []string{"Retry-After", "Tue, 23 May 2023 14:41:04 GMT", "Date", date}, 250 * time.Millisecond, time.Second},
		{"rubbish", []string{"Retry-After", "soon"}, 250 * time.Millisecond, time.Second},
		{"negative", []string{"Retry-After", "-5"}, 250 * time.Millisecond, time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []http.HandlerFunc{status(429, tc.header...), ok}}
				tr := serve(t, s, transport.Options{Attempts: 1})
				start := time.Now()
				if _, err := tr.RoundTrip(request(t, t.Context(), "POST", "/x")); err != nil {
					t.Fatal(err)
				}
				if d := time.Since(start); d < tc.min || d > tc.max {
					t.Errorf("waited %s, want %s to %s", d, tc.min, tc.max)
				}
				if c := tr.Counts(); c.Limited != 1 || c.Waited != time.Since(start) {
					t.Errorf("counts %+v", c)
				}
			})
		})
	}
}

// A 429 that never ends ends by Patience, a 500 by Attempts, or by what
// WithAttempts allows.
func TestGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []http.HandlerFunc{status(429, "Retry-After", "7")}}
		tr := serve(t, s, transport.Options{Patience: time.Minute})
		start := time.Now()
		_, err := tr.RoundTrip(request(t, t.Context(), "GET", "/x"))
		var e *transport.Error
		if !errors.As(err, &e) || e.Kind != transport.Limited || e.Status != 429 || e.Attempts != 9 || string(e.Body) != `{"errorCode":"E"}` {
			t.Errorf("got %+v", e)
		}
		if e.Waited != 56*time.Second || time.Since(start) != e.Waited {
			t.Errorf("waited %s", e.Waited)
		}

		for n, want := range map[int]int{0: 5, 1: 1, 2: 2, 99: 5} {
			s := &script{steps: []http.HandlerFunc{status(500)}}
			tr := serve(t, s, transport.Options{})
			ctx := t.Context()
			if n > 0 {
				ctx = transport.WithCallOptions(ctx, transport.CallOptions{Attempts: n})
			}
			_, err := tr.RoundTrip(request(t, ctx, "GET", "/x"))
			if !errors.As(err, &e) || e.Kind != transport.Failed || e.Attempts != want || s.count() != want {
				t.Errorf("Attempts %d: %v after %d", n, err, s.count())
			}
			if e.Waited > (250+500+1000+2000+4)*time.Millisecond {
				t.Errorf("waited %s for five attempts", e.Waited)
			}
		}
	})
}

// One attempt is timed from dial to the last byte, and that is not taken for
// the end of the caller's context.
func TestTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := serve(t, http.HandlerFunc(drip), transport.Options{Timeout: 20 * time.Second})
		start := time.Now()
		_, err := tr.RoundTrip(request(t, transport.WithCallOptions(t.Context(), transport.CallOptions{Attempts: 1}), "GET", "/x"))
		var e *transport.Error
		if !errors.As(err, &e) || e.Kind != transport.Lost || !e.TimedOut || !strings.Contains(err.Error(), "timed out after 20s") {
			t.Errorf("got %v", err)
		}
		if time.Since(start) != 20*time.Second || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

// A context that ends does so at once, in flight, in a backoff, in a pacer, and
// its error is in the chain.
func TestCancelled(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc
		pacer   transport.Pacer
		kind    transport.ErrorKind
	}{
		{"in flight", hang, nil, transport.Lost},
		{"waiting after a 429", status(429, "Retry-After", "60"), nil, transport.Limited},
		{"waiting after a 503", status(503, "Retry-After", "60"), nil, transport.Failed},
		{"held back", ok, stuck{}, transport.Unreachable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := serve(t, tc.handler, transport.Options{Pacer: tc.pacer})
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				start := time.Now()
				_, err := tr.RoundTrip(request(t, ctx, "GET", "/x"))
				if !errors.Is(err, context.DeadlineExceeded) || transport.KindOf(err) != tc.kind {
					t.Errorf("got %v (%v), want %v", err, transport.KindOf(err), tc.kind)
				}
				if d := time.Since(start); d != 5*time.Second {
					t.Errorf("ended after %s", d)
				}
				boom := errors.New("the other side failed")
				stop, done := context.WithCancelCause(t.Context())
				done(boom)
				_, err = tr.RoundTrip(request(t, stop, "GET", "/x"))
				if !errors.Is(err, context.Canceled) || !errors.Is(err, boom) || !strings.Contains(err.Error(), boom.Error()) {
					t.Errorf("got %v, want the cause too", err)
				}
			})
		})
	}
}

type stuck struct{}

func (stuck) Wait(ctx context.Context, _ *http.Request, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}
func (stuck) Observe(*http.Request, *http.Response) {}

// A pacer that holds a request longer than the patience makes it Limited.
func TestPatienceCoversPacing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := serve(t, http.HandlerFunc(ok), transport.Options{Pacer: stuck{}, Patience: time.Minute})
		_, err := tr.RoundTrip(request(t, t.Context(), "POST", "/x"))
		if transport.KindOf(err) != transport.Limited || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if c := tr.Counts(); c.Requests != 0 || c.Waited != time.Minute {
			t.Errorf("counts %+v", c)
		}
	})
}

// WithPatience cuts the waiting of one request short: what would take longer
// fails at once, and a pacer gets no more time than that.
func TestWithPatience(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		pacer   transport.Pacer
		kind    transport.ErrorKind
		took    time.Duration
	}{
		"a 429 that asks for a minute": {status(429, "Retry-After", "60"), nil, transport.Limited, 0},
		"a 503 that asks for a minute": {status(503, "Retry-After", "60"), nil, transport.Failed, 0},
		"a pacer that holds it back":   {ok, stuck{}, transport.Limited, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := serve(t, c.handler, transport.Options{Pacer: c.pacer})
				start := time.Now()
				_, err := tr.RoundTrip(request(t, transport.WithCallOptions(t.Context(), transport.CallOptions{Patience: 3 * time.Second}), "GET", "/x"))
				if transport.KindOf(err) != c.kind || time.Since(start) != c.took {
					t.Errorf("after %s: %v (%v)", time.Since(start), err, transport.KindOf(err))
				}
			})
		})
	}
}

// Waits may end before the request does: who waits for the pacer, or between
// attempts, gives up and says that nothing left; what is on its way is finished.
func TestWaitsEndByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits, end := context.WithCancel(t.Context())
		slow := roundTrip(func(r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(5 * time.Second):
				return answer(r, 200, "{}"), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
		tr := transport.New(transport.Options{Side: "attio", Base: slow, Hosts: []string{"localhost"}, Pacer: transport.NewRatePacer(1, 0.1)})
		start := time.Now()
		var wg sync.WaitGroup
		var done, waited atomic.Int32
		for range 3 { // one leaves at once, the others would wait 10 s and 20 s
			wg.Go(func() {
				_, err := tr.RoundTrip(request(t, transport.WithCallOptions(t.Context(), transport.CallOptions{Waits: waits}), "POST", "/x"))
				var e *transport.Error
				switch {
				case err == nil && time.Since(start) == 5*time.Second:
					done.Add(1)
				case errors.As(err, &e) && e.Kind == transport.Unreachable && e.Attempts == 0 && errors.Is(err, context.Canceled) && time.Since(start) == time.Second:
					waited.Add(1)
				default:
					t.Errorf("after %s: %v", time.Since(start), err)
				}
			})
		}
		time.Sleep(time.Second)
		end()
		wg.Wait()
		if done.Load() != 1 || waited.Load() != 2 {
			t.Errorf("%d were finished, %d gave up", done.Load(), waited.Load())
		}
	})
}

// A pause that an answer asked for ends with the waits, too, and the answer is
// what is told of.
func TestPauseEndsWithTheWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits, end := context.WithCancel(t.Context())
		busy := roundTrip(func(r *http.Request) (*http.Response, error) { return answer(r, 429, "{}", "Retry-After", "300"), nil })
		tr := transport.New(transport.Options{Side: "attio", Base: busy, Hosts: []string{"localhost"}})
		start := time.Now()
		time.AfterFunc(2*time.Second, end)
		_, err := tr.RoundTrip(request(t, transport.WithCallOptions(t.Context(), transport.CallOptions{Waits: waits}), "POST", "/x"))
		if transport.KindOf(err) != transport.Limited || time.Since(start) != 2*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}
