package scim

import (
	"context"
	"encoding/json"
)

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
