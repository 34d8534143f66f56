package planner

import (
	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// decide settles what should be true of an identity.
func (m *matcher) decide(s *identity) error {
	switch {
	case s.entry.Released:
		s.status = leave
	case s.person != nil:
		m.decideAccess(s, s.person.Access)
	default:
		return m.decideAbsent(s)
	}
	return nil
}

func (m *matcher) decideAccess(s *identity, a idp.Access) {
	switch a {
	case idp.Granted:
		s.status = in
	case idp.Revoked:
		s.status = out
	case idp.Suspended:
		s.status = out
		if m.in.Policy.KeepSuspended {
			s.status = leave
		}
	default:
		s.status = leave
		if s.person != nil {
			m.note(core.NoteWaiting, s.email(), "is "+statusWords(s.person)+" in "+m.in.source()+", so not active there yet: left as they are", m.about(s))
		}
	}
}

// decideAbsent settles someone whom state knows and Okta's list does not. The
// list alone proves nothing: the source is asked by id.
func (m *matcher) decideAbsent(s *identity) error {
	s.status = out
	st, asked := m.in.Answers.People[s.id]
	at := m.at(s)
	if !asked {
		s.doubtful = !m.in.Policy.Protect.TrustAbsence
		matters := at != nil && at.Status != attio.Suspended || at == nil && s.entry.Applied.Active
		if matters && !m.in.Policy.Protect.TrustAbsence && !m.protects(s) {
			m.questions.People = append(m.questions.People, s.id)
		}
		return nil
	}
	s.proof = &st.Proof
	switch {
	case !st.Listed || st.Access == idp.Revoked:
	case st.Access == idp.Granted:
		src := m.in.source()
		return &core.UntrustedError{
			Detail: src + "'s list of assigned people leaves out " + s.email() + " (" + s.id + "), but asked for that very person " + src + " says they are assigned",
			Advice: "Nothing was written. Lists trail changes by seconds: run again; if it stays so, the list is not to be trusted.",
		}
	default:
		person := st.Person
		s.person = &person
		m.decideAccess(s, st.Access)
	}
	return nil
}
