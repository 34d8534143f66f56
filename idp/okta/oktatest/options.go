package oktatest

import (
	"net/http"
	"time"

	"scim-sync/internal/faults"
)

// Option changes how a Server behaves.
type Option func(*Server)

// WithClock sets the server's clock: time.Now without it. Okta's times are
// whole seconds of it, in UTC.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.clock = now } }

// WithLatency holds every answer back by d, or until the client has gone.
func WithLatency(d time.Duration) Option { return func(s *Server) { s.latency = d } }

// WithRateLimits sets the limits: StandardLimits without it.
func WithRateLimits(l Limits) Option { return func(s *Server) { s.limits = l } }

// WithConcurrency sets how many requests the org answers at once, 75 without
// it, any number with 0. One more is a 429 whose Limit and Remaining are 0
// (https://developer.okta.com/docs/reference/rl2-concurrency/).
func WithConcurrency(n int) Option { return func(s *Server) { s.concurrency = n } }

// WithPageCap makes no page larger than n, whatever is asked for.
func WithPageCap(n int) Option { return func(s *Server) { s.pageCap = n } }

// WithBefore runs before each request is answered, WithAfter when it was: what
// changes in the org between the requests of a reader. n counts requests from 1,
// anew after ResetLog. Both may call any method of the Server.
func WithBefore(hook func(n int, r *http.Request)) Option {
	return func(s *Server) { s.before = hook }
}

// WithAfter is told of in WithBefore.
func WithAfter(hook func(n int, r *http.Request)) Option {
	return func(s *Server) { s.after = hook }
}

// WithLeftOut leaves entries out of the lists of single requests, as an index that
// is broken or trails would: those for whose ids it is true in the answer to the
// n-th request. Nothing else tells of it, no time and no link.
func WithLeftOut(left func(n int, r *http.Request, id string) bool) Option {
	return func(s *Server) { s.leftOut = left }
}

// WithHidden hides groups from the credential, by name: they are in no list of
// groups, and answered like one that is not there. The app's own assignments name
// them all the same.
func WithHidden(hidden func(name string) bool) Option {
	return func(s *Server) { s.hidden = hidden }
}

// WithLogDelay lets an event be read only some time after it happened: of the
// n-th event, counted from 1. Events that take different times come in another
// order than they happened in.
func WithLogDelay(delay func(kind string, n int) time.Duration) Option {
	return func(s *Server) { s.logDelay = delay }
}

// WithListLag lets the list of the app's people show who comes and who goes only d
// later, and memberships as WithMembershipLag does. The log and answers by id do
// not wait.
func WithListLag(d time.Duration) Option {
	return func(s *Server) { s.lag, s.listLag = d, d }
}

// WithMembershipLag lets readers see a membership, and the group's
// lastMembershipUpdated, only d after it changed. App users do not wait.
func WithMembershipLag(d time.Duration) Option { return func(s *Server) { s.lag = d } }

// WithAged sets the time of everything the org holds at the start: the
// server's present without it.
func WithAged(at time.Time) Option { return func(s *Server) { s.aged = at } }

// WithLingering keeps the assignments of people who are deactivated in the
// list until ClearLingering, as Okta does for a while.
func WithLingering() Option { return func(s *Server) { s.linger = true } }

// WithFault lets the n-th request, counted from 1, go wrong.
func WithFault(pick func(n int, r *http.Request) faults.Kind) Option {
	return func(s *Server) { s.fault = pick }
}
