package oktatest

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Request is one request as the server saw it.
type Request struct {
	N      int       `json:"n"` // from 1
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Status int       `json:"status"` // 0 while it runs, and when it was never answered
	At     time.Time `json:"at"`
	// Limit and Left are what the answer said of the rate limit; both are 0
	// where it said nothing.
	Limit int `json:"rate_limit"`
	Left  int `json:"rate_limit_left"`
}

// requestLog remembers requests.
type requestLog struct {
	mu  sync.Mutex
	n   int
	all []*Request
}

func (l *requestLog) begin(r *http.Request, now time.Time) *Request {
	query := r.URL.RawQuery
	if r.URL.Path == string(BucketToken) {
		query = "" // may hold an assertion, which is as good as a password
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	e := &Request{N: l.n, Method: r.Method, Path: r.URL.Path, Query: query, At: now}
	l.all = append(l.all, e)
	return e
}

func (l *requestLog) end(e *Request, status int, h http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Status = status
	e.Limit, _ = strconv.Atoi(h.Get(limitHeader))
	e.Left, _ = strconv.Atoi(h.Get(leftHeader))
}

// Requests gives every request since the start or the last ResetLog, in the
// order in which they came.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	out := make([]Request, len(s.log.all))
	for i, e := range s.log.all {
		out[i] = *e
	}
	return out
}

// ResetLog forgets the requests and loads so far and counts from 1 again.
func (s *Server) ResetLog() {
	s.log.mu.Lock()
	s.log.n, s.log.all = 0, nil
	s.log.mu.Unlock()
	s.meter.clear()
}

// Loads says how each bucket was used since the start or the last ResetLog.
func (s *Server) Loads() map[Bucket]Load { return s.meter.loads() }

// watched remembers the status of an answer.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
