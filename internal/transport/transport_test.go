package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/internal/transport"
)

// hijack takes the connection, writes raw on it and closes it.
func hijack(w http.ResponseWriter, raw string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	io.WriteString(conn, raw)
	conn.Close()
}

func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, `{"errorCode":"E"}`)
	}
}

// Every fault of one attempt over a real connection has its kind and words, and
// none shows io.EOF, a query or a header.
func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc
		method  string
		kind    transport.ErrorKind
		status  int
		text    string
	}{
		{"reset", func(w http.ResponseWriter, _ *http.Request) { reset(w) }, "GET", transport.Lost, 0, "connection reset"},
		{"closed without an answer", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") }, "GET", transport.Lost, 0, "closed without an answer"},
		{"closed amid the header", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "HTTP/1.1 200 OK\r\nContent-") }, "GET", transport.Lost, 0, "not valid HTTP"},
		{"closed after a write", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") }, "POST", transport.Lost, 0, "may have been carried out"},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1,2")
		}, "GET", transport.Lost, 200, "cut short after 4 of 10 bytes"},
		{"cut short in chunks", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1,2\r\n")
		}, "GET", transport.Lost, 200, "cut short after 4 bytes"},
		{"no HTTP at all", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "SSH-2.0-OpenSSH\r\n") }, "GET", transport.Lost, 0, "not valid HTTP"},
		{"423", status(423), "GET", transport.Failed, 423, "HTTP 423 Locked"},
		{"500", status(500, "X-Okta-Request-Id", "abc\u202e[31m"), "GET", transport.Failed, 500, "HTTP 500 Internal Server Error [request abc[31m]"},
		{"502", status(502), "DELETE", transport.Failed, 502, "HTTP 502"},
		{"503", status(503, "Cf-Ray", "8f"), "PATCH", transport.Failed, 503, "[request 8f]"},
		{"504", status(504), "POST", transport.Failed, 504, "HTTP 504"},
		{"Cloudflare's 522", status(522), "GET", transport.Failed, 522, "HTTP 522"},
		{"429 beyond all patience", status(429, "Retry-After", "3600"), "GET", transport.Limited, 429, "asks to wait 1h0m0s more, beyond the patience of 10m0s"},
		{"announced too large", status(200, "Content-Length", "4097"), "GET", transport.TooLarge, 200, "larger than 4 KiB"},
		{"too large in chunks", func(w http.ResponseWriter, _ *http.Request) {
			for range 9 {
				w.Write(make([]byte, 1000))
			}
		}, "GET", transport.TooLarge, 200, "larger than 4 KiB"},
		{"header too large", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 300<<10))
		}, "GET", transport.TooLarge, 0, "header is larger than 256 KiB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := httptest.NewServer(tc.handler)
			defer srv.Close()
			srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
			tr := transport.New(transport.Options{Side: "okta", Hosts: []string{srv.Listener.Addr().String()}, MaxBody: 4096})
			defer tr.CloseIdleConnections()
			r, _ := http.NewRequestWithContext(transport.WithAttempts(t.Context(), 1), tc.method,
				srv.URL+"/api/v1/%0Ausers?client_assertion=secret", nil)
			r.Header.Set("Authorization", "SSWS secret")
			resp, err := tr.RoundTrip(r)
			var e *transport.Error
			if !errors.As(err, &e) || resp != nil {
				t.Fatalf("got %v, %v; want an *Error", resp, err)
			}
			if e.Kind != tc.kind || e.Status != tc.status || e.Attempts != 1 {
				t.Errorf("kind %v, status %d, attempts %d; want %v, %d, 1", e.Kind, e.Status, e.Attempts, tc.kind, tc.status)
			}
			if !strings.HasPrefix(e.Error(), "okta "+tc.method+" /api/v1/%0Ausers: ") || !strings.Contains(e.Error(), tc.text) {
				t.Errorf("text %q lacks %q", e, tc.text)
			}
			if strings.Contains(e.Error(), "secret") || strings.ContainsAny(e.Error(), "\n\x1b") {
				t.Errorf("text %q shows what it must not", e)
			}
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v shows an EOF or a deadline that is not the caller's", err)
			}
		})
	}
}

// What never left is told apart from what was lost.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := l.Addr().String()
	l.Close()
	tls := httptest.NewTLSServer(status(200))
	defer tls.Close()
	tls.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	closing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer closing.Close()
	go func() {
		for {
			c, err := closing.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	for _, tc := range []struct{ name, url, text string }{
		{"refused", "http://" + refused, "connection refused"},
		{"certificate", tls.URL, "TLS certificate not trusted: signed by an unknown authority (a private one goes into SSL_CERT_FILE)"},
		{"closed in the handshake", "https://" + closing.Addr().String(), "connection"},
		{"not TLS", "https://" + strings.TrimPrefix(httpOnly(t), "http://"), "the server does not speak TLS"},
		{"no such host", "https://scim-sync.invalid", "host"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			u, _ := url.Parse(tc.url)
			tr := transport.New(transport.Options{Side: "attio", Hosts: []string{u.Host}})
			defer tr.CloseIdleConnections()
			r, _ := http.NewRequestWithContext(transport.WithAttempts(t.Context(), 1), "POST", tc.url+"/scim/v2/Users?q=secret", strings.NewReader("{}"))
			_, err := tr.RoundTrip(r)
			var e *transport.Error
			if !errors.As(err, &e) || e.Kind != transport.Unreachable {
				t.Fatalf("got %v, kind %v; want Unreachable", err, transport.KindOf(err))
			}
			if !strings.Contains(e.Error(), tc.text) || strings.Contains(e.Error(), "secret") || errors.Is(err, io.EOF) {
				t.Errorf("text %q lacks %q, or shows too much", e, tc.text)
			}
			if c := tr.Counts(); c.Requests != 0 {
				t.Errorf("%d requests counted, though none left", c.Requests)
			}
		})
	}
}

func httpOnly(t *testing.T) string {
	srv := httptest.NewServer(status(200))
	t.Cleanup(srv.Close)
	return srv.URL
}

// Nothing is sent to a host or by a scheme that is not allowed, and redirects
// are handed back, not followed.
func TestOnlyAllowedHosts(t *testing.T) {
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	}))
	defer srv.Close()
	addr := srv.Listener.Addr().String()
	tr := transport.New(transport.Options{Side: "okta", Hosts: []string{addr, "acme.okta.com"}})
	defer tr.CloseIdleConnections()
	for _, u := range []string{
		"https://evil.example/x", "http://acme.okta.com/x", "https://acme.okta.com:8443/x", "ftp://acme.okta.com/x",
		"https://acme.okta.com.evil.example/x", "https://acme.okta.com@evil.example/x", "http://127.0.0.1:1/x", "file:///etc/passwd",
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", u, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tr.RoundTrip(r); transport.KindOf(err) != transport.Forbidden {
			t.Errorf("%s: got %v, want Forbidden", u, err)
		}
	}
	if hits.Load() != 0 {
		t.Fatal("a forbidden request left")
	}
	for _, to := range []string{"https://evil.example/", "/elsewhere", "", "http://bad%zzhost/"} {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/?to="+url.QueryEscape(to), nil)
		resp, err := tr.RoundTrip(r)
		if err != nil || resp.StatusCode != http.StatusFound || resp.Request != r {
			t.Fatalf("redirect to %q: %v, %v; want the 302 handed back", to, resp, err)
		}
		if got := resp.Header.Get("Location"); got != to {
			t.Errorf("Location is %q, want %q", got, to)
		}
	}
	if n := hits.Load(); n != 4 {
		t.Errorf("%d requests reached the server, want 4", n)
	}
}

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
				ctx = transport.WithAttempts(ctx, n)
			}
			_, err := tr.RoundTrip(request(t, ctx, "GET", "/x"))
			if !errors.As(err, &e) || e.Kind != transport.Failed || e.Attempts != want || s.count() != want {
				t.Errorf("WithAttempts(%d): %v after %d", n, err, s.count())
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
		_, err := tr.RoundTrip(request(t, transport.WithAttempts(t.Context(), 1), "GET", "/x"))
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

func (stuck) Wait(ctx context.Context, _ *http.Request) error { <-ctx.Done(); return ctx.Err() }
func (stuck) Observe(*http.Request, *http.Response)           {}

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

// Answers come whole and may be read after everything is closed; the caller's
// request stays as it was.
func TestAnswersAreWhole(t *testing.T) {
	var agent atomic.Value
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent.Store(r.UserAgent())
		if r.Method == "HEAD" {
			w.Header().Set("Content-Length", "1000")
			return
		}
		b, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNotFound)
		w.Write(bytes.Repeat(b, 3))
	}))
	tr := transport.New(transport.Options{Side: "attio", Hosts: []string{srv.Listener.Addr().String()}, UserAgent: "scim-sync/1"})
	r, _ := http.NewRequestWithContext(t.Context(), "PUT", srv.URL+"/x", strings.NewReader("abc"))
	before := r.Header.Clone()
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	head, _ := http.NewRequestWithContext(t.Context(), "HEAD", srv.URL+"/x", nil)
	if resp, err := tr.RoundTrip(head); err != nil || resp.StatusCode != 200 {
		t.Errorf("HEAD: %v, %v", resp, err)
	}
	tr.CloseIdleConnections()
	srv.Close()
	b, err := io.ReadAll(resp.Body)
	if string(b) != "abcabcabc" || err != nil || resp.StatusCode != 404 || resp.Request != r {
		t.Errorf("%d %q, %v", resp.StatusCode, b, err)
	}
	if d := cmp.Diff(before, r.Header); d != "" || agent.Load() != "scim-sync/1" {
		t.Errorf("agent %v, header changed: %s", agent.Load(), d)
	}
	want := transport.Counts{Requests: 2, Reads: 1, Writes: 1, Received: 9, Sent: 3, Peak: 1}
	if d := cmp.Diff(want, tr.Counts()); d != "" {
		t.Errorf("counts: %s", d)
	}
}

// refusal is what a Base says that failed before the request left.
type refusal struct{ again bool }

func (r *refusal) Error() string { return "no token for https://acme.okta.com/oauth?x=secret" }
func (r *refusal) Again() bool   { return r.again }

// An error of the Base that another attempt cannot mend is handed up at once,
// with its type.
func TestUnsentByBase(t *testing.T) {
	for again, want := range map[bool]int{false: 1, true: 5} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			base := roundTrip(func(*http.Request) (*http.Response, error) { n++; return nil, &refusal{again} })
			tr := transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}})
			_, err := tr.RoundTrip(request(t, t.Context(), "POST", "/x"))
			var mine *refusal
			if !errors.As(err, &mine) || transport.KindOf(err) != transport.Unreachable || n != want {
				t.Errorf("again %v: %v after %d", again, err, n)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%v shows a query", err)
			}
		})
	}
}

// Many goroutines share one Transport; its log never shows a query or a header.
func TestShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var mu sync.Mutex
		h := slog.NewTextHandler(writer(func(b []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return log.Write(b) }),
			&slog.HandlerOptions{Level: slog.LevelDebug})
		var n atomic.Int32
		faulty := func(w http.ResponseWriter, r *http.Request) {
			<-time.After(10 * time.Millisecond)
			switch n.Add(1) % 7 {
			case 0:
				hijack(w, "")
			case 3:
				status(503)(w, r)
			case 5:
				status(429, "Retry-After", "1")(w, r)
			default:
				ok(w, r)
			}
		}
		tr := serve(t, http.HandlerFunc(faulty), transport.Options{Attempts: 50, Log: slog.New(h),
			Pacer: transport.NewRatePacer(1000, 1000)})
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() {
				for i := range 20 {
					r := request(t, t.Context(), "GET", fmt.Sprintf("/x/%d?token=secret", i))
					r.Header.Set("Authorization", "secret")
					if _, err := tr.RoundTrip(r); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		c := tr.Counts()
		if c.Requests != 480+c.Retries || c.Peak < 2 || c.Peak > 24 || c.Limited == 0 || c.Waited == 0 {
			t.Errorf("counts %+v", c)
		}
		if s := log.String(); strings.Contains(s, "secret") || !strings.Contains(s, "attempt=2") {
			t.Error("the log shows a secret, or no attempts")
		}
	})
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
