package attiotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"scim-sync/internal/pages"
)

// Server is a small Attio: API, SCIM, sign-in and sandbox pages in one
// http.Handler. It is safe for concurrent use.
type Server struct {
	mux     *http.ServeMux // everything but the sandbox's own pages
	sandbox *http.ServeMux

	mu    sync.RWMutex
	world *world

	latency    time.Duration
	limits     *limits
	log        requestLog
	observer   func(Snapshot)
	observerMu sync.Mutex
	before     func(n int, r *http.Request)
	after      func(n int, r *http.Request)
	leftOut    func(n int, r *http.Request, id string) bool
	landing    func(n int, r *http.Request) *Landing
	late       late
	pages      *pages.Set
	other      *pages.Other // that the overview leads to
	users      userLists
}

// New makes a server of a site. It fails when the site contradicts itself.
func New(site Site, opts ...Option) (*Server, error) {
	s := &Server{
		limits: newLimits(100, 25),
		world: &world{
			b: DefaultBehaviour(), now: time.Now, ids: map[string]bool{}, accounts: map[string]*account{},
			apps: map[string]*App{}, tokens: map[string]*token{}, refresh: map[string]*token{},
			codes: map[string]*grant{}, signIns: map[string]*session{},
		},
	}
	for _, o := range opts {
		o(s)
	}
	if err := s.world.load(site); err != nil {
		return nil, fmt.Errorf("this site cannot be: %w", err)
	}
	var err error
	if s.pages, err = loadPages(); err != nil {
		return nil, err
	}
	s.mux, s.sandbox = http.NewServeMux(), http.NewServeMux()
	s.routeSCIM()
	s.routeREST()
	s.routeOAuth()
	s.routeInvites()
	s.routeSandbox()
	return s, nil
}

// SetBehaviour changes the guesses from now on. What happened already stays:
// IDsEqualRest counts for people who join afterwards.
func (s *Server) SetBehaviour(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.b = b.filled()
	for _, ws := range s.world.workspaces {
		ws.version++ // lists may look different now
	}
}

// Behaviour gives the guesses in force.
func (s *Server) Behaviour() Behaviour {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.world.b
}

// maxBody is the most bytes of a request that are read; more answers 413.
const maxBody = 16 << 20

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isAPI(r.URL.Path) && r.URL.Path != "/oauth/token" && r.URL.Path != "/oauth/introspect" && !s.pages.Admits(w, r) {
		return // neither logged nor observed: it never came to a page
	}
	if isSandbox(r.URL.Path) {
		s.sandbox.ServeHTTP(w, r)
		return
	}
	ticket := s.log.enter(r)
	defer s.log.leave(ticket)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return // the client went away
	}
	if !pause(r, s.latency) {
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), numberKey{}, ticket.n))
	r.Body = io.NopCloser(bytes.NewReader(body))
	if s.before != nil {
		s.before(ticket.n, r)
	}
	var landing *Landing
	if s.landing != nil {
		landing = s.landing(ticket.n, r)
	}
	a := newAnswer()
	a.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	a.Header().Set("X-Request-Id", ticket.id)
	var snap *Snapshot
	switch {
	case tooLarge != nil:
		s.mu.RLock()
		s.fail(a, r, tooMuch("The request is larger than %d bytes.", maxBody))
		s.mu.RUnlock()
	case s.tooMany(a, r):
	case landing != nil:
		snap = s.land(a, r, body, *landing)
	default:
		snap = s.process(a, r)
	}
	done := s.log.done(ticket, a.status, s.now(), body)
	if s.observer != nil {
		s.observe(snap, done)
	}
	s.landDue()
	if s.after != nil {
		s.after(ticket.n, r)
	}
	a.send(w)
}

// process answers one request whole, and copies the state it left.
func (s *Server) process(a *answer, r *http.Request) *Snapshot {
	if isRead(r) {
		s.mu.RLock()
		defer s.mu.RUnlock()
	} else {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	s.mux.ServeHTTP(a, r)
	if s.observer == nil {
		return nil
	}
	snap := s.world.snapshot()
	return &snap
}

func (s *Server) observe(snap *Snapshot, done Request) {
	if snap == nil {
		now := s.Snapshot()
		snap = &now
	}
	snap.Request = done
	s.observerMu.Lock()
	defer s.observerMu.Unlock()
	s.observer(*snap)
}

// now is safe to call without the lock: the clock never changes after New.
func (s *Server) now() time.Time { return s.world.now() }

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func isSCIM(path string) bool { return strings.HasPrefix(path, "/scim/") }

func isAPI(path string) bool { return isSCIM(path) || strings.HasPrefix(path, "/v2/") }

// pause waits, unless the client goes away.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// answer holds a response until the request is over.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}, status: http.StatusOK} }

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // a client that went away is no concern
}
