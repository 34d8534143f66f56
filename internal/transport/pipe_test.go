package transport_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"scim-sync/internal/transport"
)

// pipes is a listener whose connections are in memory, so that an HTTP server
// runs in a synctest bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// serve runs h over pipes and gives a Transport to it, in which o sets the rest.
func serve(t *testing.T, h http.Handler, o transport.Options) *transport.Transport {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
	base := &http.Transport{DialContext: l.dial, MaxIdleConnsPerHost: 64}
	t.Cleanup(func() {
		base.CloseIdleConnections()
		srv.Close()
	})
	o.Base = base
	if o.Side == "" {
		o.Side = "okta"
	}
	o.Hosts = []string{"localhost"}
	return transport.New(o)
}

func request(t *testing.T, ctx context.Context, method, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
