package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// trace watches one attempt for whether it ever got a connection. Its hooks may
// fire from other goroutines and after the attempt is over.
type trace struct{ asked, got *atomic.Bool }

func (t *trace) on(ctx context.Context) context.Context {
	t.asked, t.got = new(atomic.Bool), new(atomic.Bool)
	asked, got := t.asked, t.got
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { got.Store(true) },
	})
}

// unsent says whether the attempt that failed with err certainly never left:
// no connection was there to carry it.
func (t *trace) unsent(err error) bool {
	if t.got.Load() {
		return false
	}
	return t.asked.Load() || connecting(err)
}

// connecting says whether err can only come from making a connection; for a
// Base that does not tell.
func connecting(err error) bool {
	var (
		op   *net.OpError
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		x    x509.UnknownAuthorityError
		rec  tls.RecordHeaderError
	)
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect") ||
		errors.As(err, &dns) || errors.As(err, &cert) || errors.As(err, &x) || errors.As(err, &rec)
}
