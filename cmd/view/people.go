package view

import core "scim-sync/sync"

// PeopleCounts counts managed people by how they were left; Released ones are
// managed no longer.
type PeopleCounts struct {
	Active    int `json:"active"`
	Invited   int `json:"invited"` // of the active ones
	Suspended int `json:"suspended"`
	Withdrawn int `json:"withdrawn,omitempty"` // of the suspended ones: their invite was withdrawn
	Released  int `json:"released"`
}

// standing is how a managed person was left, in the word that every page has for
// it; empty for somebody who was provisioned in vain, and is no more.
func standing(p core.ManagedPerson) string {
	switch {
	case p.Released:
		return "released"
	case p.Applied.Active && p.Kind == core.Invite:
		return "invited"
	case p.Applied.Active:
		return "active"
	case p.AttioID == "":
		return ""
	case p.Kind == core.Invite:
		return "withdrawn"
	}
	return "suspended"
}

// CountManaged counts what is managed.
func CountManaged(m core.Managed) (people PeopleCounts, teams int) {
	by := map[string]int{}
	for _, p := range m.People {
		by[standing(p)]++
	}
	for _, t := range m.Teams {
		if !t.Unlinked && !t.OutOfScope {
			teams++
		}
	}
	return PeopleCounts{
		Active: by["active"] + by["invited"], Invited: by["invited"],
		Suspended: by["suspended"] + by["withdrawn"], Withdrawn: by["withdrawn"], Released: by["released"],
	}, teams
}

// String is the one way in which people are counted: "300 people: 245 active, 55
// suspended", with those who are invited, withdrawn or released where there are any.
func (c PeopleCounts) String() string {
	text := count(c.Active+c.Suspended, "person", "people")
	if parts := clause("", []number{
		{c.Active - c.Invited, "active"}, {c.Invited, "invited"}, {c.Suspended - c.Withdrawn, "suspended"}, {c.Withdrawn, "withdrawn"},
	}); parts != "" {
		text += ": " + parts
	}
	if c.Released > 0 {
		text += " (and " + thousands(c.Released) + " released)"
	}
	return text
}

// ManagedWords say how much is managed.
func ManagedWords(people PeopleCounts, teams int) string {
	return people.String() + "; " + count(teams, "team", "teams")
}
