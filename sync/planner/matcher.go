package planner

import (
	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// matcher ties every Okta identity to its place in Attio: first those that
// state ties by id, then by address, never one place to two identities.
type matcher struct {
	*roster
	findings
	unknown  *core.ManagedPerson // the entry of all whom state does not know
	unproven *idp.Proof
	faceless bool // an entry of those who joined does not say whose it is
}

// unlisted adds somebody whom Okta's list does not hold.
func (m *matcher) unlisted(id string) *identity {
	s := &identity{id: id, mark: core.MarkOf(id), entry: m.unknown, member: -1, proof: m.unproven}
	m.byOkta[id] = s
	return s
}

// place ties an identity to a place of this address that is nobody's.
func (m *matcher) place(s *identity, email string) {
	if email == "" {
		return
	}
	for _, i := range m.byEmail[attio.FoldEmail(email)] {
		if m.owner[i] == nil {
			s.member, m.owner[i] = i, s
			return
		}
	}
}

func kindOf(s attio.Status) core.Kind {
	if s == attio.Invited {
		return core.Invite
	}
	return core.Membership
}
