package sync

import (
	"testing"
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

// A verified domain is the same in either spelling.
func TestVerifiedDomainInEitherSpelling(t *testing.T) {
	for _, c := range []struct {
		domain, email string
		want          idp.Tristate
	}{
		{"bücher.example", "bob@xn--bcher-kva.example", idp.Yes},
		{"xn--bcher-kva.example", "Bob@BÜCHER.example", idp.Yes},
		{" Acme.example ", "bob@ACME.example", idp.Yes},
		{"r3---sn.example", "bob@R3---sn.example", idp.Yes},
		{"bücher.example", "bob@bucher.example", idp.No},
		{"acme.example", `"bob@acme.example"@else.example`, idp.No},
	} {
		p := Policy{VerifiedDomains: []string{c.domain}}
		if got := p.verified(c.email); got != c.want {
			t.Errorf("%s on %s: %d", c.email, c.domain, got)
		}
	}
}
