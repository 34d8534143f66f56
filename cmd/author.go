package cmd

import (
	"slices"

	"scim-sync/attio"
	"scim-sync/cmd/view"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// assignment says whether somebody is assigned to the app in Okta.
type assignment int

const (
	unknownAssignment assignment = iota
	assigned
	unassigned
	suspendedThere
)

func (x assignment) String() string {
	return [...]string{"unknown", "assigned", "not assigned any more", "suspended"}[x]
}

// assignmentSaid is what somebody's access, as Okta tells it, says of it. Where
// suspended people are kept as they are, nothing happens to them.
func (s *session) assignmentSaid(a idp.Access) assignment {
	switch {
	case a == idp.Revoked:
		return unassigned
	case a == idp.Suspended && !s.settings.Policy.KeepSuspended:
		return suspendedThere
	}
	return assigned
}

// authorMend says what to do about a token whose author is on the way out.
// Attio does not say whether a token ends with the person behind it.
const authorMend = "The token may end with them. Let another admin of the workspace sign in: scim-sync login (or replace attio.token by one that they made)."

// authorTrouble says why a token may end soon: empty where it will not.
func authorTrouble(m attio.Member, in assignment) string {
	who := view.Clean(m.Email) + ", who authorised the token, "
	switch {
	case m.Status == attio.Suspended:
		return who + "is suspended in Attio"
	case m.Role == attio.RoleMember:
		return who + "is no admin in Attio any more"
	case in == unassigned:
		return who + "is not assigned in Okta any more"
	case in == suspendedThere:
		return who + "is suspended in Okta"
	}
	return ""
}

// warnOfAuthor warns, once a run, when the token may end with its author.
func (a *app) warnOfAuthor(s *session, dir idp.Directory, ws attio.Workspace, m core.Managed) {
	if s.warned {
		return
	}
	s.warned = true
	author, ok := authorOf(ws.Identity, ws.Members)
	if !ok {
		return
	}
	in := unknownAssignment
	if p, ok := managedAs(m, author); ok {
		in = unassigned
		if i := slices.IndexFunc(dir.People, func(x idp.Person) bool { return x.ID == p.OktaID }); i >= 0 {
			in = s.assignmentSaid(dir.People[i].Access)
		}
	}
	if why := authorTrouble(author, in); why != "" {
		a.say("Warning: " + why + ". " + authorMend)
	}
}

// managedAs finds the managed person that a member is.
func managedAs(m core.Managed, who attio.Member) (core.ManagedPerson, bool) {
	for _, p := range m.People {
		if !p.Released && (who.ID != "" && p.AttioID == who.ID || attio.FoldEmail(p.Email) == attio.FoldEmail(who.Email)) {
			return p, true
		}
	}
	return core.ManagedPerson{}, false
}
