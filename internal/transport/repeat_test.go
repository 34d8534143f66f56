package transport_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/internal/transport"
)

// script answers the n-th request by its n-th entry, and by the last one for
// ever.
type script struct {
	steps []http.HandlerFunc
	mu    sync.Mutex
	at    []time.Time
	body  []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	n := min(len(s.at), len(s.steps)-1)
	s.at = append(s.at, time.Now())
	s.body = append(s.body, string(b))
	s.mu.Unlock()
	s.steps[n](w, r)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}

func (s *script) bodies() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.body, ",")
}

func ok(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"ok":true}`) }

// drip answers a byte a second for ever.
func drip(w http.ResponseWriter, r *http.Request) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		io.WriteString(w, " ")
		w.(http.Flusher).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

func closed(w http.ResponseWriter, _ *http.Request) { hijack(w, "") }

// Each passing fault is overcome by another attempt where one is allowed.
func TestWhatIsRepeated(t *testing.T) {
	const always, never = true, false
	for _, tc := range []struct {
		name  string
		fault http.HandlerFunc
		get   bool
		post  bool
	}{
		{"closed", closed, always, never},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1,2")
		}, always, never},
		{"slow drip", drip, always, never},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, always, never},
		{"423", status(423), always, never},
		{"429", status(429), always, always},
		{"500", status(500), always, never},
		{"502", status(502), always, never},
		{"503", status(503, "Retry-After", "2"), always, never},
		{"504", status(504), always, never},
	} {
		for method, want := range map[string]bool{"GET": tc.get, "PUT": tc.get, "PATCH": tc.get, "DELETE": tc.get, "POST": tc.post} {
			t.Run(tc.name+" "+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &script{steps: []http.HandlerFunc{tc.fault, tc.fault, ok}}
					tr := serve(t, s, transport.Options{})
					r := request(t, t.Context(), method, "/x")
					if method != "GET" {
						r, _ = http.NewRequestWithContext(t.Context(), method, "http://localhost/x", io.NopCloser(strings.NewReader("body")))
					}
					resp, err := tr.RoundTrip(r)
					if !want {
						if s.count() != 1 || err == nil {
							t.Fatalf("%d attempts and %v; want one and an error", len(s.at), err)
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					b, _ := io.ReadAll(resp.Body)
					if string(b) != `{"ok":true}` || s.count() != 3 {
						t.Errorf("answer %q after %d attempts; want the third", b, s.count())
					}
					if method != "GET" && s.bodies() != "body,body,body" {
						t.Errorf("bodies %q: not rewound", s.bodies())
					}
					if c := tr.Counts(); c.Requests != 3 || c.Retries != 2 || c.Reads+c.Writes != 3 {
						t.Errorf("counts %+v", c)
					}
				})
			})
		}
	}
}

// A request that never left is repeated whatever its method.
func TestUnsentPostIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			if n++; n < 3 {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			return answer(r, 201, "{}"), nil
		})
		tr := transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}})
		resp, err := tr.RoundTrip(request(t, t.Context(), "POST", "/x"))
		if err != nil || resp.StatusCode != 201 || n != 3 {
			t.Fatalf("%v, %v after %d attempts", resp, err, n)
		}
		if c := tr.Counts(); c.Requests != 1 || c.Writes != 1 {
			t.Errorf("counts %+v; want the one that left", c)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(r *http.Request, code int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: code, Header: h, Request: r, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body))}
}

// An error tells whether some attempt may have been carried out, whatever became
// of the last one.
func TestDoubt(t *testing.T) {
	for name, c := range map[string]struct {
		codes []int // of the answers; 0: the connection is lost
		doubt bool
	}{
		"refused by the limit":           {[]int{429}, false},
		"the limit, after a lost answer": {[]int{0, 429}, true},
		"the limit, after a 502":         {[]int{502, 429}, true},
		"lost, after the limit":          {[]int{429, 0, 0, 0, 0, 0}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			tr := transport.New(transport.Options{Side: "s", Hosts: []string{"h"}, Patience: time.Minute, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				code := c.codes[min(n, len(c.codes)-1)]
				n++
				if code == 0 {
					return nil, io.ErrUnexpectedEOF
				}
				h := http.Header{}
				if code == 429 && n == len(c.codes) {
					h.Set("Retry-After", "3600")
				}
				return &http.Response{StatusCode: code, Header: h, Body: http.NoBody, Request: r}, nil
			})})
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, "https://h/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = tr.RoundTrip(r)
			var e *transport.Error
			if !errors.As(err, &e) || e.Doubt != c.doubt {
				t.Errorf("%s: %+v", name, e)
			}
		})
	}
}
