package transport_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"scim-sync/internal/freeport"
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
			r, _ := http.NewRequestWithContext(transport.WithCallOptions(t.Context(), transport.CallOptions{Attempts: 1}), tc.method,
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
	refused, err := freeport.Address()
	if err != nil {
		t.Fatal(err)
	}
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
			r, _ := http.NewRequestWithContext(transport.WithCallOptions(t.Context(), transport.CallOptions{Attempts: 1}), "POST", tc.url+"/scim/v2/Users?q=secret", strings.NewReader("{}"))
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
