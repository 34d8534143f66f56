package sync

import (
	"testing"

	"scim-sync/idp"
)

// TestVerifiedDomainInEitherSpelling: a verified domain is the same in either spelling.
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
		if got := p.Verified(c.email); got != c.want {
			t.Errorf("%s on %s: %d", c.email, c.domain, got)
		}
	}
}
