package auth

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"
)

// redirect is the address that the browser comes back to, taken apart.
type redirect struct {
	path  string
	hosts []string // to listen at, the first of them always
	port  string
	why   string // not empty: nothing on this machine can be listened at
}

func redirectOf(address string) (redirect, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return redirect{}, &SettingError{"attio.oauth.redirect_url", "it is not a web address", "Write it as the app at build.attio.com has it, such as http://localhost:8910/callback"}
	}
	r := redirect{path: u.Path, port: u.Port()}
	if r.path == "" {
		r.path = "/"
	}
	if r.port == "" {
		r.port = "80"
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	switch {
	case u.Scheme != "http":
		r.why = "it is not an http address of this machine"
	case strings.EqualFold(host, "localhost"):
		// A browser may take either (RFC 6761 section 6.3). Whoever else
		// listened at the other one would be handed the code.
		r.hosts = []string{"127.0.0.1", "::1"}
	case ip != nil && ip.IsLoopback():
		r.hosts = []string{host}
	default:
		r.why = host + " is not this machine"
	}
	return r, nil
}

func (r redirect) refused(address string) error {
	return &SettingError{"attio.oauth.redirect_url", address + ": " + r.why + ", so the browser cannot come back to scim-sync",
		"Use http://localhost:8910/callback, here and at the app; or sign in with scim-sync login --no-browser and paste the address that the browser ends at."}
}

// listen opens the port on every host. Without IPv6 on this machine the first
// is enough; a host where somebody else listens is not.
func (r redirect) listen(ctx context.Context, address string, open func(ctx context.Context, network, address string) (net.Listener, error)) ([]net.Listener, error) {
	if r.why != "" {
		return nil, r.refused(address)
	}
	if open == nil {
		open = new(net.ListenConfig).Listen
	}
	var listeners []net.Listener
	for i, host := range r.hosts {
		at := net.JoinHostPort(host, r.port)
		l, err := open(ctx, "tcp", at)
		taken := errors.Is(err, syscall.EADDRINUSE)
		switch {
		case err == nil:
			listeners = append(listeners, l)
		case i > 0 && !taken:
		default:
			for _, l := range listeners {
				_ = l.Close()
			}
			return nil, &BusyError{Address: at, Taken: taken, Err: err}
		}
	}
	return listeners, nil
}
