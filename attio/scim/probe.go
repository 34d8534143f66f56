package scim

import (
	"context"
	"encoding/json"

	"scim-sync/attio"
)

// Check implements attio.Reader: what the token is, by GET /v2/self, and whether
// SCIM answers it, by Probe.
func (r *Reader) Check(ctx context.Context) error {
	id, err := r.Identity(ctx)
	if err != nil {
		return err
	}
	if !id.CanWrite() {
		return &attio.Error{Kind: attio.MissingScope, Op: "look at the token's scopes", Subject: id.WorkspaceSlug,
			Detail: "it lacks " + attio.ScopeWrite, Hint: hint(attio.MissingScope)}
	}
	return r.Probe(ctx)
}

// Probe asks for the SCIM schemas, the cheapest request that shows whether
// SCIM answers this token (https://docs.attio.com/rest-api/scim/list-schemas):
// kind NoSCIM where the workspace's plan does not include it.
func (r *Reader) Probe(ctx context.Context) error {
	a, err := r.get(ctx, call{op: "ask for the SCIM schemas", root: r.client.scim, path: "/Schemas"})
	if err != nil {
		return unlisted(err, r.client.scim)
	}
	// Which schemas those are makes no difference here: that it is JSON does.
	var schemas json.RawMessage
	return a.decode(&schemas)
}
