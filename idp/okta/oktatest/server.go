package oktatest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"scim-sync/internal/faults"
)

// Server is an org as an http.Handler. It listens nowhere itself and is safe
// for concurrent use.
type Server struct {
	apiToken string
	signIn   *signIn
	meter    *meter
	log      requestLog
	handler  http.Handler
	serial   atomic.Uint64

	clock       func() time.Time
	latency     time.Duration
	limits      Limits
	concurrency int
	pageCap     int
	lag         time.Duration
	listLag     time.Duration
	logDelay    func(kind string, n int) time.Duration
	aged        time.Time
	linger      bool
	fault       func(n int, r *http.Request) faults.Kind
	before      func(n int, r *http.Request) // nil: nothing
	after       func(n int, r *http.Request)
	hidden      func(name string) bool
	leftOut     func(n int, r *http.Request, id string) bool

	mu  sync.RWMutex
	dir *directory
}

// New makes an org that holds what o says. An error names the entry of o that
// does not fit.
func New(o Org, opts ...Option) (*Server, error) {
	s := &Server{apiToken: o.APIToken, clock: time.Now, limits: StandardLimits(), concurrency: 75}
	for _, opt := range opts {
		opt(s)
	}
	if s.limits.Window%time.Second != 0 {
		return nil, fmt.Errorf("oktatest: a rate limit window of %v is not whole seconds", s.limits.Window)
	}
	start := s.now()
	if !s.aged.IsZero() {
		start = s.aged.UTC().Truncate(time.Second)
	}
	var err error
	if s.dir, err = load(o, start); err != nil {
		return nil, fmt.Errorf("oktatest: %w", err)
	}
	s.dir.lag, s.dir.linger, s.dir.listLag = s.lag, s.linger, s.listLag
	s.dir.log = eventLog{delay: s.logDelay, clock: s.clock}
	if s.signIn, err = newSignIn(o.ServiceApps); err != nil {
		return nil, fmt.Errorf("oktatest: %w", err)
	}
	s.meter = newMeter(s.limits, s.concurrency)
	s.handler = faults.Wrap(http.HandlerFunc(s.answer), s.fault, s.faultAnswers()...)
	return s, nil
}

// now is the org's time as its answers show it.
func (s *Server) now() time.Time { return s.clock().UTC().Truncate(time.Second) }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := s.log.begin(r, s.clock())
	seen := &watched{ResponseWriter: w}
	defer func() {
		s.log.end(entry, seen.status, w.Header())
		if s.after != nil {
			s.after(entry.N, r)
		}
	}()
	if s.before != nil {
		s.before(entry.N, r)
	}
	s.handler.ServeHTTP(seen, r.WithContext(context.WithValue(r.Context(), numberKey{}, entry.N)))
}

// numberKey is where a request carries its number.
type numberKey struct{}

func numberOf(r *http.Request) int {
	n, _ := r.Context().Value(numberKey{}).(int)
	return n
}

// answer is the way of every request: counted, held back, admitted, answered.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	bucket := bucketOf(r.URL.Path)
	st := s.meter.enter(bucket, s.clock())
	defer s.meter.leave(bucket)
	s.hold(r)
	s.decorate(w.Header())
	st.write(w.Header())
	if st.refused {
		s.refuse(w, r, tooMany())
		return
	}
	if bucket == BucketToken {
		s.serveToken(w, r)
		return
	}
	if err := s.admit(r, s.clock()); err != nil {
		s.refuse(w, r, err)
		return
	}
	s.serve(w, r)
}

// hold waits out the latency.
func (s *Server) hold(r *http.Request) {
	if s.latency <= 0 {
		return
	}
	t := time.NewTimer(s.latency)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// decorate sets the headers that every answer has.
func (s *Server) decorate(h http.Header) {
	h.Set("Date", s.clock().UTC().Format(http.TimeFormat))
	h.Set("Server", "nginx")
	h.Set("X-Okta-Request-Id", hex.EncodeToString(s.mark("request", 16)))
	h.Set("Cache-Control", "no-cache, no-store")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "0")
	h.Set("Strict-Transport-Security", "max-age=315360000; includeSubDomains")
	h.Set("Vary", "Accept-Encoding")
}

// mark gives n bytes that no other call gives.
func (s *Server) mark(kind string, n int) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(kind), s.serial.Add(1)))
	return sum[:n]
}

// reply is an answer that went well.
type reply struct {
	status int
	body   []byte // nil: none
	links  []string
}

func done(body []byte) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

func noContent() (reply, error) { return reply{status: http.StatusNoContent}, nil }

// serve finds the endpoint, runs it under the lock and sends what it says.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.lag > 0 {
		s.mu.Lock()
		s.dir.catchUp(s.clock())
		s.mu.Unlock()
	}
	e := s.route(r)
	rep, err := s.run(e, r, w.Header())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	for _, l := range rep.links {
		w.Header().Add("Link", l)
	}
	if rep.body != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(rep.status)
	if rep.body != nil {
		_, _ = w.Write(rep.body) // a client that has gone is its own affair
	}
}

func (s *Server) run(e endpoint, r *http.Request, w http.Header) (reply, error) {
	if r.Method == http.MethodGet {
		s.mu.RLock()
		defer s.mu.RUnlock()
	} else {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.dir.caller = caller{method: r.Method, path: r.URL.Path, requestID: w.Get("X-Okta-Request-Id")}
		defer func() { s.dir.caller = caller{} }()
	}
	return e(r)
}

// refuse sends an error in the shape it has at Okta.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if c, ok := errors.AsType[*challenge](err); ok {
		w.Header().Set("WWW-Authenticate", c.header(r))
		w.WriteHeader(c.status)
		return
	}
	refused := internalError()
	errors.As(err, &refused)
	id := "oae" + base64.RawURLEncoding.EncodeToString(s.mark("error", 16))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(refused.status)
	_, _ = w.Write(refused.body(id))
}

// serveToken answers POST /oauth2/v1/token.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		s.refuse(w, r, noSuchMethod())
		return
	}
	out, nonce, refused := s.signIn.token(r, s.clock())
	if nonce != "" {
		w.Header().Set("DPoP-Nonce", nonce)
	}
	w.Header().Set("Content-Type", "application/json")
	if refused != nil {
		w.WriteHeader(refused.status)
		_, _ = w.Write(encoded(nil, ordered{{"error", refused.code}, {"error_description", refused.description}}))
		return
	}
	_, _ = w.Write(encoded(nil, out))
}

// faultAnswers are the faults that Okta has a shape of its own for.
func (s *Server) faultAnswers() []faults.Option {
	as := func(e *refusal, st *standing) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.decorate(w.Header())
			if st != nil {
				standing{limit: st.limit, reset: s.clock().Add(2 * time.Second)}.write(w.Header())
			}
			s.refuse(w, r, e)
		})
	}
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, tooMany()) })
	return []faults.Option{
		faults.WithAnswer(faults.ServerError, as(internalError(), nil)),
		faults.WithAnswer(faults.Unavailable, as(readOnly(), nil)),
		faults.WithAnswer(faults.Limited, as(tooMany(), &standing{limit: 50})),
		faults.WithAnswer(faults.LimitedBare, bare),
	}
}

// decode reads the body of a write.
func decode(r *http.Request, into any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20)).Decode(into); err != nil {
		return malformed()
	}
	return nil
}
