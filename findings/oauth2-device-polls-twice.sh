#!/usr/bin/env bash
#
# golang.org/x/oauth2: a sign-in by device code asks twice each time, is told to slow
# down for it, and does; and one 503 ends it.
#
# Expected: DeviceAccessToken asks once an interval, and is never told to slow down by
#   a server whose interval it keeps. An Endpoint without an AuthStyle costs one
#   request more, once.
# Happens: "without an AuthStyle" is tried in both styles until an answer is a token.
#   While the person has not agreed yet, every answer is an error
#   (authorization_pending), so every look is two requests at the same instant. A
#   server that minds its interval answers the second with slow_down, the package
#   waits five seconds more (RFC 8628, 3.5, has it so), and five more after each next
#   look: 1, 7, 18 seconds. The answer to the first request, the honest one, is dropped.
#   None of the endpoints in x/oauth2/endpoints states a style.
#   A 503 in between is not waited out: sign-in is over, though the code is good.
# A client should: state AuthStyle (AuthStyleInParams for a client without a secret),
#   and call DeviceAccessToken again after an error that is no verdict on the code.
# Concerns us: signing in where there is no browser. It works in every test where the
#   person agrees at once; the longer a real person takes, the longer the tool then
#   sits there as if nothing had been agreed to.

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
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"
)

// issuer minds its interval, which grows with each slow_down as RFC 8628 has it.
type issuer struct {
	agreesAfter time.Duration
	unavailable int // the request that gets a 503, counted from one

	mu       sync.Mutex
	began    time.Time
	last     time.Time
	interval time.Duration
	asked    []string
	code     string
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	now := time.Now()
	if r.URL.Path == "/device" {
		i.began, i.last, i.interval = now, now, time.Second
		_, _ = fmt.Fprint(w, `{"device_code":"d1","user_code":"MADE-UP","verification_uri":"https://fernwood.example/device","expires_in":60,"interval":1}`)
		return
	}
	early := now.Sub(i.last) < i.interval-300*time.Millisecond
	i.last = now
	status, answer := http.StatusBadRequest, "authorization_pending"
	switch {
	case len(i.asked)+1 == i.unavailable:
		status, answer = http.StatusServiceUnavailable, "503"
	case early:
		i.interval += 5 * time.Second
		answer = "slow_down"
	case now.Sub(i.began) > i.agreesAfter:
		status, answer = http.StatusOK, "token"
	}
	i.asked = append(i.asked, fmt.Sprintf("%.0fs %s", now.Sub(i.began).Seconds(), answer))
	w.WriteHeader(status)
	switch answer {
	case "token":
		_, _ = fmt.Fprint(w, `{"access_token":"a1","token_type":"Bearer"}`)
	case "503":
		_, _ = fmt.Fprint(w, `{}`)
	default:
		_, _ = fmt.Fprintf(w, `{"error":%q}`, answer)
	}
}

func signIn(what string, style oauth2.AuthStyle, i *issuer) string {
	server := httptest.NewServer(i)
	defer server.Close()
	config := oauth2.Config{ClientID: "made-up", Endpoint: oauth2.Endpoint{
		DeviceAuthURL: server.URL + "/device", TokenURL: server.URL + "/token", AuthStyle: style,
	}}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	defer cancel()
	device, err := config.DeviceAuth(ctx)
	if err != nil {
		log.Fatal(err)
	}
	_, err = config.DeviceAccessToken(ctx, device)
	told := "signed in"
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		told = fmt.Sprintf("error, status %d", refused.Response.StatusCode)
	} else if err != nil {
		told = err.Error()
	}
	return fmt.Sprintf("%s: %s\n  %s", what, told, strings.Join(i.asked, ", "))
}

func main() {
	log.SetFlags(0)
	stated := 0
	listed := []oauth2.Endpoint{endpoints.Amazon, endpoints.Bitbucket, endpoints.GitHub, endpoints.GitLab,
		endpoints.Google, endpoints.Slack, endpoints.AzureAD("")}
	for _, endpoint := range listed {
		if endpoint.AuthStyle != oauth2.AuthStyleAutoDetect {
			stated++
		}
	}
	fmt.Printf("endpoints looked at: %d, of them with a style: %d\n", len(listed), stated)

	const agrees = 7500 * time.Millisecond
	seen := make([]string, 3)
	var all sync.WaitGroup
	all.Go(func() {
		seen[0] = signIn("style stated, the person agrees after 7.5s", oauth2.AuthStyleInParams, &issuer{agreesAfter: agrees})
	})
	all.Go(func() {
		seen[1] = signIn("no style, the person agrees after 7.5s", oauth2.AuthStyleAutoDetect, &issuer{agreesAfter: agrees})
	})
	all.Go(func() {
		seen[2] = signIn("style stated, one 503", oauth2.AuthStyleInParams, &issuer{agreesAfter: agrees, unavailable: 2})
	})
	all.Wait()
	fmt.Println(strings.Join(seen, "\n"))
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
endpoints looked at: 7, of them with a style: 0
style stated, the person agrees after 7.5s: signed in
  1s authorization_pending, 2s authorization_pending, 3s authorization_pending, 4s authorization_pending, 5s authorization_pending, 6s authorization_pending, 7s authorization_pending, 8s token
no style, the person agrees after 7.5s: signed in
  1s authorization_pending, 1s slow_down, 7s authorization_pending, 7s slow_down, 18s token
style stated, one 503: error, status 503
  1s authorization_pending, 2s 503
TEXT
diff known seen || { echo "CHANGED: no longer so" >&2; exit 1; }
echo "As known."
