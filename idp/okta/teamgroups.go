package okta

import (
	"context"

	"scim-sync/idp"
)

// TeamGroups gives the groups that the query's team source yields, without
// their members and without reading anybody's assignment: what a command needs
// that only wants to know which group is meant. Wanted is not asked.
func (s *Source) TeamGroups(ctx context.Context, q idp.Query) ([]idp.GroupRef, []idp.Note, error) {
	groups, notes, err := s.teamGroups(ctx, q, func() {})
	refs := make([]idp.GroupRef, len(groups))
	for i, g := range groups {
		refs[i] = g.GroupRef
	}
	return refs, notes, err
}
