package scim

import (
	"context"

	"scim-sync/attio"
)

// Teams lists all teams. Their members are there only where the list itself
// shows them: who needs them reads the workspace.
func (r *Reader) Teams(ctx context.Context) ([]attio.Team, error) {
	listed, err := r.groups(nil, nil).all(ctx, r)
	if err != nil {
		return nil, err
	}
	teams := make([]attio.Team, len(listed))
	for i, t := range listed {
		teams[i] = t.Team
	}
	return teams, nil
}
