// Package stores finds the kind of store that an address asks for.
package stores

import (
	"context"

	"scim-sync/sync/state"
)

// Open gives the store of a location. What lies on this machine is not touched;
// what lies elsewhere is asked. Error: *state.LocationError.
func Open(ctx context.Context, at state.Location) (*state.Store, error) {
	return state.Open(ctx, at)
}
