#!/usr/bin/env bash
#
# golang.org/x/net/idna: the profile for look-ups refuses hosts that can be looked up.
#
# Expected: Lookup.ToASCII, the advised way to bring a domain into one form, leaves
#   plain ASCII names alone: they are in that form already.
# Happens: a label with hyphens in third and fourth place is an error. RFC 5891 keeps
#   such names for A-labels, but RFC 1123 allows them, and hosts of content networks
#   are called r3---sn-abc and the like. net/mail takes an address there, and net/http
#   goes there, without a word.
# A client should: take an ASCII label as it is, lower case, and give only the others
#   to the package; refuse nothing that is merely to be compared.
# Concerns us: mail domains are folded to match a person on both sides, and to keep
#   to the domains that are allowed. Whoever drops what the profile refuses, drops
#   that person; the next run takes them for gone.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
export GOWORK=off GOFLAGS=-mod=readonly

cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"time"

	"golang.org/x/net/idna"
)

func main() {
	log.SetFlags(0)
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = r.Host }))
	defer server.Close()
	// Every host is this server: what matters is whether net/http asks for it.
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
		},
	}}
	for _, host := range []string{"mail.fernwood.example", "b\u00fccher.example", "r3---sn-abc.example"} {
		folded, err := idna.Lookup.ToASCII(host)
		fmt.Printf("%s\n  idna.Lookup: %q, error: %v\n", host, folded, err)
		_, err = mail.ParseAddress("ada@" + host)
		fmt.Printf("  net/mail, error: %v\n", err)
		asked = ""
		resp, err := client.Get("http://" + host + "/")
		if err != nil {
			log.Fatal(err)
		}
		_ = resp.Body.Close()
		fmt.Printf("  net/http asked for %q\n", asked)
	}
}
GO
{
	go mod init throwaway &&
		timeout 100 go get golang.org/x/net/idna@v0.60.0 &&
		go build -o finding .
} 2>log || { cat log >&2; exit 2; }
go list -m golang.org/x/net

timeout 60 ./finding | tee seen
cat >known <<'TEXT'
mail.fernwood.example
  idna.Lookup: "mail.fernwood.example", error: <nil>
  net/mail, error: <nil>
  net/http asked for "mail.fernwood.example"
bücher.example
  idna.Lookup: "xn--bcher-kva.example", error: <nil>
  net/mail, error: <nil>
  net/http asked for "xn--bcher-kva.example"
r3---sn-abc.example
  idna.Lookup: "r3---sn-abc.example", error: idna: invalid label "r3---sn-abc"
  net/mail, error: <nil>
  net/http asked for "r3---sn-abc.example"
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
