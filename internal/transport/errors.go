package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"scim-sync/internal/shown"
)

// ErrorKind sorts failures.
type ErrorKind int

// The kinds.
const (
	// Unreachable: the request never left (name, dial, TLS, proxy).
	Unreachable ErrorKind = iota + 1
	// Lost: it left and no whole answer came (reset, EOF, time-out, cut
	// short). It may have been carried out.
	Lost
	// Limited: still 429 after all the patience, or held back by the Pacer
	// for as long.
	Limited
	// Failed: still 500, 502, 503, 504 (or 520 to 524) or 423 after all
	// attempts.
	Failed
	// TooLarge: the answer exceeds MaxBody, or its header 256 KiB.
	TooLarge
	// Forbidden: the request was to a host or scheme that is not allowed.
	Forbidden
	// Withheld: CallOptions.Leaves kept it from leaving.
	Withheld
)

func (k ErrorKind) String() string {
	switch k {
	case Unreachable:
		return "unreachable"
	case Lost:
		return "lost"
	case Limited:
		return "limited"
	case Failed:
		return "failed"
	case TooLarge:
		return "too large"
	case Forbidden:
		return "forbidden"
	case Withheld:
		return "withheld"
	}
	return "unknown"
}

// Error is a request that got no usable answer. Its text holds method and
// path, never a query or a header.
//
// When the context ended the request, its error is in the chain, and Kind is
// what became of the last attempt (Unreachable when none left).
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
	// Doubt: some attempt left and may have been carried out, whatever became of
	// the last one.
	Doubt bool
	Err   error
}

func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s %s %s: ", e.Side, shown.Line(e.Method, 20), e.Path)
	switch {
	case e.Kind == Forbidden:
		s.WriteString("not sent: ")
	case e.Status != 0:
		fmt.Fprintf(&s, "HTTP %d", e.Status)
		if t := http.StatusText(e.Status); t != "" {
			s.WriteString(" " + t)
		}
		if e.Err != nil {
			s.WriteString(": ")
		}
	}
	if e.Err != nil {
		s.WriteString(e.Err.Error())
	}
	if e.Kind == Lost && e.Method != http.MethodGet && e.Method != http.MethodHead {
		s.WriteString("; it may have been carried out")
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&s, " (%d attempts)", e.Attempts)
	}
	if e.RequestID != "" {
		s.WriteString(" [request " + e.RequestID + "]")
	}
	return s.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Timeout says whether the last attempt ran out of its time, as net.Error does.
func (e *Error) Timeout() bool { return e.TimedOut }

// KindOf gives the kind of the first *Error in err's chain, 0 if there is none.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}

// RequestID gives the service's own id of an answered request, "" when it sent
// none: X-Okta-Request-Id, X-Request-Id or Cloudflare's Cf-Ray.
func RequestID(h http.Header) string {
	for _, name := range []string{"X-Okta-Request-Id", "X-Request-Id", "Request-Id", "X-Amzn-Requestid", "X-Cloud-Trace-Context", "Cf-Ray"} {
		if v := h.Get(name); v != "" {
			return shown.Line(v, 100)
		}
	}
	return ""
}

func pathOf(r *http.Request) string {
	if r.URL == nil {
		return "/"
	}
	// The escaped form: a line break or a terminal code in an id stays one.
	return shown.Line(r.URL.EscapedPath(), 300)
}
