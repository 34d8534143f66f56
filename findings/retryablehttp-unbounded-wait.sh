#!/usr/bin/env bash
#
# hashicorp/go-retryablehttp: RetryWaitMax is no maximum, a POST is sent again, and
# the last answer is lost, its status too.
#
# Expected: no wait is longer than RetryWaitMax; a POST, which net/http itself does
#   not repeat, is not repeated; the error after the last try says the status.
# Happens: Retry-After of a 429 or 503 is waited for in full, in either form, however
#   long (only the request's context bounds it), and is not looked at for a 500. A
#   POST goes out again after a 500, when the server may have done the work. After
#   the last try the response is nil and the error says how many tries there were:
#   no status, no Retry-After, no body.
# A client should: give CheckRetry and Backoff of its own, with its own bound on the
#   wait and no second POST; and PassthroughErrorHandler, which hands the last
#   answer on.
# Concerns us: SCIM creates by POST, and the repeat finds its own user (409). One
#   "Retry-After: 86400" of a proxy holds a run, and its lock, for a day.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
export GOWORK=off GOFLAGS=-mod=readonly

cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

func create(status int, retryAfter string, keepLast bool) {
	posts := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		posts++
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, `{"detail":"come back later"}`)
	}))
	defer server.Close()

	client := retryablehttp.NewClient()
	client.Logger = nil
	client.HTTPClient.Timeout = 10 * time.Second
	client.RetryMax = 1
	client.RetryWaitMin = 10 * time.Millisecond
	client.RetryWaitMax = 200 * time.Millisecond
	if keepLast {
		client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	}
	began := time.Now()
	resp, err := client.Post(server.URL+"/scim/v2/Users", "application/scim+json", strings.NewReader(`{"userName":"ada"}`))
	waited := "within RetryWaitMax (0.2 s)"
	if time.Since(began) > time.Second {
		waited = "more than five times RetryWaitMax"
	}
	told := "no response"
	if resp != nil {
		told = resp.Status
		_ = resp.Body.Close()
	}
	if err != nil {
		told += strings.ReplaceAll(fmt.Sprintf(", error %q", err), server.URL, "")
	}
	fmt.Printf("status %d: %d POST, waited %s; caller told: %s\n", status, posts, waited, told)
}

func main() {
	fmt.Println("Retry-After: 3")
	create(429, "3", false)
	create(503, "3", false)
	create(500, "3", false)
	fmt.Println("Retry-After: a date in 4 s")
	create(503, time.Now().UTC().Add(4*time.Second).Format(http.TimeFormat), false)
	fmt.Println("with PassthroughErrorHandler")
	create(500, "3", true)
}
GO
{
	go mod init throwaway &&
		timeout 100 go get github.com/hashicorp/go-retryablehttp@v0.7.8 &&
		go build -o finding .
} 2>log || { cat log >&2; exit 2; }
go list -m github.com/hashicorp/go-retryablehttp

timeout 60 ./finding | tee seen
cat >known <<'TEXT'
Retry-After: 3
status 429: 2 POST, waited more than five times RetryWaitMax; caller told: no response, error "POST /scim/v2/Users giving up after 2 attempt(s)"
status 503: 2 POST, waited more than five times RetryWaitMax; caller told: no response, error "POST /scim/v2/Users giving up after 2 attempt(s)"
status 500: 2 POST, waited within RetryWaitMax (0.2 s); caller told: no response, error "POST /scim/v2/Users giving up after 2 attempt(s)"
Retry-After: a date in 4 s
status 503: 2 POST, waited more than five times RetryWaitMax; caller told: no response, error "POST /scim/v2/Users giving up after 2 attempt(s)"
with PassthroughErrorHandler
status 500: 2 POST, waited within RetryWaitMax (0.2 s); caller told: 500 Internal Server Error
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
