// Package stores finds the kind of store that an address asks for.
package stores

import (
	"context"
	"strings"

	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres"
)

// Open gives the store of a location. Nothing is touched or asked before it is
// used. Error: *state.LocationError.
func Open(ctx context.Context, at state.Location) (*state.Store, error) {
	open := map[string]func(context.Context, state.Location) (state.Backend, error){
		"postgres": postgres.Open, "postgresql": postgres.Open,
	}
	scheme, _, _ := strings.Cut(at.URL, ":")
	if remote, ok := open[scheme]; ok {
		backend, err := remote(ctx, at)
		if err != nil {
			return nil, err
		}
		return state.New(backend, at.Options), nil
	}
	return state.Open(ctx, at)
}
