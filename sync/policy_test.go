package sync

import (
	"time"

	"scim-sync/idp"
)

// DefaultPolicy is the policy of these tests. The settings' own defaults are in the table of
// config, which this package cannot import.
func DefaultPolicy() Policy {
	return Policy{
		Roles: RolePolicy{WhenAbsent: KeepAdopted},
		Teams: TeamPolicy{Source: idp.AssignedGroups},
		Protect: ProtectPolicy{
			Removals: Amount{20, true}, RemovalsCeiling: 25, RemovalsFloor: 5, RemovalsWindow: 24 * time.Hour,
			AdminRemovals: 1, TeamRemovals: Amount{50, true}, TeamRemovalsFloor: 2,
			Additions: Amount{50, true}, AdditionsFloor: 20, Promotions: 3,
			EmailChanges: Amount{20, true}, EmailChangesFloor: 5,
		},
	}
}
