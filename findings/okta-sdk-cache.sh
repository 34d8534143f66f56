#!/usr/bin/env bash
#
# okta-sdk-golang v2: reads are cached for five minutes, whatever the server says,
# and the page after a cached one asks for less.
#
# Expected: a client of an API asks the API, or keeps to Cache-Control where it has
#   a cache. "expand=user", given to the first page, holds for all pages.
# Happens: with the SDK's defaults the second identical call makes no request and
#   gives the old list, though every answer said no-store. The first page's request
#   lends its query to the next ones (so "expand" survives a next link that leaves
#   it out), but a page from the cache has no such query: page two then comes
#   without the embedded users, and without an error.
# A client should: switch the cache off (WithCache(false)).
# Concerns us: we look a second time before we remove somebody. From a cache, the
#   second look is the first one again; and whether a person is suspended is read
#   from the embedded user.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
export GOWORK=off GOFLAGS=-mod=readonly
unset "${!OKTA_@}"

cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"
)

// list walks both pages and says who was in them.
func list(ctx context.Context, client *okta.Client) string {
	users, resp, err := client.Application.ListApplicationUsers(ctx, "0oa1",
		query.NewQueryParams(query.WithLimit(1), query.WithExpand("user")))
	if err != nil {
		log.Fatal(err)
	}
	said := ""
	for {
		for _, u := range users {
			_, whole := u.Embedded.(map[string]any)["user"]
			said += fmt.Sprintf(" %s (embedded user: %t)", u.Id, whole)
		}
		if !resp.HasNextPage() {
			return said
		}
		var page []*okta.AppUser
		if resp, err = resp.Next(ctx, &page); err != nil {
			log.Fatal(err)
		}
		users = page
	}
}

func run(cached bool) {
	firsts, seconds := 0, 0
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		embedded := `{}`
		if r.URL.Query().Get("expand") == "user" {
			embedded = `{"user":{"status":"SUSPENDED"}}`
		}
		if r.URL.Query().Get("after") != "" {
			seconds++
			_, _ = fmt.Fprintf(w, `[{"id":"last%d","_embedded":%s}]`, seconds, embedded)
			return
		}
		firsts++
		w.Header().Add("Link", `<`+server.URL+`/api/v1/apps/0oa1/users?after=c1&limit=1>; rel="next"`)
		_, _ = fmt.Fprintf(w, `[{"id":"first%d","_embedded":%s}]`, firsts, embedded)
	}))
	defer server.Close()

	settings := []okta.ConfigSetter{
		okta.WithOrgUrl(server.URL), okta.WithToken("made-up"), okta.WithTestingDisableHttpsCheck(true),
	}
	if !cached {
		settings = append(settings, okta.WithCache(false))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ctx, client, err := okta.NewClient(ctx, settings...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("cache on:", cached)
	for i := 1; i <= 3; i++ {
		fmt.Printf("  look %d:%s\n", i, list(ctx, client))
	}
	fmt.Printf("  requests for page one: %d, for page two: %d\n", firsts, seconds)
}

func main() {
	log.SetFlags(0)
	run(true)
	run(false)
}
GO
{
	go mod init throwaway &&
		timeout 100 go get github.com/okta/okta-sdk-golang/v2/okta@v2.20.0 &&
		go build -o finding .
} 2>log || { cat log >&2; exit 2; }
go list -m github.com/okta/okta-sdk-golang/v2

timeout 60 ./finding | tee seen
cat >known <<'TEXT'
cache on: true
  look 1: first1 (embedded user: true) last1 (embedded user: true)
  look 2: first1 (embedded user: true) last2 (embedded user: false)
  look 3: first1 (embedded user: true) last2 (embedded user: false)
  requests for page one: 1, for page two: 2
cache on: false
  look 1: first1 (embedded user: true) last1 (embedded user: true)
  look 2: first2 (embedded user: true) last2 (embedded user: true)
  look 3: first3 (embedded user: true) last3 (embedded user: true)
  requests for page one: 3, for page two: 3
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
