// Package stores finds the kind of store that an address asks for.
package stores

import (
	"context"
	"strings"

	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres"
	"scim-sync/sync/state/s3"
)

// Open gives the store of a location. Nothing is touched or asked before it is
// used. Error: *state.LocationError.
func Open(ctx context.Context, at state.Location) (*state.Store, error) {
	scheme, _, _ := strings.Cut(at.URL, ":")
	switch scheme {
	case "postgres", "postgresql":
		b, err := postgres.Open(ctx, at)
		if err != nil {
			return nil, err
		}
		return state.New(b, at.Options), nil
	case "s3":
		b, err := s3.Open(ctx, at)
		if err != nil {
			return nil, err
		}
		return state.New(b, at.Options), nil
	default:
		return state.Open(ctx, at)
	}
}
