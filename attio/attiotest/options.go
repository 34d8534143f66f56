package attiotest

import (
	"time"

	"scim-sync/internal/pages"
)

// Option changes how a Server works, not what it holds.
type Option func(*Server)

// WithBehaviour replaces [DefaultBehaviour]. Numbers and names left empty keep
// their defaults; switches are taken as they are.
func WithBehaviour(b Behaviour) Option { return func(s *Server) { s.world.b = b.filled() } }

// WithGroupListOmitsMembers sets [Behaviour.ListOmitsMembers].
func WithGroupListOmitsMembers() Option { return func(s *Server) { s.world.b.ListOmitsMembers = true } }

// WithClock replaces time.Now. With a clock that stands still, the rate limits
// let one second's worth of requests through, ever.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.world.now = now } }

// WithLatency holds each API request back for d before it is processed.
func WithLatency(d time.Duration) Option { return func(s *Server) { s.latency = d } }

// WithRateLimits sets the reads and writes that are let through in any sliding
// second; 0 lifts a limit. The default is Attio's, 100 and 25
// (https://docs.attio.com/rest-api/guides/rate-limiting).
func WithRateLimits(reads, writes float64) Option {
	return func(s *Server) { s.limits = newLimits(reads, writes) }
}

// WithObserver has f called after every request but those of the sandbox's own
// pages, before the client gets its answer, with the state that this very
// request left. Calls come one at a time. Each costs a copy of the whole site.
func WithObserver(f func(Snapshot)) Option { return func(s *Server) { s.observer = f } }

// WithBaseURL is put before the links in emails, e.g. "http://127.0.0.1:8080".
func WithBaseURL(base string) Option { return func(s *Server) { s.world.base = base } }

// WithOtherPage has the overview lead to the page of another service.
func WithOtherPage(other pages.Other) Option {
	return func(s *Server) { s.other = &other }
}
