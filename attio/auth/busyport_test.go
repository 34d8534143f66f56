package auth_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"scim-sync/attio/auth"
)

// busyAt listens on one address of localhost, at a port that is free on the other.
func busyAt(t *testing.T, host string) net.Listener {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Skip("no " + host + " here")
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		other, err := net.Listen("tcp", net.JoinHostPort(map[string]string{"127.0.0.1": "::1", "::1": "127.0.0.1"}[host], port))
		if err == nil {
			other.Close()
			return l
		}
		if host == "127.0.0.1" {
			return l // there may be no ::1
		}
		l.Close()
	}
	t.Fatal("no port is free on both addresses")
	return nil
}

// TestBusyPort: whoever else listens, on either address of localhost, would be
// handed the code, so that the sign-in does not begin.
func TestBusyPort(t *testing.T) {
	s := newSite(t)
	for _, host := range []string{"127.0.0.1", "::1"} {
		l := busyAt(t, host)
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		_, err := s.consent("http://localhost:" + port + "/callback").Begin(t.Context())
		var busy *auth.BusyError
		if !errors.As(err, &busy) || !busy.Taken || !strings.Contains(busy.Error(), port) || !strings.Contains(busy.Hint(), "redirect_url") {
			t.Errorf("%s: %v", host, err)
		}
		if host == "::1" { // the other one was let go of
			free, err := net.Listen("tcp", "127.0.0.1:"+port)
			if err != nil {
				t.Error(err)
			} else {
				free.Close()
			}
		}
	}
}

// TestBusyPortWithPasting: where the address is going to be pasted, a port in
// use is told and no end; when nothing will be pasted either, it is.
func TestBusyPortWithPasting(t *testing.T) {
	s := newSite(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	c := s.consent("http://localhost:" + port + "/callback")
	c.PasteOnly = true
	for name, pasted := range map[string]bool{"pasted": true, "nothing": false} {
		flow, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer flow.Close()
		var busy *auth.BusyError
		if !errors.As(flow.Deaf(), &busy) || !strings.Contains(busy.Error(), port) {
			t.Errorf("%s: it says %v", name, flow.Deaf())
		}
		if pasted {
			if err := flow.Paste("?code=the-code&state=" + stateOf(t, flow.Address())); err != nil {
				t.Fatal(err)
			}
		}
		flow.NothingToPaste()
		if token, err := flow.Token(t.Context()); (err == nil && token.Access() != "") != pasted || !pasted && !errors.As(err, &busy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
