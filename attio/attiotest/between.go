package attiotest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
)

// WithBefore runs before each request is carried out, WithAfter when it was and
// before the client has its answer: what others change in the workspace between
// the requests of a reader. n counts requests from 1 in the order in which they
// came, anew after ResetLog; those of the sandbox's own pages do not count. Both
// may call any method of the Server.
func WithBefore(hook func(n int, r *http.Request)) Option { return func(s *Server) { s.before = hook } }

// WithAfter is told of in WithBefore.
func WithAfter(hook func(n int, r *http.Request)) Option { return func(s *Server) { s.after = hook } }

// WithLeftOut leaves entries out of the lists of single requests, filtered or not,
// as an index that is broken or trails would: those for whose ids it is true in
// the answer to the n-th request. A GET by id has them all the same. The id is
// that of SCIM, and of REST for /v2/workspace_members.
func WithLeftOut(left func(n int, r *http.Request, id string) bool) Option {
	return func(s *Server) { s.leftOut = left }
}

// Landing is how a request ends that is not simply carried out and answered.
type Landing struct {
	// After is how many more requests are answered before it is carried out. 0: it
	// is carried out at once, and only its answer is another.
	After int
	// Status is what it is answered with, whatever becomes of it; 0: 504.
	Status int
}

// WithLanding has requests land late, or be answered with something else than what
// becomes of them: nil for those that are as usual.
func WithLanding(landing func(n int, r *http.Request) *Landing) Option {
	return func(s *Server) { s.landing = landing }
}

// numberKey is where a request carries its number.
type numberKey struct{}

func numberOf(r *http.Request) int {
	n, _ := r.Context().Value(numberKey{}).(int)
	return n
}

// without gives a list without what is left out of the answer to a request.
func without[T any](s *Server, r *http.Request, all []T, id func(T) string) []T {
	if s.leftOut == nil {
		return all
	}
	kept := make([]T, 0, len(all))
	for _, v := range all {
		if !s.leftOut(numberOf(r), r, id(v)) {
			kept = append(kept, v)
		}
	}
	return kept
}

// late are the requests that are still on their way.
type late struct {
	mu  sync.Mutex
	all []lateRequest
}

type lateRequest struct {
	r     *http.Request
	body  []byte
	after int // requests to be answered before it lands
}

// land has a request end as its Landing says.
func (s *Server) land(a *answer, r *http.Request, body []byte, l Landing) *Snapshot {
	var snap *Snapshot
	if l.After == 0 {
		snap = s.process(newAnswer(), r)
	} else {
		s.late.mu.Lock()
		s.late.all = append(s.late.all, lateRequest{r: r.Clone(context.WithoutCancel(r.Context())), body: body, after: l.After + 1})
		s.late.mu.Unlock()
	}
	status := l.Status
	if status == 0 {
		status = http.StatusGatewayTimeout
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.fail(a, r, &Refusal{Status: status, Type: "api_error", Code: "landed", Detail: http.StatusText(status)})
	return snap
}

// landDue carries out what has waited for as many answers as it should.
func (s *Server) landDue() {
	s.landAll(func(l *lateRequest) bool { l.after--; return l.after <= 0 })
}

// LandAll carries out at once what is still on its way.
func (s *Server) LandAll() { s.landAll(func(*lateRequest) bool { return true }) }

func (s *Server) landAll(due func(*lateRequest) bool) {
	s.late.mu.Lock()
	var now, rest []lateRequest
	for _, l := range s.late.all {
		if due(&l) {
			now = append(now, l)
		} else {
			rest = append(rest, l)
		}
	}
	s.late.all = rest
	s.late.mu.Unlock()
	for _, l := range now {
		l.r.Body = io.NopCloser(bytes.NewReader(l.body))
		s.process(newAnswer(), l.r)
	}
}
