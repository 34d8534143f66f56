package attiotest

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"
)

// limits lets so many requests through in any sliding window.
type limits struct {
	mu            sync.Mutex
	reads, writes window
}

// window remembers when the last n requests were let through.
type window struct {
	span time.Duration
	at   []time.Time // a ring; nil: no limit
	next int
}

func newLimits(reads, writes float64) *limits {
	return &limits{reads: newWindow(reads), writes: newWindow(writes)}
}

// newWindow of less than one a second is one in a longer span.
func newWindow(perSecond float64) window {
	switch {
	case perSecond <= 0:
		return window{}
	case perSecond < 1:
		return window{span: time.Duration(float64(time.Second) / perSecond), at: make([]time.Time, 1)}
	}
	return window{span: time.Second, at: make([]time.Time, int(math.Floor(perSecond)))}
}

// take lets a request through, or says when the next one will be.
func (w *window) take(now time.Time) (free time.Time, ok bool) {
	if len(w.at) == 0 {
		return now, true
	}
	if free = w.at[w.next].Add(w.span); !w.at[w.next].IsZero() && now.Before(free) {
		return free, false
	}
	w.at[w.next] = now
	w.next = (w.next + 1) % len(w.at)
	return now, true
}

// tooMany answers 429 when a request exceeds the limits; it is not processed
// then (https://docs.attio.com/rest-api/guides/rate-limiting).
func (s *Server) tooMany(a *answer, r *http.Request) bool {
	b := s.Behaviour()
	if !isAPI(r.URL.Path) || b.SCIMUnlimited && isSCIM(r.URL.Path) {
		return false
	}
	now := s.now()
	s.limits.mu.Lock()
	w := &s.limits.writes
	if isRead(r) {
		w = &s.limits.reads
	}
	free, ok := w.take(now)
	s.limits.mu.Unlock()
	if ok {
		return false
	}
	if v := retryAfter(b.RetryAfter, now, free); v != "" {
		a.Header().Set("Retry-After", v)
	}
	writeJSON(a, http.StatusTooManyRequests, restError{
		StatusCode: http.StatusTooManyRequests, Type: "rate_limit_error", Code: "rate_limit_exceeded",
		Message: "Rate limit exceeded, please try again later",
	})
	return true
}

// retryAfter is the first whole second at which a request will pass.
func retryAfter(form RetryAfter, now, free time.Time) string {
	at := free.UTC().Truncate(time.Second)
	if at.Before(free) {
		at = at.Add(time.Second)
	}
	switch form {
	case RetryAfterNone:
		return ""
	case RetryAfterISO:
		return at.Format("2006-01-02T15:04:05.000Z")
	case RetryAfterSeconds:
		return fmt.Sprint(int(math.Ceil(free.Sub(now).Seconds())))
	}
	return at.Format(http.TimeFormat)
}
