package transport

import (
	"crypto/tls"
	"net/http"
	"time"
)

// maxHeader is the most bytes of an answer's header that are read.
const maxHeader = 256 << 10

// Connections makes the default Base: for those that put something of their own
// between it and a Transport. Many requests go to one host, so it keeps
// far more idle connections a host than the two of net/http.
func Connections() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if ok {
		t = t.Clone()
	} else {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	t.MaxIdleConns = 128
	t.MaxIdleConnsPerHost = 64
	t.IdleConnTimeout = 90 * time.Second
	t.TLSHandshakeTimeout = 15 * time.Second
	t.MaxResponseHeaderBytes = maxHeader
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{}
	}
	t.TLSClientConfig.MinVersion = tls.VersionTLS12
	// One dead HTTP/2 connection must not take all its requests to their
	// time-out.
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second}
	return t
}
