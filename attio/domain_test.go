package attio

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
)

// One mail domain in two spellings is one person; two domains are two.
func TestOneDomainInTwoSpellings(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"as written and as an A-label", "bob@bücher.example", "bob@xn--bcher-kva.example", true},
		{"upper case", "Bob@BÜCHER.Example", "bob@XN--BCHER-KVA.example", true},
		{"decomposed", "bob@bu\u0308cher.example", "bob@xn--bcher-kva.example", true},
		{"an ideographic full stop", "bob@bücher。example", "bob@xn--bcher-kva.example", true},
		{"full width", "bob@ｂücher．example", "bob@xn--bcher-kva.example", true},
		{"a label below", "bob@mail.bücher.example", "bob@mail.xn--bcher-kva.example", true},
		{"a label in another script", "ivan@пример.example", "ivan@xn--e1afmkfd.example", true},
		{"from right to left", "dana@דוגמה.example", "dana@xn--6dbbec0c.example", true},
		{"beside a name that the profile refuses", "bob@r3---sn.bücher.example", "bob@r3---sn.xn--bcher-kva.example", true},
		{"beside an underscore", "bob@_dmarc.bücher.example", "bob@_dmarc.xn--bcher-kva.example", true},
		{"a sharp s is no double s", "bob@straße.example", "bob@strasse.example", false},
		{"a sharp s as an A-label", "bob@straße.example", "bob@xn--strae-oqa.example", true},
		{"another domain", "bob@bücher.example", "bob@bucher.example", false},
		{"an A-label of nothing", "bob@xn--.example", "bob@.example", false},
		{"the name is not the domain", "bücher@acme.example", "xn--bcher-kva@acme.example", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if same := FoldEmail(c.a) == FoldEmail(c.b); same != c.same {
				t.Errorf("%s folds to %s, %s to %s", c.a, FoldEmail(c.a), c.b, FoldEmail(c.b))
			}
		})
	}
	// What the profile refuses stays as it is, in lower case.
	for in, want := range map[string]string{
		"Bob@R3---SN.Example": "bob@r3---sn.example", "bob@xn--a.example": "bob@xn--a.example", "bob@\u00ad.example": "bob@\u00ad.example", "bob@XN--Zzzzz.example": "bob@xn--zzzzz.example",
		"bob@-a-.example": "bob@-a-.example", "a b@acme.example": "a b@acme.example", "": "", "@": "@", " Ada@Acme.Example ": "ada@acme.example",
		"no address": "no address", "ada@müller@acme.example": "ada@müller@acme.example", "bob@..bücher": "bob@..xn--bcher-kva",
	} {
		if got := FoldEmail(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

// What is folded is folded: once more changes nothing, and neither does the case
// of what came.
func TestFoldingIsDoneOnce(t *testing.T) {
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("abAB.-_@x1nüÜßẞéE\u0308\u0301дДÅİıσς例。．ﬃ א１")), 0, 20, -1)
	sample.Check(t, func(t *rapid.T) {
		email := letters.Draw(t, "email")
		if rapid.Bool().Draw(t, "an A-label") {
			email = strings.ReplaceAll(email, "x", "xn--")
		}
		once := FoldEmail(email)
		if again := FoldEmail(once); again != once {
			t.Fatalf("%q folds to %q, and that to %q", email, once, again)
		}
	})
}

func BenchmarkFoldEmail(b *testing.B) {
	for name, email := range map[string]string{"ascii": "ada.arden@acme.example", "capitals": "Ada.Arden@Acme.example", "idn": "ada@bücher.example"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				FoldEmail(email)
			}
		})
	}
}
