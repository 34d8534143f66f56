package attio

import (
	"cmp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Profile is what Attio keeps of a person beside address, role and status. A new
// field of it is a field here and a line in each method, and then in the two
// wire files of attio/scim and in attiotest.
//
// An empty field says nothing: it is neither compared, nor written, nor does it
// clear what is there.
type Profile struct {
	GivenName  string
	FamilyName string
}

// Clean is the form in which profiles are compared and sent: trimmed, Unicode
// NFC.
func (p Profile) Clean() Profile {
	return Profile{GivenName: cleanText(p.GivenName), FamilyName: cleanText(p.FamilyName)}
}

func cleanText(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// Diff gives the fields of wanted that are not empty and that p has otherwise,
// both cleaned: what has to be written so that p becomes wanted.
func (p Profile) Diff(wanted Profile) Profile {
	have, want := p.Clean(), wanted.Clean()
	other := func(have, want string) string {
		if want == have {
			return ""
		}
		return want
	}
	return Profile{GivenName: other(have.GivenName, want.GivenName), FamilyName: other(have.FamilyName, want.FamilyName)}
}

// Merge gives p with the fields of other that are not empty put over it.
func (p Profile) Merge(other Profile) Profile {
	return Profile{GivenName: cmp.Or(other.GivenName, p.GivenName), FamilyName: cmp.Or(other.FamilyName, p.FamilyName)}
}

// IsZero says that no field is set.
func (p Profile) IsZero() bool { return p == Profile{} }

// Name is the name as people write it, empty without one.
func (p Profile) Name() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }
