// Package scim is the client over Attio's SCIM and REST interfaces that fills
// the ports attio.Reader and attio.Writer. It is liberal in what it reads and
// strict in what it believes: an answer that may be incomplete is an error,
// never a smaller workspace.
package scim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// TokenSource gives the bearer token. It is asked before each request, so that
// it may renew a token; it is a function so that no printing of settings can
// show one.
type TokenSource func(ctx context.Context) (string, error)

// Options configure a Reader and a Writer.
type Options struct {
	// APIURL is the root of the REST interface, such as https://api.attio.com.
	APIURL string
	// SCIMURL is the root of the SCIM interface, such as
	// https://api.attio.com/scim/v2.
	SCIMURL string
	// Token gives the bearer token. It goes to the two addresses above only.
	Token TokenSource
	// Transport carries the requests; redirects are never followed. It is
	// expected to repeat what may be repeated, as
	// scim-sync/internal/transport.Transport does, but any will do.
	Transport http.RoundTripper
	// Waits, when it has ended, ends what a Writer's requests wait for (their
	// turn, a limit, the next attempt), so that nothing is begun after an
	// interruption; what is on its way by then goes on as long as its own context.
	// nil: a request waits as long as its own context.
	Waits context.Context
	// Held, when given, is asked each time that a request of a Writer's is about to
	// leave, be it to write or to read back; an error keeps it here. It must be quick.
	Held func() error
	// Parallel is the most requests a Reader has in flight: 12.
	Parallel int
	// Writes is the most writes that a Writer has in flight: 12. What reads back
	// what was written does not count.
	Writes int
	// Settle is the wait before something is looked for once more that should be
	// there, or asked for once more that cannot be wrong: 250 ms, less than zero:
	// none.
	Settle time.Duration
}

const (
	defaultParallel = 12
	defaultWrites   = 12
	defaultSettle   = 250 * time.Millisecond
)

// checked gives the options with defaults filled in and both addresses parsed.
func (o Options) checked() (Options, *url.URL, *url.URL, error) {
	if o.Token == nil {
		return o, nil, nil, errors.New("attio/scim: no token source given")
	}
	if o.Transport == nil {
		return o, nil, nil, errors.New("attio/scim: no transport given")
	}
	api, err := root(o.APIURL)
	if err != nil {
		return o, nil, nil, fmt.Errorf("attio/scim: address of Attio's REST interface: %w", err)
	}
	scim, err := root(o.SCIMURL)
	if err != nil {
		return o, nil, nil, fmt.Errorf("attio/scim: address of Attio's SCIM interface: %w", err)
	}
	if o.Parallel <= 0 {
		o.Parallel = defaultParallel
	}
	if o.Writes <= 0 {
		o.Writes = defaultWrites
	}
	if o.Settle == 0 {
		o.Settle = defaultSettle
	}
	return o, api, scim, nil
}

// root parses the address that paths are added to. Plain http is taken for
// loopback only, since a token travels with every request.
func root(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil {
		return nil, errors.New("it is not a web address")
	}
	switch {
	case u.Host == "":
		return nil, errors.New("it names no host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("it must hold neither credentials nor a query")
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("%s://%s must be https; plain http is taken for loopback only", u.Scheme, u.Host)
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
