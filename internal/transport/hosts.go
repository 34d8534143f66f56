package transport

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"scim-sync/internal/shown"
)

// hosts are the places requests may go to, as "host:port" in lower case; an
// entry without a port stands for the port of the scheme.
type hosts map[string]bool

func newHosts(list []string) hosts {
	h := make(hosts, len(list))
	for _, s := range list {
		h[strings.ToLower(strings.Trim(s, " []"))] = true
		h[strings.ToLower(strings.TrimSpace(s))] = true
	}
	return h
}

func (h hosts) allow(u *url.URL) error {
	if u == nil || u.Host == "" {
		return &reason{text: "the address names no host"}
	}
	name := strings.ToLower(u.Hostname())
	switch {
	case u.Scheme == "https":
	case u.Scheme != "http":
		return &reason{text: fmt.Sprintf("the scheme %q is not allowed, only https", shown.Line(u.Scheme, 20))}
	case !loopback(name):
		return &reason{text: "plain http is allowed to loopback addresses only; use https"}
	}
	port := u.Port()
	usual := port == "" || port == map[string]string{"https": "443", "http": "80"}[u.Scheme]
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	if usual && h[name] || h[net.JoinHostPort(name, port)] {
		return nil
	}
	return &reason{text: fmt.Sprintf("the host %s is not one that requests may go to", shown.Line(u.Host, 100))}
}

func loopback(name string) bool {
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback()
}
