package sync

import (
	"fmt"
	"strings"

	"scim-sync/attio"
)

// changeEmail compares addresses of someone tied by id. It says whether the
// whole person was dealt with (an invite is withdrawn and sent anew).
func (d *diff) changeEmail(s *subject, m *attio.Member, wanted roleWanted) bool {
	email := strings.TrimSpace(s.person.Email)
	e := attio.FoldEmail(email)
	if e == attio.FoldEmail(m.Email) {
		return false
	}
	for _, i := range d.byEmail[e] {
		if i == s.member {
			continue
		}
		who := "somebody whom Okta does not manage"
		if c := d.claimed[i]; c != nil {
			who = "Okta person " + c.id
		}
		d.refuse("email-conflict", email, fmt.Sprintf("Okta gives %s (now %s in Attio) an address that %s has in Attio", s.id, m.Email, who),
			"Give one of them another address, in Okta or in Attio.")
		return false
	}
	if nt := s.entry.NotTaken; nt != nil && attio.FoldEmail(nt.Email) == e {
		d.refuse("email-not-changed", email, fmt.Sprintf("Attio answered well and kept %s for Okta person %s", m.Email, s.id),
			"Change the address by hand in Attio; or, if a new account will do: scim-sync release "+Quote(m.Email)+", suspend that account by hand, then scim-sync release --undo "+Quote(m.Email)+".")
		return false
	}
	cause := d.cause(s, attio.FoldEmail(s.entry.Email) == e)
	reason := "has another address in Okta"
	if cause == CauseDrift {
		reason = "has another address in Attio, changed by hand"
	}
	if m.Status == attio.Invited {
		d.inviteAnew(s, m, wanted, cause, reason)
		return true
	}
	st := d.step(s, ChangeEmail, cause, reason)
	st.Before, st.After = Values{Email: m.Email}, Values{Email: email}
	d.add(st)
	return false
}

// inviteAnew withdraws an invite and invites the new address: an invite's
// address cannot be changed.
func (d *diff) inviteAnew(s *subject, m *attio.Member, wanted roleWanted, cause Cause, reason string) {
	st := d.step(s, CancelInvite, cause, reason+": the invite to "+m.Email+" is withdrawn and the new address invited")
	st.Before = Values{Status: attio.Invited, Email: m.Email}
	d.add(st)
	st = d.step(s, Provision, cause, reason)
	st.AttioID = ""
	st.After = Values{Email: strings.TrimSpace(s.person.Email), Role: wanted.role, Status: d.in.Policy.arrival(s.person.Email),
		GivenName: clean(s.person.GivenName), FamilyName: clean(s.person.FamilyName)}
	d.add(st)
	s.attioID = ""
}
