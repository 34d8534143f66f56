#!/usr/bin/env bash
#
# golang.org/x/oauth2: a token answer whose expires_in is 3600.0 is no token answer.
#
# Expected: JSON has one kind of number, and 3600.0 and 3.6e3 are 3600. A package
#   that even takes "3600" as text takes them, or leaves out the expiry.
#   (The grammar of RFC 6749, A.14, has digits only, and so neither form.)
# Happens: 3600.0 makes the whole answer fail with an error of strconv, tokens and
#   all, though a strict reader would refuse the text "3600", too. null and a missing
#   expires_in are a token without an end.
# A client should: make the number whole before the package sees the answer (in its
#   RoundTripper), or refuse with words that name the field.
# Concerns us: sign-in and refresh. A refresh token that is used once is spent by the
#   time the answer is refused, so a person has to sign in again; servers whose
#   numbers are floating point write such answers.

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
	"net/http"
	"net/http/httptest"
	"time"

	"golang.org/x/oauth2"
)

func refresh(answer string) (*oauth2.Token, error) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, answer)
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	config := oauth2.Config{ClientID: "made-up", Endpoint: oauth2.Endpoint{TokenURL: server.URL}}
	return config.TokenSource(ctx, &oauth2.Token{RefreshToken: "once"}).Token()
}

func main() {
	log.SetFlags(0)
	for _, field := range []string{
		`,"expires_in":3600`, `,"expires_in":"3600"`, `,"expires_in":3600.0`, `,"expires_in":3.6e3`,
		`,"expires_in":null`, ``,
	} {
		answer := `{"access_token":"new","refresh_token":"next","token_type":"Bearer"` + field + `}`
		token, err := refresh(answer)
		switch {
		case err != nil:
			fmt.Printf("%-24s refused: %v\n", field, err)
		case token.Expiry.IsZero():
			fmt.Printf("%-24s taken, no expiry\n", field)
		default:
			fmt.Printf("%-24s taken, about %v\n", field, time.Until(token.Expiry).Round(time.Minute))
		}
	}
}
GO
{
	go mod init throwaway &&
		timeout 100 go get golang.org/x/oauth2@v0.37.0 &&
		go build -o finding .
} 2>log || { cat log >&2; exit 2; }
go list -m golang.org/x/oauth2

timeout 60 ./finding | tee seen
cat >known <<'TEXT'
,"expires_in":3600       taken, about 1h0m0s
,"expires_in":"3600"     taken, about 1h0m0s
,"expires_in":3600.0     refused: oauth2: cannot parse json: strconv.ParseInt: parsing "3600.0": invalid syntax
,"expires_in":3.6e3      refused: oauth2: cannot parse json: strconv.ParseInt: parsing "3.6e3": invalid syntax
,"expires_in":null       taken, no expiry
                         taken, no expiry
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
