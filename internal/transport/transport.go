// Package transport is the one way out: an http.RoundTripper that repeats what
// may be repeated, keeps to other people's limits, caps what it reads, goes to
// the allowed hosts only, and counts what it does.
package transport

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Options configure a Transport. Zero values mean the defaults named here.
type Options struct {
	// Side names the service in counts and errors: "okta", "attio".
	Side string
	// Base makes the connections; nil is a clone of http.DefaultTransport
	// (proxy and private CA by the usual variables).
	Base http.RoundTripper
	// Hosts are the only hosts ("host" or "host:port") requests may go to;
	// anything else fails before it leaves. Plain http only to loopback.
	Hosts []string
	// UserAgent is set on every request when not empty.
	UserAgent string
	// Timeout of one attempt, from dial to the last byte of the body: 60 s.
	Timeout time.Duration
	// Attempts at most, the first included: 5. Waiting told by the server
	// (429) does not use them up.
	Attempts int
	// Patience is the most one request waits in all, backoff and limits
	// included: 10 min.
	Patience time.Duration
	// MaxBody is the most bytes of an answer that are read: 64 MiB.
	MaxBody int64
	// Idempotent says whether a request whose fate is unknown may be sent
	// again; nil: every method but POST.
	Idempotent func(*http.Request) bool
	// Pacer holds requests back; nil: none.
	Pacer Pacer
	// Log hears of each attempt at debug level; never a header or a body.
	Log *slog.Logger
}

// Pacer keeps requests within a service's limits. It is shared by all
// goroutines.
type Pacer interface {
	// Wait returns when the request may leave, or with the context's error.
	Wait(ctx context.Context, r *http.Request) error
	// Observe sees every answer (resp nil when there was none).
	Observe(r *http.Request, resp *http.Response)
}

// Transport is an http.RoundTripper. Answers it returns are whole: the body
// has been read within the caps and can be read again from memory.
// A failure is an *Error.
type Transport struct{ o Options }

// New makes a Transport.
func New(o Options) *Transport { return &Transport{o: o} }

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return http.DefaultTransport.RoundTrip(r)
}

// Counts are what a Transport did so far.
type Counts struct {
	Requests int           `json:"requests"` // attempts that left
	Reads    int           `json:"reads"`
	Writes   int           `json:"writes"`
	Retries  int           `json:"retries"`
	Limited  int           `json:"limited"` // answers 429
	Received int64         `json:"received_bytes"`
	Sent     int64         `json:"sent_bytes"`
	Waited   time.Duration `json:"waited_ns"` // by backoff and pacing, summed over requests
	Peak     int           `json:"peak"`      // most requests in flight
}

// Counts gives what was done so far.
func (t *Transport) Counts() Counts { return Counts{} }

// ErrorKind sorts failures.
type ErrorKind int

// The kinds.
const (
	// Unreachable: the request never left (name, dial, TLS, proxy).
	Unreachable ErrorKind = iota + 1
	// Lost: it left and no whole answer came (reset, EOF, time-out, cut
	// short). It may have been carried out.
	Lost
	// Limited: still 429 after all the patience.
	Limited
	// Failed: still 500, 502, 503, 504 or 423 after all attempts.
	Failed
	// TooLarge: the answer exceeds MaxBody.
	TooLarge
	// Forbidden: the request was to a host or scheme that is not allowed.
	Forbidden
)

// Error is a request that got no usable answer. Its text holds method and
// path, never a query or a header.
type Error struct {
	Kind      ErrorKind
	Side      string
	Method    string
	Path      string
	Status    int // of the last answer, 0 when there was none
	Header    http.Header
	Body      []byte // of the last answer, capped at 64 KiB
	Attempts  int
	Waited    time.Duration
	RequestID string
	TimedOut  bool // Lost by the per-attempt time-out
	Err       error
}

func (e *Error) Error() string { return e.Side + " " + e.Method + " " + e.Path }

func (e *Error) Unwrap() error { return e.Err }

// WithAttempts limits the attempts of requests made under the context: for
// callers that have something better to do after a 500 than to repeat it.
func WithAttempts(ctx context.Context, n int) context.Context { return ctx }
