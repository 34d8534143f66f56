package planner

import (
	"cmp"
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// matchPeople gives everybody on either side, and who is who.
func matchPeople(in *Input) (*roster, findings, error) {
	m := &matcher{roster: newRoster(in), unknown: new(core.ManagedPerson), unproven: new(idp.Proof)}
	m.enrol()
	if err := m.unread(); err != nil {
		return nil, findings{}, err
	}
	for _, s := range m.identities {
		if s.entry.AttioID != "" {
			if i, ok := m.byID[s.entry.AttioID]; ok && m.owner[i] == nil {
				s.member, m.owner[i] = i, s
			}
		}
	}
	m.matchByState()
	for _, s := range m.identities {
		if err := m.contradiction(s); err != nil {
			return nil, findings{}, err
		}
		if err := m.decide(s); err != nil {
			return nil, findings{}, err
		}
	}
	m.matchByEmail()
	m.askForMissing()
	m.noteInFlight()
	m.noteInvites()
	return m.roster, m.findings, nil
}

// noteInFlight has state learn of whom a run that was cut off provisioned,
// whatever becomes of the steps about them.
func (m *matcher) noteInFlight() {
	for _, s := range m.identities {
		if at := m.at(s); s.inFlight && at != nil {
			e := *s.entry
			e.AttioID = at.ID
			s.entry = &e
			m.update(core.Change{Person: &e})
		}
	}
}

// askForMissing asks for those whom state ties to an id that Attio's list leaves
// out, and of whose address nobody is: a list alone proves nothing. Whoever is to
// come back may be suspended there still.
func (m *matcher) askForMissing() {
	for _, s := range m.identities {
		e := s.entry
		if s.managed && s.member < 0 && s.status != leave && e.AttioID != "" && (e.Applied.Active || s.status == in) && !m.in.Answers.MembersGone[e.AttioID] {
			m.questions.Members = append(m.questions.Members, e.AttioID)
		}
	}
}

// enrol lists all identities: those of Okta's list, and those of the state.
func (m *matcher) enrol() {
	all := make([]identity, len(m.in.Directory.People))
	for i := range all {
		p := &m.in.Directory.People[i]
		all[i] = identity{id: p.ID, mark: core.MarkOf(p.ID), person: p, entry: m.unknown, member: -1, proof: cmp.Or(p.Proof, m.unproven)}
		m.byOkta[p.ID] = &all[i]
	}
	entries := make([]core.ManagedPerson, 0, len(m.in.Managed.People))
	for id, e := range m.in.Managed.People {
		s := m.byOkta[id]
		if s == nil {
			s = m.unlisted(id)
		}
		entries = append(entries, e)
		s.entry, s.managed = &entries[len(entries)-1], !e.Released
	}
	m.cutOff()
	m.identities = make([]*identity, 0, len(m.byOkta))
	for i := range all {
		if s := &all[i]; m.byOkta[s.id] == s {
			m.identities = append(m.identities, s)
		}
	}
	for _, s := range m.byOkta {
		if s.person == nil {
			m.identities = append(m.identities, s)
		}
	}
	byID := func(a, b *identity) int { return strings.Compare(a.id, b.id) }
	if !slices.IsSortedFunc(m.identities, byID) { // Okta's list mostly is
		slices.SortFunc(m.identities, byID)
	}
	for n, s := range m.identities {
		s.n = n
	}
}

// cutOff counts among the managed whom a run that was cut off had begun to
// provision, who is in Attio since and not free to work any more: else nobody
// would answer for them.
func (m *matcher) cutOff() {
	for id, u := range m.begun {
		s, after := m.byOkta[id], u.Intent.Step.After
		at := m.byEmail[attio.FoldEmail(after.Email)]
		known := s != nil && (s.entry.OktaID != "" || s.person != nil && s.person.Access == idp.Granted)
		if known || after.Email == "" || len(at) == 0 {
			continue
		}
		if s == nil {
			s = m.unlisted(id)
		}
		s.managed, s.inFlight = true, true
		s.entry = &core.ManagedPerson{OktaID: id, Email: after.Email, Kind: kindOf(m.members[at[0]].Status), ManagedSince: u.At, InvitedAt: u.At,
			Applied: core.Applied{Role: after.Role, Profile: after.Profile, Active: true}}
	}
}

// matchByState ties those whose id no longer leads anywhere by the address that
// state has of them. Where two had one address after each other, whoever Okta
// still gives it goes first, of several the one who was there last; then whoever was
// there last; and an address that somebody assigned has by now leads to nobody who left.
func (m *matcher) matchByState() {
	var loose []*identity
	for _, s := range m.identities {
		if _, cut := m.begun[s.id]; cut || s.entry.OktaID != "" && s.member < 0 {
			loose = append(loose, s)
		}
	}
	if len(loose) == 0 {
		return // as nearly always
	}
	assigned := map[string]bool{}
	for _, s := range m.identities {
		if s.granted() {
			assigned[attio.FoldEmail(s.person.Email)] = true
		}
	}
	const stays, keeps, was, left = 0, 1, 2, 3
	for _, round := range []int{stays, keeps, was, left} {
		for _, s := range loose {
			at := attio.FoldEmail(s.entry.Email)
			mine := left
			switch {
			case s.entry.OktaID == "" || s.member >= 0:
				continue
			case s.granted() && attio.FoldEmail(s.person.Email) == at:
				if mine = keeps; s.entry.Applied.Active {
					mine = stays
				}
			case s.entry.Applied.Active:
				mine = was
			case !s.granted() && assigned[at]:
				continue
			}
			if mine == round {
				m.place(s, s.entry.Email)
			}
		}
	}
	m.matchInFlight(loose)
}

// matchInFlight ties people to an account whose answer was lost, under the
// address that was asked for; those too who have another one that gave way to it.
func (m *matcher) matchInFlight(loose []*identity) {
	for _, s := range loose {
		u, cut := m.begun[s.id]
		if !cut || s.member >= 0 && m.at(s).Status != attio.Suspended {
			continue
		}
		was := s.member
		if m.place(s, u.Intent.Step.After.Email); was >= 0 && s.member != was {
			m.owner[was] = nil
		}
	}
}

// contradiction is an error where somebody who has joined shows as invited: the
// id of an invite becomes another one when it is accepted, so that Attio's list
// of those who joined leaves them out. Taken for an invite they would be under
// none of the rails that keep members and admins.
func (m *matcher) contradiction(s *identity) error {
	at := m.at(s)
	if !s.managed || at == nil || s.entry.Kind != core.Membership || s.entry.AttioID != at.ID || at.Status != attio.Invited {
		return nil
	}
	return &core.UntrustedError{
		Detail: "Attio's member list leaves out " + at.Email + " (" + at.ID + "), who joined before and is still there over SCIM",
		Advice: "Nothing was written. Run again; if it stays so, that list is not to be trusted. To go on without them: scim-sync release " + core.Quote(at.Email),
	}
}
