#!/usr/bin/env bash
#
# One PATCH that takes a member away: three libraries, three outcomes, no error.
#
# Expected: {"op":"remove","path":"members","value":[{"value":"ID"}]}, which some
#   identity providers send, is either understood (that member goes) or refused
#   with a 400.
# Happens: elimity-com/scim answers 200 and takes everybody out, for RFC 7644
#   3.5.2.2 gives "remove" no value and the path names the whole attribute.
#   scimmy and scim-patch take that member out, unless the entry also says a
#   "display" that the stored one does not have (a person was renamed, say): they
#   compare whole entries, find none that is equal, and take nobody out, again
#   without an error.
# A client should: send members[value eq "ID"], the one form that all three read
#   alike, and look at the group after the write: a 200 says nothing about whom
#   it took out.
# Concerns us: leaving a team is one such PATCH. One form empties the team and the
#   other leaves access in place, and the answer does not tell which.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for tool in go node npm; do
	command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 2; }
done
export GOWORK=off GOFLAGS=-mod=readonly

mkdir js go
cat >js/main.mjs <<'JS'
import { createRequire } from "node:module";
import SCIMMY from "scimmy";
import { scimPatch } from "scim-patch";

const form = JSON.parse(process.argv[2]);
const schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
const blue = () => ({ id: "g1", displayName: "Blue", members: ["ada", "bea", "cyd"].map((value) => ({ value })) });
const names = (group) => (group.members ?? []).map((m) => m.value).join(" ") || "(nobody)";

let stored = blue();
SCIMMY.Resources.declare(SCIMMY.Resources.Group)
  .egress(() => stored)
  .ingress((_, data) => (stored = { id: "g1", ...JSON.parse(JSON.stringify(data)) }));
await new SCIMMY.Resources.Group("g1").patch({ schemas, Operations: [form] });

const { version } = createRequire(import.meta.url)("./node_modules/scimmy/package.json");
console.log(`scimmy ${version}: ${names(stored)}`);
const after = scimPatch({ schemas: [], meta: {}, ...blue() }, [form], { mutateDocument: false });
const patch = createRequire(import.meta.url)("./node_modules/scim-patch/package.json");
console.log(`scim-patch ${patch.version}: ${names(after)}`);
JS

cat >go/main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/elimity-com/scim"
	scimerrors "github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

// blue is one group; what a PATCH does to it is the library's ApplyPatch.
type blue struct{ attributes scim.ResourceAttributes }

func (b *blue) Patch(_ *http.Request, id string, ops []scim.PatchOperation) (scim.Resource, error) {
	after, err := scim.ApplyPatch(b.attributes, ops, schema.CoreGroupSchema())
	if err != nil {
		return scim.Resource{}, err
	}
	b.attributes = after
	return scim.Resource{ID: id, Attributes: after}, nil
}

func (b *blue) Get(_ *http.Request, id string) (scim.Resource, error) {
	return scim.Resource{ID: id, Attributes: b.attributes}, nil
}

func (b *blue) GetAll(*http.Request, scim.ListRequestParams) (scim.Page, error) {
	return scim.Page{}, nil
}

func (b *blue) Create(*http.Request, scim.ResourceAttributes) (scim.Resource, error) {
	return scim.Resource{}, scimerrors.ScimErrorMutability
}

func (b *blue) Replace(*http.Request, string, scim.ResourceAttributes) (scim.Resource, error) {
	return scim.Resource{}, scimerrors.ScimErrorMutability
}

func (b *blue) Delete(*http.Request, string) error { return scimerrors.ScimErrorMutability }

func main() {
	log.SetFlags(0)
	var members []any
	for _, name := range []string{"ada", "bea", "cyd"} {
		members = append(members, map[string]any{"value": name})
	}
	group := &blue{scim.ResourceAttributes{"displayName": "Blue", "members": members}}
	handler, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{SupportPatch: true},
		ResourceTypes: []scim.ResourceType{{
			ID: optional.NewString("Group"), Name: "Group", Endpoint: "/Groups",
			Schema: schema.CoreGroupSchema(), Handler: group,
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()

	body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + os.Args[1] + `]}`
	req, err := http.NewRequest(http.MethodPatch, server.URL+"/Groups/g1", strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Members []struct{ Value string } }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	var left []string
	for _, m := range answer.Members {
		left = append(left, m.Value)
	}
	if len(left) == 0 {
		left = []string{"(nobody)"}
	}
	fmt.Printf("elimity-com/scim, status %d: %s\n", resp.StatusCode, strings.Join(left, " "))
}
GO

(
	cd js
	timeout 100 npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
		scimmy@1.3.5 scim-patch@0.8.3 scim2-parse-filter@0.2.10 fast-deep-equal@3.1.3 >/dev/null
) || exit 2
(
	cd go &&
		go mod init throwaway &&
		timeout 100 go get github.com/elimity-com/scim@v0.0.0-20260328082225-d5e7ba418946 &&
		go build -o ../elimity .
) 2>log || { cat log >&2; exit 2; }
(cd go && go list -m github.com/elimity-com/scim)

{
	echo 'In the group: ada bea cyd. Take ada out, who is left?'
	for form in \
		'{"op":"remove","path":"members","value":[{"value":"ada"}]}' \
		'{"op":"remove","path":"members","value":[{"value":"ada","display":"Ada"}]}' \
		'{"op":"remove","path":"members[value eq \"ada\"]"}'; do
		echo "$form"
		timeout 30 ./elimity "$form"
		timeout 30 node js/main.mjs "$form"
	done
} | tee seen

cat >known <<'TEXT'
In the group: ada bea cyd. Take ada out, who is left?
{"op":"remove","path":"members","value":[{"value":"ada"}]}
elimity-com/scim, status 200: (nobody)
scimmy 1.3.5: bea cyd
scim-patch 0.8.3: bea cyd
{"op":"remove","path":"members","value":[{"value":"ada","display":"Ada"}]}
elimity-com/scim, status 200: (nobody)
scimmy 1.3.5: ada bea cyd
scim-patch 0.8.3: ada bea cyd
{"op":"remove","path":"members[value eq \"ada\"]"}
elimity-com/scim, status 200: bea cyd
scimmy 1.3.5: bea cyd
scim-patch 0.8.3: bea cyd
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
