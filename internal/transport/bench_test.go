package transport_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"scim-sync/internal/transport"
)

// The cost of a request beyond what its Base takes: the Base alone, with the
// Transport around it, and with each pacer.
func BenchmarkRoundTrip(b *testing.B) {
	body := strings.Repeat("x", 4096)
	base := roundTrip(func(r *http.Request) (*http.Response, error) { return answer(r, 200, body), nil })
	with := func(p transport.Pacer) http.RoundTripper {
		return transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}, Pacer: p})
	}
	for _, c := range []struct {
		name string
		rt   http.RoundTripper
	}{
		{"base", base},
		{"transport", with(nil)},
		{"rate", with(transport.NewRatePacer(0, 0))},
		{"window", with(transport.NewWindowPacer(transport.WindowOptions{}))},
	} {
		b.Run(c.name, func(b *testing.B) {
			r, _ := http.NewRequestWithContext(b.Context(), "GET", "http://localhost/api/v1/apps/x/users?limit=500", nil)
			b.ReportAllocs()
			for b.Loop() {
				resp, err := c.rt.RoundTrip(r)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
}

// The same over a real connection, from 16 goroutines.
func BenchmarkLoopback(b *testing.B) {
	body := strings.Repeat("x", 4096)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
	defer srv.Close()
	plain := http.DefaultTransport.(*http.Transport).Clone()
	plain.MaxIdleConnsPerHost = 64
	for _, c := range []struct {
		name string
		rt   http.RoundTripper
	}{
		{"base", plain},
		{"transport", transport.New(transport.Options{Base: plain, Hosts: []string{srv.Listener.Addr().String()}})},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, _ := http.NewRequestWithContext(b.Context(), "GET", srv.URL, nil)
					resp, err := c.rt.RoundTrip(r)
					if err != nil {
						b.Error(err)
						return
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			})
		})
	}
	plain.CloseIdleConnections()
}
