package sync

import (
	"time"

	"scim-sync/attio"
)

// EntryBefore is what state has of the person before the step, or the beginnings
// of an entry.
func (s *Step) EntryBefore() ManagedPerson {
	if s.Record.Before != nil {
		return *s.Record.Before
	}
	after := s.EntryAfter()
	return ManagedPerson{OktaID: after.OktaID, Email: after.Email, RoleSeen: after.RoleSeen, ManagedSince: after.ManagedSince}
}

// EntryAfter is what state has of the person once the step is done, and all that
// were planned before it.
func (s *Step) EntryAfter() ManagedPerson {
	if s.Record.Newcomer != nil {
		return s.Record.Newcomer.entry(s)
	}
	return *s.Record.After
}

// EntryOnto gives the entry after the step, out of the entry that there really is:
// an earlier step may have failed, and what it meant to change stays as it was.
func (s *Step) EntryOnto(now ManagedPerson) ManagedPerson {
	was, is := s.EntryBefore(), s.EntryAfter()
	move(&now.OktaID, was.OktaID, is.OktaID)
	move(&now.AttioID, was.AttioID, is.AttioID)
	move(&now.Kind, was.Kind, is.Kind)
	move(&now.Email, was.Email, is.Email)
	move(&now.Applied.Role, was.Applied.Role, is.Applied.Role)
	move(&now.Applied.Profile, was.Applied.Profile, is.Applied.Profile) // one step at most is about it
	move(&now.Applied.Active, was.Applied.Active, is.Applied.Active)
	move(&now.NotTaken, was.NotTaken, is.NotTaken)
	move(&now.RoleSeen, was.RoleSeen, is.RoleSeen)
	move(&now.RoleFrom, was.RoleFrom, is.RoleFrom)
	move(&now.Adopted, was.Adopted, is.Adopted)
	move(&now.ManagedSince, was.ManagedSince, is.ManagedSince)
	move(&now.InvitedAt, was.InvitedAt, is.InvitedAt)
	move(&now.Readdressed, was.Readdressed, is.Readdressed)
	move(&now.NotMade, was.NotMade, is.NotMade)
	move(&now.Withheld, was.Withheld, is.Withheld)
	move(&now.Released, was.Released, is.Released)
	move(&now.ReleasedAll, was.ReleasedAll, is.ReleasedAll)
	return now
}

// entry is what state has of a newcomer once the step is done.
func (n *Newcomer) entry(s *Step) ManagedPerson {
	e := ManagedPerson{
		OktaID: s.Person.OktaID, Email: s.After.Email,
		Kind: Invite, InvitedAt: n.At, // until Attio lists them among those who joined
		Applied: Applied{Role: s.After.Role, Profile: s.After.Profile, Active: true}, RoleFrom: n.RoleFrom, RoleSeen: n.RoleSeen,
		ManagedSince: n.At,
	}
	if s.Action == Adopt {
		e.AttioID, e.Adopted = s.AttioID, true
		e.Applied.Profile, e.Applied.Active = s.After.Clean(), s.After.Status != attio.Suspended
		if s.After.Status != attio.Invited {
			e.Kind, e.InvitedAt = Membership, time.Time{}
		}
	}
	return e
}
