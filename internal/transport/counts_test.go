package transport_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/internal/transport"
)

// Every request that the service sees is counted and let go by the pacer, also
// when connections that were used before are closed without an answer.
func TestEveryAttemptIsCounted(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault func(n int) http.HandlerFunc
	}{
		{"closed", func(n int) http.HandlerFunc {
			if n > 6 && n <= 9 {
				return closed
			}
			return ok
		}},
		{"503", func(n int) http.HandlerFunc {
			if n > 6 && n <= 9 {
				return status(503)
			}
			return ok
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				seen := 0
				s := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					seen++
					h := tc.fault(seen)
					mu.Unlock()
					<-time.After(100 * time.Millisecond) // six connections, then used again
					h(w, r)
				})
				pacer := &counting{}
				tr := serve(t, s, transport.Options{Pacer: pacer})
				for range 2 {
					all(t, tr, "GET", 6, 6)
				}
				if c := tr.Counts(); c.Requests != seen || c.Requests != 15 || c.Retries != 3 || pacer.left != seen || pacer.seen != seen {
					t.Errorf("%d seen by the service, counts %+v, %d let go, %d observed", seen, c, pacer.left, pacer.seen)
				}
			})
		})
	}
}

// counting is a pacer that holds nobody.
type counting struct {
	mu         sync.Mutex
	left, seen int
}

func (c *counting) Wait(ctx context.Context, _ *http.Request, _ time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left++
	return ctx.Err()
}

func (c *counting) Observe(*http.Request, *http.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen++
}

// What a Base asks for is met by an attempt of its own, at once, each thing
// once; when it is asked for again the answer is the answer.
func TestChallenges(t *testing.T) {
	for _, tc := range []struct {
		name  string
		keys  []any // of the challenges, one an attempt; then 200
		seen  int
		code  int
		lasts time.Duration
	}{
		{"one", []any{"nonce"}, 2, 200, 0},
		{"two things", []any{"nonce", "token"}, 3, 200, 0},
		{"the same again", []any{"nonce", "nonce"}, 2, 401, 0},
		{"and a failure", []any{"nonce", nil}, 3, 200, 250 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, met := 0, 0
				base := roundTrip(func(r *http.Request) (*http.Response, error) {
					b, _ := io.ReadAll(r.Body)
					if string(b) != "body" {
						t.Errorf("body %q", b)
					}
					if n++; n > len(tc.keys) {
						return answer(r, 200, "{}"), nil
					}
					if tc.keys[n-1] == nil {
						return answer(r, 503, "{}"), nil
					}
					return nil, &transport.Challenge{Answer: answer(r, 401, "{}"), Key: tc.keys[n-1], Met: func() { met++ }}
				})
				pacer := &counting{}
				tr := transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}, Pacer: pacer})
				r, _ := http.NewRequestWithContext(t.Context(), "PUT", "http://localhost/x", strings.NewReader("body"))
				start := time.Now()
				resp, err := tr.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				c := tr.Counts()
				if resp.StatusCode != tc.code || n != tc.seen || c.Requests != n || pacer.left != n || pacer.seen != n || time.Since(start) > tc.lasts {
					t.Errorf("%d after %d attempts and %s, counts %+v, paced %d", resp.StatusCode, n, time.Since(start), c, pacer.left)
				}
				if retries := max(0, n-1-met); c.Retries != retries {
					t.Errorf("%d retries, want %d", c.Retries, retries)
				}
			})
		})
	}
}

// The time that was waited is the time during which nothing was under way,
// however many waited.
func TestWaitedIsTimeThatStoodStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		tr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if time.Since(start) < 30*time.Second {
				status(429, "Retry-After", "30")(w, r)
				return
			}
			<-time.After(time.Second)
			ok(w, r)
		}), transport.Options{Pacer: transport.NewRatePacer(0, 0)})
		all(t, tr, "GET", 12, 12)
		if c := tr.Counts(); c.Limited == 0 || c.Waited != 30*time.Second || time.Since(start) != 31*time.Second {
			t.Errorf("took %s, counts %+v", time.Since(start), c)
		}
	})
}
