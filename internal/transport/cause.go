package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"
	"syscall"

	"scim-sync/internal/shown"
)

// reason is a cause in plain words. err, when set, is for errors.Is and
// errors.As only and never part of the text.
type reason struct {
	text string
	err  error
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.err }

// plain puts the cause of a failed exchange into words, without addresses that
// hold a query. A closed connection and an attempt's own time-out are left out
// of the chain: some callers take an io.EOF for an invitation to loop, and a
// passed deadline for the end of their own context.
func (c *call) plain(err error) error {
	err = bare(err)
	return &reason{text: words(err, c.t.o.Secrets.Clean), err: visible(err)}
}

// visible is err as it may stand in a chain, nil when it may not.
func visible(err error) error {
	for _, hidden := range []error{io.EOF, io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, hidden) {
			return nil
		}
	}
	return err
}

// bare takes off the wrappers of net/http that repeat the whole address.
func bare(err error) error {
	var u *url.Error
	for errors.As(err, &u) && u.Err != nil {
		err = u.Err
	}
	return err
}

func words(err error, clean func(string) string) string {
	var (
		short *cut
		dns   *net.DNSError
		named interface{ Timeout() bool }
	)
	if errors.As(err, &short) {
		return short.Error()
	}
	if errors.Is(err, errTooLarge) {
		return strings.TrimSuffix(err.Error(), ": "+errTooLarge.Error())
	}
	if oversized(err) {
		return "the answer's header is larger than " + size(maxHeader)
	}
	if errors.As(err, &dns) {
		switch {
		case dns.IsNotFound:
			return "no such host: " + shown.Line(dns.Name, 100)
		case dns.IsTimeout:
			return "looking up the host " + shown.Line(dns.Name, 100) + " timed out"
		}
		return "looking up the host " + shown.Line(dns.Name, 100) + " failed"
	}
	if s := certificate(err); s != "" {
		return "TLS certificate not trusted: " + s
	}
	if s := system(err); s != "" {
		return s
	}
	var plainTCP tls.RecordHeaderError
	switch {
	case errors.As(err, &plainTCP):
		return "the server does not speak TLS"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed without an answer"
	case strings.Contains(err.Error(), "malformed"):
		return "the answer is not valid HTTP"
	case strings.Contains(err.Error(), "server closed idle connection"):
		return "the connection was closed without an answer"
	case errors.As(err, &named) && named.Timeout():
		return "connecting timed out"
	}
	return harmless(clean(err.Error()))
}

func system(err error) string {
	for _, c := range []struct {
		no   syscall.Errno
		text string
	}{
		{syscall.ECONNREFUSED, "connection refused"},
		{syscall.ECONNRESET, "connection reset by the server"},
		{syscall.EPIPE, "the connection was closed while sending"},
		{syscall.ENETUNREACH, "network unreachable"},
		{syscall.EHOSTUNREACH, "host unreachable"},
		{syscall.ETIMEDOUT, "the connection timed out"},
	} {
		if errors.Is(err, c.no) {
			return c.text
		}
	}
	return ""
}

func certificate(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		other   *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &unknown):
		return "signed by an unknown authority (a private one goes into SSL_CERT_FILE)"
	case errors.As(err, &host):
		return "it is not for the host " + shown.Line(host.Host, 100)
	case errors.As(err, &invalid):
		if invalid.Reason == x509.Expired {
			return "it has expired or is not valid yet (or this machine's clock is wrong)"
		}
		return harmless(invalid.Error())
	case errors.As(err, &other):
		return harmless(other.Err.Error())
	}
	return ""
}

// untrusted says whether a failure is one of the certificate, which another
// attempt would not change.
func untrusted(err error) bool { return certificate(err) != "" }

// harmless is a text of a library without what may be secret in an address:
// user, password and query.
func harmless(s string) string {
	s = address.ReplaceAllStringFunc(s, func(a string) string {
		u, err := url.Parse(a)
		if err != nil {
			return "(address)"
		}
		return u.Scheme + "://" + u.Host + u.EscapedPath()
	})
	return shown.Line(s, 300)
}

var address = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>]+`)

// stopped is the error of a context that ended, with its cause when it has one
// of its own.
func stopped(ctx context.Context) error {
	err := ctx.Err()
	cause := context.Cause(ctx)
	same := cause == nil || cause == err //nolint:errorlint // the very same error has nothing to add
	if !same && !errors.Is(cause, io.EOF) {
		return &reason{text: harmless(cause.Error()), err: errors.Join(err, cause)}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &reason{text: "stopped: its time was up", err: err}
	}
	return &reason{text: "stopped: cancelled", err: err}
}
