#!/usr/bin/env bash
#
# One look-up: three libraries find three different sets of people, and say nothing.
#
# Expected: a filter of RFC 7644 finds the same people everywhere, or is refused
#   (invalidFilter). userName is compared without case (RFC 7643, 4.1.1), a name may
#   bear its schema's URN, and what stands in [ ] holds for one and the same entry.
# Happens: userName in other letters, or with its URN, finds nobody in scimmy and
#   scim2-parse-filter, which know no schema when they compare. emails[a and b] is, in
#   scim2-parse-filter, also a person with a in one entry and b in another. Under
#   "not", scimmy gives just those who have the entry. emails.value, without [ ],
#   finds nobody in elimity-com/scim, and nor does a name with quotation marks in it,
#   which scimmy refuses. All three agree on the plainest of the seven only.
# A client should: ask for one plain attribute, spelt as the server spelt it; compare
#   each person in the answer itself; and take "nobody" for "not found by this
#   question". Before a delete, and after a 409 to a create, read the list unfiltered.
# Concerns us: a person is looked up by user name before a create. Nobody found means
#   a create, which is a 409, at each run; one too many found means that somebody
#   else's account is changed.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for tool in go node npm; do
	command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 2; }
done
export GOWORK=off GOFLAGS=-mod=readonly

mkdir js go
# Bea's mailbox at work is Ada's at home; Cyd has none at work.
cat >people.json <<'JSON'
[
  {"id": "ada", "userName": "ada", "displayName": "Ada \"Ace\" Alder", "emails": [
    {"type": "work", "value": "ada@fernwood.example"}, {"type": "home", "value": "bea@fernwood.example"}]},
  {"id": "bea", "userName": "bea", "displayName": "Bea Birch", "emails": [
    {"type": "work", "value": "bea@fernwood.example"}]},
  {"id": "cyd", "userName": "cyd", "displayName": "Cyd Cedar", "emails": [
    {"type": "home", "value": "cyd@fernwood.example"}]}
]
JSON
cat >questions <<'TEXT'
userName eq "ada"
userName eq "ADA"
urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada"
displayName eq "Ada \"Ace\" Alder"
emails[type eq "work" and value eq "bea@fernwood.example"]
emails.value eq "bea@fernwood.example"
not (emails[type eq "work"])
TEXT

cat >js/main.mjs <<'JS'
import { readFileSync } from "node:fs";
import SCIMMY from "scimmy";
import { filter, parse } from "scim2-parse-filter";

const [library, question] = process.argv.slice(2);
const people = JSON.parse(readFileSync("people.json", "utf8"));
SCIMMY.Resources.declare(SCIMMY.Resources.User).egress((asked) => asked.filter.match(people));
try {
  const found = library === "scimmy"
    ? (await new SCIMMY.Resources.User({ filter: question }).read()).Resources
    : people.filter(filter(parse(question)));
  console.log(found.map((p) => p.id).join(" ") || "(nobody)");
} catch (error) {
  console.log(error instanceof SCIMMY.Types.Error ? `status ${error.status} ${error.scimType}` : error.name);
}
JS

cat >go/main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/elimity-com/scim"
	scimerrors "github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

// users lists whom the filter's own PassesFilter lets through.
type users []scim.ResourceAttributes

func (u users) GetAll(_ *http.Request, asked scim.ListRequestParams) (scim.Page, error) {
	var page scim.Page
	for _, person := range u {
		if asked.FilterValidator.PassesFilter(person) == nil {
			page.Resources = append(page.Resources, scim.Resource{ID: person["id"].(string), Attributes: person})
		}
	}
	page.TotalResults = len(page.Resources)
	return page, nil
}

func (u users) Get(*http.Request, string) (scim.Resource, error) {
	return scim.Resource{}, scimerrors.ScimErrorMutability
}

func (u users) Create(*http.Request, scim.ResourceAttributes) (scim.Resource, error) {
	return scim.Resource{}, scimerrors.ScimErrorMutability
}

func (u users) Replace(*http.Request, string, scim.ResourceAttributes) (scim.Resource, error) {
	return scim.Resource{}, scimerrors.ScimErrorMutability
}

func (u users) Patch(*http.Request, string, []scim.PatchOperation) (scim.Resource, error) {
	return scim.Resource{}, scimerrors.ScimErrorMutability
}

func (u users) Delete(*http.Request, string) error { return scimerrors.ScimErrorMutability }

func main() {
	log.SetFlags(0)
	text, err := os.ReadFile("people.json")
	if err != nil {
		log.Fatal(err)
	}
	var people users
	if err := json.Unmarshal(text, &people); err != nil {
		log.Fatal(err)
	}
	handler, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{SupportFiltering: true},
		ResourceTypes: []scim.ResourceType{{
			ID: optional.NewString("User"), Name: "User", Endpoint: "/Users",
			Schema: schema.CoreUserSchema(), Handler: people,
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Get(server.URL + "/Users?filter=" + url.QueryEscape(os.Args[1]))
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		ScimType  string
		Resources []struct{ ID string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	var found []string
	for _, person := range answer.Resources {
		found = append(found, person.ID)
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		fmt.Println("status", resp.StatusCode, answer.ScimType)
	case len(found) == 0:
		fmt.Println("(nobody)")
	default:
		fmt.Println(strings.Join(found, " "))
	}
}
GO

(
	cd js
	timeout 100 npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
		scimmy@1.3.5 scim2-parse-filter@0.2.10 >/dev/null
) || exit 2
(
	cd go &&
		go mod init throwaway &&
		timeout 100 go get github.com/elimity-com/scim@v0.0.0-20260328082225-d5e7ba418946 &&
		go build -o ../elimity .
) 2>log || { cat log >&2; exit 2; }
(cd go && go list -m github.com/elimity-com/scim)
for library in scimmy scim2-parse-filter; do
	node -p 'process.argv[1] + " " + JSON.parse(require("fs").readFileSync(`js/node_modules/${process.argv[1]}/package.json`)).version' "$library"
done

while IFS= read -r question; do
	echo "$question"
	printf '  elimity-com/scim: %s\n' "$(timeout 30 ./elimity "$question")"
	for library in scimmy scim2-parse-filter; do
		printf '  %s: %s\n' "$library" "$(timeout 30 node js/main.mjs "$library" "$question")"
	done
done <questions | tee seen

cat >known <<'TEXT'
userName eq "ada"
  elimity-com/scim: ada
  scimmy: ada
  scim2-parse-filter: ada
userName eq "ADA"
  elimity-com/scim: ada
  scimmy: (nobody)
  scim2-parse-filter: (nobody)
urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada"
  elimity-com/scim: ada
  scimmy: (nobody)
  scim2-parse-filter: (nobody)
displayName eq "Ada \"Ace\" Alder"
  elimity-com/scim: (nobody)
  scimmy: status 400 invalidFilter
  scim2-parse-filter: ada
emails[type eq "work" and value eq "bea@fernwood.example"]
  elimity-com/scim: bea
  scimmy: bea
  scim2-parse-filter: ada bea
emails.value eq "bea@fernwood.example"
  elimity-com/scim: (nobody)
  scimmy: ada bea
  scim2-parse-filter: ada bea
not (emails[type eq "work"])
  elimity-com/scim: cyd
  scimmy: ada bea
  scim2-parse-filter: cyd
TEXT
diff known seen || { echo "CHANGED: no longer so" >&2; exit 1; }
echo "As known."
