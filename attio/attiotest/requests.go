package attiotest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request as it was answered. Headers are not kept, and
// neither are bodies and queries that carry credentials.
type Request struct {
	N      int       `json:"n"` // from 1, in the order of the answers
	ID     string    `json:"id"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Status int       `json:"status"`
	Write  bool      `json:"write"` // changes something, or would
	At     time.Time `json:"at"`    // of the answer
	Body   string    `json:"body,omitempty"`
}

// maxLogged is how many requests are remembered; the oldest go first.
const maxLogged = 200_000

type requestLog struct {
	mu          sync.Mutex
	n, given    int
	begun       int // since the log was reset
	requests    []Request
	flying      int
	peak        int
	peakWrites  int
	writes      int
	teamWrites  map[string]int
	overlapping int
}

// ticket is a request under way.
type ticket struct {
	n                       int // from 1, in the order in which they came
	id, method, path, query string
	write                   bool
}

func (l *requestLog) enter(r *http.Request) *ticket {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.given++
	l.begun++
	t := &ticket{n: l.begun, id: fmt.Sprintf("req-%06d", l.given), method: r.Method, path: r.URL.Path, query: r.URL.RawQuery, write: !isRead(r)}
	l.flying++
	l.peak = max(l.peak, l.flying)
	if t.write {
		l.writes++
		l.peakWrites = max(l.peakWrites, l.writes)
	}
	if t.toTeam() {
		if l.teamWrites == nil {
			l.teamWrites = map[string]int{}
		}
		if l.teamWrites[t.path] > 0 {
			l.overlapping++
		}
		l.teamWrites[t.path]++
	}
	return t
}

func (t *ticket) toTeam() bool { return t.write && strings.HasPrefix(t.path, "/scim/v2/Groups/") }

func (l *requestLog) leave(t *ticket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying--
	if t.write {
		l.writes--
	}
	if t.toTeam() {
		if l.teamWrites[t.path]--; l.teamWrites[t.path] == 0 {
			delete(l.teamWrites, t.path)
		}
	}
}

func (l *requestLog) done(t *ticket, status int, at time.Time, body []byte) Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	r := Request{N: l.n, ID: t.id, Method: t.method, Path: t.path, Status: status, Write: t.write, At: at}
	switch {
	case strings.HasPrefix(t.path, "/invites/"):
		r.Path = "/invites/…" // the rest of it opens the invite
	case isAPI(t.path):
		r.Query = t.query
		if t.write {
			r.Body = string(body)
		}
	}
	if len(l.requests) >= maxLogged {
		l.requests = slices.Delete(l.requests, 0, maxLogged/10)
	}
	l.requests = append(l.requests, r)
	return r
}

// Requests gives the requests answered so far, in the order of the answers;
// those of the sandbox's own pages are left out.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.requests)
}

// Writes gives the API requests answered so far that change something, or would.
func (s *Server) Writes() []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return !r.Write || !isAPI(r.Path) })
}

// Peak is the most requests that were under way at once, and the most writes.
func (s *Server) Peak() (requests, writes int) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.peak, s.log.peakWrites
}

// OverlappingTeamWrites counts writes to a team that came while another write
// to the same team was under way.
func (s *Server) OverlappingTeamWrites() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.overlapping
}

// ResetLog forgets requests, peaks and overlaps.
func (s *Server) ResetLog() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.n, s.log.begun, s.log.requests, s.log.overlapping = 0, 0, nil, 0
	s.log.peak, s.log.peakWrites = s.log.flying, s.log.writes
}
