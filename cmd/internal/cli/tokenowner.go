package cli

import (
	"slices"

	"scim-sync/attio"
	"scim-sync/cmd/view"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// AssignmentStatus says whether somebody is assigned to the app in Okta.
type AssignmentStatus int

// The statuses.
const (
	AssignmentUnknown AssignmentStatus = iota
	Assigned
	Unassigned
	SuspendedInOkta
)

func (x AssignmentStatus) String() string {
	return [...]string{"unknown", "assigned", "not assigned any more", "suspended"}[x]
}

// AssignmentOf is what somebody's access, as Okta tells it, says of it. Where
// suspended people are kept as they are, nothing happens to them.
func (s *Settings) AssignmentOf(a idp.Access) AssignmentStatus {
	switch {
	case a == idp.Revoked:
		return Unassigned
	case a == idp.Suspended && !s.Policy.KeepSuspended:
		return SuspendedInOkta
	}
	return Assigned
}

// OwnerAdvice says what to do about a token whose owner, the person who
// authorised it, is on the way out. Attio does not say whether it ends then.
const OwnerAdvice = "The token may end with them. Let another admin of the workspace sign in: scim-sync login (or replace attio.token by one that they made)."

// TokenOwner finds the person behind a token.
func TokenOwner(id attio.Identity, joined []attio.Member) (attio.Member, bool) {
	i := slices.IndexFunc(joined, func(m attio.Member) bool { return m.RestID != "" && m.RestID == id.AuthorizedBy })
	if i < 0 {
		return attio.Member{}, false
	}
	return joined[i], true
}

// OwnerTrouble says why a token may end soon: empty where it will not.
func OwnerTrouble(m attio.Member, in AssignmentStatus) string {
	who := view.Clean(m.Email) + ", who authorised the token, "
	switch {
	case m.Status == attio.Suspended:
		return who + "is suspended in Attio"
	case m.Role == attio.RoleMember:
		return who + "is no admin in Attio any more"
	case in == Unassigned:
		return who + "is not assigned in Okta any more"
	case in == SuspendedInOkta:
		return who + "is suspended in Okta"
	}
	return ""
}

// ManagedAs finds the managed person that a member is.
func ManagedAs(m core.Managed, who attio.Member) (core.ManagedPerson, bool) {
	for _, p := range m.People {
		if !p.Released && (who.ID != "" && p.AttioID == who.ID || attio.FoldEmail(p.Email) == attio.FoldEmail(who.Email)) {
			return p, true
		}
	}
	return core.ManagedPerson{}, false
}
