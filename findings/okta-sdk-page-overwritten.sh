#!/usr/bin/env bash
#
# okta-sdk-golang v2: the next page, read into the slice of the first, changes the
# people of the first.
#
# Expected: resp.Next(ctx, &users) in a loop gives each page, and the entries that
#   were kept from the page before stay as they were.
# Happens: the SDK decodes into the slice that it is given, and JSON decoding writes
#   into the elements that are there. They are pointers, so the kept entry becomes
#   somebody of page two; and what the new entry leaves out or says null to keeps
#   the old value: a person is seen with the externalId of another.
# A client should: declare a fresh variable for each page.
# Concerns us: the list of who is assigned is what everything is derived from. The
#   number of entries is right, so no count shows it; only lists of more than one
#   page are hit, which a test with a few people never has.

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
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"
)

func list(what string, fresh bool) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("after") != "" {
			_, _ = io.WriteString(w, `[{"id":"cyd","externalId":null,"status":"ACTIVE"}]`)
			return
		}
		w.Header().Add("Link", `<`+server.URL+`/api/v1/apps/0oa1/users?after=c1&limit=2>; rel="next"`)
		_, _ = io.WriteString(w, `[{"id":"ada","externalId":"ext-of-ada","status":"ACTIVE"},
			{"id":"bea","externalId":"ext-of-bea","status":"ACTIVE"}]`)
	}))
	defer server.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ctx, client, err := okta.NewClient(ctx, okta.WithOrgUrl(server.URL), okta.WithToken("made-up"),
		okta.WithTestingDisableHttpsCheck(true), okta.WithCache(false))
	if err != nil {
		log.Fatal(err)
	}
	users, resp, err := client.Application.ListApplicationUsers(ctx, "0oa1", query.NewQueryParams(query.WithLimit(2)))
	if err != nil {
		log.Fatal(err)
	}
	all := append([]*okta.AppUser{}, users...)
	for resp.HasNextPage() {
		if fresh {
			users = nil
		}
		if resp, err = resp.Next(ctx, &users); err != nil {
			log.Fatal(err)
		}
		all = append(all, users...)
	}
	fmt.Println(what)
	for _, u := range all {
		fmt.Printf("  %s externalId=%q\n", u.Id, u.ExternalId)
	}
}

func main() {
	log.SetFlags(0)
	list("one slice for all pages:", false)
	list("a fresh slice for each page:", true)
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
one slice for all pages:
  cyd externalId="ext-of-ada"
  bea externalId="ext-of-bea"
  cyd externalId="ext-of-ada"
a fresh slice for each page:
  ada externalId="ext-of-ada"
  bea externalId="ext-of-bea"
  cyd externalId=""
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
