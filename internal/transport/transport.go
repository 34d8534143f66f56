// Package transport is the one way out: an http.RoundTripper that repeats what
// may be repeated, keeps to other people's limits, caps what it reads, goes to
// the allowed hosts only, and counts what it does.
//
// Callers that put a Transport into an http.Client get its *Error wrapped in a
// *url.Error, whose text holds the whole address with its query: print what
// errors.As finds, not the wrapper.
package transport

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"scim-sync/internal/redact"
)

// The defaults of Options.
const (
	defaultTimeout  = 60 * time.Second
	defaultAttempts = 5
	defaultPatience = 10 * time.Minute
	defaultMaxBody  = 32 << 20
)

// Options configure a Transport. Zero values mean the defaults named here.
type Options struct {
	// Side names the service in counts and errors: "okta", "attio".
	Side string
	// Base makes the connections; nil is a clone of http.DefaultTransport
	// (proxy and private CA by the usual variables). It may fail a request
	// before it leaves with an error that implements [Unsent], and ask for
	// another attempt with a [*Challenge]. It sends nothing twice by itself.
	Base http.RoundTripper
	// Hosts are the only hosts requests may go to; anything else fails
	// before it leaves, and with none given everything does. "host" is that
	// host on the scheme's own port, "host:port" that port. Plain http only
	// to loopback.
	Hosts []string
	// UserAgent is set on every request when not empty.
	UserAgent string
	// Timeout of one attempt, from dial to the last byte of the body: 60 s.
	// Waiting for the Pacer is not part of it.
	Timeout time.Duration
	// Attempts at most, the first included: 5. Waiting told by the server
	// (429) does not use them up.
	Attempts int
	// Patience is the most one request waits in all, backoff and limits
	// included: 10 min.
	Patience time.Duration
	// MaxBody is the most bytes of an answer that are read: 32 MiB.
	MaxBody int64
	// Idempotent says whether a request whose fate is unknown may be sent
	// again; nil: every method but POST.
	Idempotent func(*http.Request) bool
	// Pacer holds requests back; nil: none.
	Pacer Pacer
	// Log hears of each attempt at debug level; never a header or a body.
	Log *slog.Logger
	// Secrets are taken out of all that an answer says beside a body of success,
	// and out of errors, before anything is cut; nil: those alone that the
	// requests carry (Authorization, and the secret fields of a form).
	Secrets *redact.Secrets
	// Poison writes over the room of an answer once it is given back, so that it
	// shows who still looks at it: tests have it on.
	Poison bool
	// Elapsed is a clock that nobody sets and that goes on while the machine
	// sleeps, from any beginning; nil: Go's own, which may stand still in sleep.
	Elapsed func() time.Duration
	// Waits hears of each wait of 3 s or more that a limit asks for, when it
	// begins, once for all requests that it holds; nil: nobody does. It must
	// be quick and safe for concurrent use.
	Waits func(Wait)
}

// Pacer keeps requests within a service's limits. It is shared by all
// goroutines. Each Wait that returned nil is followed by one Observe of the
// same request.
type Pacer interface {
	// Wait returns when the request may leave, or with the context's error;
	// with a *TooLong as soon as it is known that the wait exceeds most.
	Wait(ctx context.Context, r *http.Request, most time.Duration) error
	// Observe sees every answer (resp nil when there was none), before its
	// body is read. It must not touch the body.
	Observe(r *http.Request, resp *http.Response)
}

// Unsent is an error of a Base that failed before the request left it, such as
// a credential that could not be had. Again says whether another attempt could
// help.
type Unsent interface {
	error
	Again() bool
}

// Transport is an http.RoundTripper. Answers it returns are whole: the body
// has been read within the caps and is read by the caller from memory, until it
// is closed: see [Body]. They
// include redirects, which are never followed here, and all refusals but the
// passing ones (423, 429, 500, 502, 503, 504 and Cloudflare's 520 to 524),
// which are an *Error once the attempts are used up. Every failure is an
// *Error; io.EOF is never in its chain, the context's own error is when it
// ended the request.
type Transport struct {
	o       Options
	hosts   hosts
	counts  counter
	scratch scratch
	waits   teller
	old     old
	clock   dateClock
}

// New makes a Transport.
func New(o Options) *Transport {
	if o.Base == nil {
		o.Base = Connections()
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Attempts <= 0 {
		o.Attempts = defaultAttempts
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Secrets == nil {
		o.Secrets = new(redact.Secrets)
	}
	if o.Elapsed == nil {
		start := time.Now()
		o.Elapsed = func() time.Duration { return time.Since(start) }
	}
	if o.Idempotent == nil {
		o.Idempotent = func(r *http.Request) bool { return r.Method != http.MethodPost }
	}
	t := &Transport{o: o, hosts: newHosts(o.Hosts), waits: teller{side: o.Side, tell: o.Waits}}
	t.scratch.poison = o.Poison
	if a, ok := o.Pacer.(announcer); ok && o.Waits != nil {
		a.announceBy(t.waits.begins)
	}
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := take(r)
	if err != nil {
		return nil, t.refused(r, Unreachable, &reason{text: "the request's body could not be read", err: err})
	}
	if err := t.hosts.allow(r.URL); err != nil {
		return nil, t.refused(r, Forbidden, err)
	}
	t.keepSecret(r, body)
	c := newCall(t, r)
	defer c.cancel(nil) // the answer is in memory by then
	req, err := c.request(body)
	if err != nil {
		return nil, t.refused(r, Unreachable, err)
	}
	// A client for each call: its hooks must know which call they serve, and
	// the Backoff hook is not told. It has no CloseIdleConnections to call, or
	// one failed request would cost all others their connections.
	client := retryablehttp.Client{
		HTTPClient: &http.Client{Transport: c, CheckRedirect: handBack},
		// Nobody counts here but check.
		RetryMax:     math.MaxInt32,
		CheckRetry:   c.check,
		Backoff:      c.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := client.Do(req)
	c.resume()
	if err != nil {
		return nil, c.failure(err)
	}
	return c.answer(resp), nil
}

// CloseIdleConnections closes the connections nobody uses at the moment.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.o.Base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// Counts gives what was done so far.
func (t *Transport) Counts() Counts { return t.counts.read() }

func (t *Transport) refused(r *http.Request, kind ErrorKind, err error) *Error {
	return &Error{Kind: kind, Side: t.o.Side, Method: r.Method, Path: pathOf(r), Err: err}
}

func handBack(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// take reads the request's body into memory and closes it.
func take(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	return body, errors.Join(err, r.Body.Close())
}
