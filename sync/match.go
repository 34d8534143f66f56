package sync

import (
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

// matchPeople ties every Okta identity to its place in Attio: first those
// that state ties by id, then by address, never one place to two identities.
func (d *diff) matchPeople() error {
	all := make([]subject, len(d.in.Directory.People))
	for i := range all {
		p := &d.in.Directory.People[i]
		all[i] = subject{id: p.ID, mark: markOf(p.ID), person: p, entry: d.unknown, member: -1, proof: &p.Proof}
		d.byOkta[p.ID] = &all[i]
	}
	entries := make([]ManagedPerson, 0, len(d.in.Managed.People))
	for id, e := range d.in.Managed.People {
		s := d.byOkta[id]
		if s == nil {
			s = d.newSubject(id)
			d.byOkta[id] = s
		}
		entries = append(entries, e)
		s.entry, s.managed = &entries[len(entries)-1], !e.Released
	}
	d.cutOff()
	d.subjects = make([]*subject, 0, len(d.byOkta))
	for i := range all {
		if s := &all[i]; d.byOkta[s.id] == s {
			d.subjects = append(d.subjects, s)
		}
	}
	for _, s := range d.byOkta {
		if s.person == nil {
			d.subjects = append(d.subjects, s)
		}
	}
	byID := func(a, b *subject) int { return strings.Compare(a.id, b.id) }
	if !slices.IsSortedFunc(d.subjects, byID) { // Okta's list mostly is
		slices.SortFunc(d.subjects, byID)
	}

	for _, s := range d.subjects {
		if s.person != nil && s.person.HasRole && s.person.Access != idp.Revoked {
			d.roleAttribute = true
		}
		if s.entry.AttioID != "" {
			if i, ok := d.byID[s.entry.AttioID]; ok && d.claimed[i] == nil {
				s.member, d.claimed[i] = i, s
			}
		}
	}
	d.claimByState()
	for _, s := range d.subjects {
		if err := d.contradiction(s); err != nil {
			return err
		}
		if err := d.decide(s); err != nil {
			return err
		}
	}
	d.claimByEmail()
	return nil
}

// claimByState ties those whose id no longer leads anywhere by the address that
// state has of them. Where two had one address after each other, whoever Okta
// still gives it goes first, then whoever was there last; and an address that
// somebody assigned has by now leads to nobody who left.
func (d *diff) claimByState() {
	var loose []*subject
	for _, s := range d.subjects {
		if _, cut := d.unfinished[s.id]; cut || s.entry.OktaID != "" && s.member < 0 {
			loose = append(loose, s)
		}
	}
	if len(loose) == 0 {
		return // as nearly always
	}
	assigned := map[string]bool{}
	for _, s := range d.subjects {
		if s.granted() {
			assigned[attio.FoldEmail(s.person.Email)] = true
		}
	}
	const keeps, was, left = 0, 1, 2
	for _, turn := range []int{keeps, was, left} {
		for _, s := range loose {
			at := attio.FoldEmail(s.entry.Email)
			mine := left
			switch {
			case s.entry.OktaID == "" || s.member >= 0:
				continue
			case s.granted() && attio.FoldEmail(s.person.Email) == at:
				mine = keeps
			case s.entry.Applied.Active:
				mine = was
			case !s.granted() && assigned[at]:
				continue
			}
			if mine == turn {
				d.findByEmail(s, s.entry.Email)
			}
		}
	}
	d.claimLost(loose)
}

// claimLost ties people to an account whose answer was lost, under the address
// that was asked for; those too who have another one that gave way to it.
func (d *diff) claimLost(loose []*subject) {
	for _, s := range loose {
		u, cut := d.unfinished[s.id]
		if !cut || s.member >= 0 && d.at(s).Status != attio.Suspended {
			continue
		}
		was := s.member
		if d.findByEmail(s, u.Intent.Step.After.Email); was >= 0 && s.member != was {
			d.claimed[was] = nil
		}
	}
}

// granted says whether Okta has somebody assigned and free to work, and they
// were not released.
func (s *subject) granted() bool {
	return s.person != nil && s.person.Access == idp.Granted && !s.entry.Released
}

// cutOff counts among the managed whom a run that was cut off had begun to
// provision, who is in Attio since and not free to work any more: else nobody
// would answer for them.
func (d *diff) cutOff() {
	for id, u := range d.unfinished {
		s, after := d.byOkta[id], u.Intent.Step.After
		at := d.byEmail[attio.FoldEmail(after.Email)]
		known := s != nil && (s.entry.OktaID != "" || s.person != nil && s.person.Access == idp.Granted)
		if known || after.Email == "" || len(at) == 0 {
			continue
		}
		if s == nil {
			s = d.newSubject(id)
			d.byOkta[id] = s
		}
		s.managed, s.begun = true, true
		s.entry = &ManagedPerson{OktaID: id, Email: after.Email, Kind: kindOf(d.members[at[0]].Status), ManagedSince: u.At, InvitedAt: u.At,
			Applied: Applied{Role: after.Role, GivenName: after.GivenName, FamilyName: after.FamilyName, Active: true}}
	}
}

// newSubject is somebody whom Okta's list does not hold.
func (d *diff) newSubject(id string) *subject {
	return &subject{id: id, mark: markOf(id), entry: d.unknown, member: -1, proof: d.unproven}
}

// findByEmail ties a subject of the state to a place of the same address.
func (d *diff) findByEmail(s *subject, email string) {
	if email == "" {
		return
	}
	for _, i := range d.byEmail[attio.FoldEmail(email)] {
		if d.claimed[i] == nil {
			s.member, d.claimed[i] = i, s
			return
		}
	}
}

// contradiction is an error where somebody who has joined shows as invited: the
// id of an invite becomes another one when it is accepted, so that Attio's list
// of those who joined leaves them out. Taken for an invite they would be under
// none of the rails that keep members and admins.
func (d *diff) contradiction(s *subject) error {
	m := d.at(s)
	if !s.managed || m == nil || s.entry.Kind != Membership || s.entry.AttioID != m.ID || m.Status != attio.Invited {
		return nil
	}
	return &UntrustedError{
		Detail: "Attio's member list leaves out " + m.Email + " (" + m.ID + "), who joined before and is still there over SCIM",
		Hint:   "Nothing was written. Run again; if it stays so, that list is not to be trusted. To go on without them: scim-sync release " + Quote(m.Email),
	}
}
