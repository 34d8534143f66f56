package transport_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/internal/transport"
)

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
