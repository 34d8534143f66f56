package sync

import (
	"scim-sync/attio"
	"scim-sync/idp"
)

// remember keeps what state will hold about a person once a step about them
// is done: the entry it has, or the beginnings of one.
func (d *diff) remember(s *subject, wanted roleWanted) {
	e := *s.entry
	if !s.managed {
		e = ManagedPerson{OktaID: s.id, Email: s.email(), ManagedSince: d.in.Now.UTC()}
	}
	if u, ok := d.unfinished[s.id]; ok && e.InvitedAt.Before(u.At) {
		e.InvitedAt = u.At
	}
	if s.person != nil {
		e.RoleSeen = e.RoleSeen || s.person.HasRole
	}
	d.facts[s.id] = facts{entry: e, wanted: wanted}
}

// learn settles, without a step, what is found as it should be: so that a
// later difference is known to come from Okta or from a hand in Attio.
func (d *diff) learn(s *subject, m *attio.Member, wanted roleWanted) {
	if !s.managed || s.entry.AttioID != m.ID {
		return // adopted in this plan: that step learns it
	}
	e := d.facts[s.id].entry
	e.Applied.Active = true
	e.Kind = kindOf(m.Status)
	if m.Role == wanted.role {
		e.hasRole(wanted)
	}
	if g := clean(s.person.GivenName); g != "" && g == clean(m.GivenName) {
		e.Applied.GivenName = g
	}
	if f := clean(s.person.FamilyName); f != "" && f == clean(m.FamilyName) {
		e.Applied.FamilyName = f
	}
	if attio.FoldEmail(s.person.Email) == attio.FoldEmail(m.Email) {
		e.Email = m.Email
	}
	e.NotTaken = d.stillNotTaken(s, m, wanted)
	d.facts[s.id] = facts{entry: e, wanted: wanted}
	if !sameEntry(e, *s.entry) {
		d.settle(e)
	}
}

// hasRole notes a role that somebody really has by now, and where it came from.
// While a demotion is outstanding, state goes on saying why they are admin.
func (e *ManagedPerson) hasRole(w roleWanted) { e.Applied.Role, e.RoleFrom = w.role, w.from }

// stillNotTaken drops what has changed in Okta, or has been taken after all.
func (d *diff) stillNotTaken(s *subject, m *attio.Member, wanted roleWanted) *NotTaken {
	if s.entry.NotTaken == nil {
		return nil
	}
	n := *s.entry.NotTaken
	if n.Role != wanted.role || m.Role == wanted.role || m.Status != attio.Invited {
		n.Role = ""
	}
	if n.GivenName != clean(s.person.GivenName) || n.GivenName == clean(m.GivenName) {
		n.GivenName = ""
	}
	if n.FamilyName != clean(s.person.FamilyName) || n.FamilyName == clean(m.FamilyName) {
		n.FamilyName = ""
	}
	if attio.FoldEmail(n.Email) != attio.FoldEmail(s.person.Email) || attio.FoldEmail(n.Email) == attio.FoldEmail(m.Email) {
		n.Email = ""
	}
	if n == (NotTaken{}) {
		return nil
	}
	return &n
}

// learnOut settles someone who is out in Okta and suspended in Attio already.
func (d *diff) learnOut(s *subject) {
	e := *s.entry
	e.Applied.Active, e.Withheld = false, e.Withheld && s.assigned()
	if !sameEntry(e, *s.entry) {
		d.settle(e)
	}
}

// assigned says whether Okta's assignment stands, though it gives no access now.
func (s *subject) assigned() bool { return s.person != nil && s.person.Access == idp.Suspended }

func sameEntry(a, b ManagedPerson) bool {
	an, bn := a.NotTaken, b.NotTaken
	a.NotTaken, b.NotTaken = nil, nil
	same := a == b
	if an == nil || bn == nil {
		return same && an == bn
	}
	return same && *an == *bn
}

func kindOf(s attio.Status) Kind {
	if s == attio.Invited {
		return Invite
	}
	return Membership
}
