package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Watched is what a watch tells of itself.
type Watched interface {
	// Observe takes in a run that has ended.
	Observe(Run)
	// Ready says whether the last run could read both sides.
	Ready(bool)
}

// Server serves /metrics, /healthz and /readyz.
type Server struct {
	*Figures
	http  *http.Server
	addr  net.Addr
	late  func() time.Duration
	ready atomic.Bool
}

// AddressError is an address that is not to be listened at.
type AddressError struct{ Address, Why string }

func (e *AddressError) Error() string { return "--listen " + e.Address + ": " + e.Why }

// Hint says what to give instead.
func (e *AddressError) Hint() string {
	if strings.Contains(e.Why, "in use") {
		return "Another program listens there, perhaps another watch. Give another port."
	}
	return "Give an address of this machine alone, as --listen 127.0.0.1:9464; or say --listen-any where other machines have to reach it: nothing there asks who they are, and it says how many people are managed and whether runs fail."
}

// ExitCode is that of a wrong usage.
func (e *AddressError) ExitCode() int { return 5 }

// Listen begins to serve figures at an address of this machine alone, unless anywhere is
// set. late says for how long the watch should have been heard of; 0 or less: it is
// alive. It is not ready at first.
func Listen(ctx context.Context, address string, anywhere bool, f *Figures, late func() time.Duration) (*Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &AddressError{address, "must be an address and a port"}
	}
	if ip := net.ParseIP(host); !anywhere && (ip == nil || !ip.IsLoopback()) && host != "localhost" {
		return nil, &AddressError{address, "other machines would reach that"}
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		if cause, ok := errors.AsType[*net.OpError](err); ok {
			err = cause.Err
		}
		return nil, &AddressError{address, err.Error()}
	}
	s := &Server{Figures: f, addr: l.Addr(), late: late}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(f.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.health()) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.readiness()) })
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	go func() { _ = s.http.Serve(l) }() // ends with Close
	return s, nil
}

// Addr is where it listens.
func (s *Server) Addr() string { return s.addr.String() }

// Close ends it at once.
func (s *Server) Close() { _ = s.http.Close() }

// Ready says whether the last run could read both sides.
func (s *Server) Ready(ready bool) { s.ready.Store(ready) }

// health says why the watch is not alive.
func (s *Server) health() error {
	if late := s.late(); late > 0 {
		return fmt.Errorf("the watch should have been heard of %s ago", late.Round(time.Second))
	}
	return nil
}

// readiness says why the watch is not ready.
func (s *Server) readiness() error {
	if !s.ready.Load() {
		return errors.New("no run has read both sides yet, or the last one could not")
	}
	return nil
}

func answer(w http.ResponseWriter, why error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if why != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintln(w, why)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}
