package sync

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/attio"
)

// A step is written as encoding/json writes it, whatever its texts hold.
func TestStepsAreWrittenAsEncodingJSONDoes(t *testing.T) {
	odd := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.StringMatching(`[a-z@.<>&"\\\\]{0,6}`),
		rapid.SampledFrom([]string{"\u2028", "\xff", "\x00", "\x7f", "é", "admin"}))
	rapid.Check(t, func(r *rapid.T) {
		text := func(what string) string { return odd.Draw(r, what) }
		values := func() Values {
			return Values{Email: text("email"), Role: attio.Role(text("role")), Status: attio.Status(text("status")), GivenName: text("given"),
				FamilyName: text("family"), Name: text("name"), Kind: text("kind")}
		}
		s := Step{N: rapid.Int().Draw(r, "n"), Action: Action(text("action")), AttioID: text("attio"), Before: values(), After: values(),
			Cause: Cause(text("cause")), Reason: text("reason")}
		if rapid.Bool().Draw(r, "person") {
			s.Person = &PersonRef{text("okta"), text("address")}
		}
		if rapid.Bool().Draw(r, "team") {
			s.Team = &TeamRef{text("group"), text("team"), text("called"), rapid.SliceOfN(odd, 0, 3).Draw(r, "groups")}
		}
		for range rapid.IntRange(0, 3).Draw(r, "people") {
			s.People = append(s.People, MemberRef{text("a"), text("b"), text("c")})
		}
		want, err := json.Marshal(s)
		if err != nil {
			r.Fatal(err)
		}
		if got := appendStep(nil, &s); string(got) != string(want) {
			r.Fatalf("%s, not %s", got, want)
		}
	})
}
