package planner

import (
	"fmt"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// matchByEmail ties those who are not tied yet to a place of the same address.
// Two identities for one address are shown, never guessed between.
func (m *matcher) matchByEmail() {
	tied := make(map[string]*identity, len(m.in.Managed.People)) // folded address → whose it is by state
	for _, s := range m.identities {
		if s.managed && s.entry.Email != "" {
			tied[attio.FoldEmail(s.entry.Email)] = s
		}
		if s.status == in && s.person != nil {
			e := attio.FoldEmail(s.person.Email)
			s.alike, m.wanting[e] = m.wanting[e], s
		}
	}
	for _, s := range m.identities {
		switch {
		case s.status != in:
		case !validEmail(s.person.Email):
			m.invalidEmail(s)
		case s.member >= 0:
			// Tied already; a wish for another's address is settled with the change itself.
		default:
			m.matchFresh(s, attio.FoldEmail(s.person.Email), tied)
		}
	}
	for _, s := range m.identities {
		if s.status != in && s.member < 0 && s.person != nil && s.entry.OktaID == "" {
			m.place(s, s.person.Email) // known to be no stranger; nothing more
		}
	}
}

// matchFresh ties somebody whom state does not tie to anything.
func (m *matcher) matchFresh(s *identity, email string, tied map[string]*identity) {
	other := tied[email]
	if other == s {
		other = nil
	}
	for w := m.wanting[email]; w != nil; w = w.alike {
		if other == nil && w != s {
			other = w
		}
	}
	for _, i := range m.byEmail[email] {
		if c := m.owner[i]; c != nil && c != s && other == nil && !c.entry.Released {
			other = c
		}
	}
	if other != nil {
		m.conflict(s, other)
		return
	}
	m.takeOver(email)
	m.place(s, email)
	m.unsureWhetherJoined(s)
}

// takeOver frees the places of released people: letting go of the old tie is
// what lets an address pass to another identity.
func (m *matcher) takeOver(email string) {
	for _, i := range m.byEmail[email] {
		if c := m.owner[i]; c != nil && c.entry.Released {
			c.member, m.owner[i] = -1, nil
		}
	}
}

func (m *matcher) conflict(s, other *identity) {
	s.status = leave
	if m.madeAnew(s, other) {
		s.former, other.heir = other, s
		m.refuse(core.EmailConflict, []core.About{m.about(s), m.about(other)}, s.email(), m.remadeWords(s), m.remadeRemedy(s))
		return
	}
	src := m.in.source()
	remedy := "Give one of them another address in " + src + "."
	if other.managed && attio.FoldEmail(other.entry.Email) == attio.FoldEmail(s.email()) {
		remedy = fmt.Sprintf("Give one of them another address in %s; or, if the account may pass to %s, let go of the old tie: scim-sync release %s", src, s.id, core.Quote(other.entry.Email))
	}
	m.refuse(core.EmailConflict, []core.About{m.about(s), m.about(other)}, s.email(),
		fmt.Sprintf("the person %s in %s has the address of the person %s%s", s.id, src, other.id, m.tiedWords(other, s.email())), remedy)
}

func (m *matcher) tiedWords(o *identity, email string) string {
	switch at := m.at(o); {
	case !o.managed:
		return ""
	case at != nil && attio.FoldEmail(at.Email) != attio.FoldEmail(email):
		return ", who is " + at.Email + " in Attio"
	}
	return ", who is already tied to it in Attio"
}

func (m *matcher) invalidEmail(s *identity) {
	who := strings.TrimSpace(s.person.UserName)
	if who == "" {
		who = s.id
	}
	what := "has no email address in " + m.in.source()
	if s.person.Email != "" {
		what = "has an address in " + m.in.source() + " that is none: " + s.person.Email
	}
	m.note(core.NoteInvalidEmail, who, what+" ("+s.id+"): left as they are", m.about(s))
	s.status, s.unaddressed = leave, true
}
