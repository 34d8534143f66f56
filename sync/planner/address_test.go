package planner

import (
	"net/mail"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
)

// What passes as an everyday address is one that the parser takes as it is.
func TestEverydayAddressesAreValid(t *testing.T) {
	for s, want := range map[string]bool{"ada.lovelace+crm@mail.acme-co.example": true, "a@b.c": true, "a@b": false, ".a@b.c": false, "a.@b.c": false, "a..b@c.d": false,
		"@b.c": false, "a@.c": false, "a@b.": false, "a@b..c": false, "a@b@c.d": false, "é@b.c": false, "a b@c.d": false, "": false} {
		if everyday(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
	part := rapid.StringMatching(`[aZ0.@_+\-]{0,8}`)
	sample.Check(t, func(r *rapid.T) {
		s := strings.Join(rapid.SliceOfN(part, 1, 3).Draw(r, "parts"), "@")
		if !everyday(s) {
			return
		}
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s || a.Name != "" {
			r.Fatalf("%q: %v, %v", s, a, err)
		}
	})
}
