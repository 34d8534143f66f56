package attio

import (
	"cmp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Profile is what Attio keeps of a person beside address, role and status. A new
// field of it is a field here, a line in zip, and then the two wire files of
// attio/scim and attiotest.
//
// An empty field says nothing: it is neither compared, nor written, nor does it
// clear what is there.
type Profile struct {
	GivenName  string `json:"given_name,omitempty"`
	FamilyName string `json:"family_name,omitempty"`
}

// zip puts two profiles together field by field.
func (p Profile) zip(q Profile, field func(p, q string) string) Profile {
	return Profile{GivenName: field(p.GivenName, q.GivenName), FamilyName: field(p.FamilyName, q.FamilyName)}
}

// Clean is the form in which profiles are compared and sent: trimmed, Unicode
// NFC.
func (p Profile) Clean() Profile {
	return p.zip(p, func(s, _ string) string { return norm.NFC.String(strings.TrimSpace(s)) })
}

// Diff gives the fields of wanted that are not empty and that p has otherwise,
// both cleaned: what has to be written so that p becomes wanted.
func (p Profile) Diff(wanted Profile) Profile {
	return wanted.Clean().Without(p.Clean())
}

// Merge gives p with the fields of other that are not empty put over it.
func (p Profile) Merge(other Profile) Profile {
	return p.zip(other, func(p, q string) string { return cmp.Or(q, p) })
}

// Without gives the fields of p that other has not the same.
func (p Profile) Without(other Profile) Profile {
	return p.zip(other, func(p, q string) string {
		if p == q {
			return ""
		}
		return p
	})
}

// Same gives the fields of p that other has the same.
func (p Profile) Same(other Profile) Profile {
	return p.zip(other, func(p, q string) string {
		if p != q {
			return ""
		}
		return p
	})
}

// Of gives the fields of p that are set in fields.
func (p Profile) Of(fields Profile) Profile {
	return p.zip(fields, func(p, q string) string {
		if q == "" {
			return ""
		}
		return p
	})
}

// IsZero says that no field is set.
func (p Profile) IsZero() bool { return p == Profile{} }

// Name is the name as people write it, empty without one.
func (p Profile) Name() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }
