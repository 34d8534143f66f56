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
	for _, other := range d.wanting[e] {
		if other != s {
			d.refuse([]string{s.id, other.id}, "email-conflict", email, fmt.Sprintf("Okta gives %s (now %s in Attio) the same address as Okta person %s", s.id, m.Email, other.id),
				"Give one of them another address in Okta.")
			return false
		}
	}
	for _, i := range d.byEmail[e] {
		if i == s.member || d.passesOn(s, i, map[int]bool{s.member: true}) {
			continue
		}
		who := "somebody whom Okta does not manage"
		if c := d.claimed[i]; c != nil {
			who = "Okta person " + c.id
		}
		d.refuse([]string{s.id}, "email-conflict", email, fmt.Sprintf("Okta gives %s (now %s in Attio) an address that %s has in Attio", s.id, m.Email, who),
			"Give one of them another address, in Okta or in Attio.")
		return false
	}
	if nt := s.entry.NotTaken; nt != nil && attio.FoldEmail(nt.Email) == e {
		if only := d.in.Options.Only; only != "" && d.personNamed(only) == s && !d.protects(s) {
			d.replaceAccount(s, m, wanted)
			return true
		}
		d.refuse([]string{s.id}, emailNotChanged, email, fmt.Sprintf("Attio answered well and kept %s for Okta person %s", m.Email, s.id),
			"Change the address by hand in Attio; or, to suspend the account "+m.Email+" and provision a new one: scim-sync apply --only "+Quote(email))
		return false
	}
	cause := d.cause(s, attio.FoldEmail(s.entry.Email) == e)
	reason := "has another address in Okta"
	if cause == CauseDrift {
		reason = "has another address in Attio, changed by hand"
	}
	if m.Status == attio.Invited {
		return d.inviteAnew(s, m, wanted, cause, reason)
	}
	s.moves = true
	st := d.step(s, ChangeEmail, cause, reason)
	st.Before, st.After = Values{Email: m.Email}, Values{Email: email}
	d.add(st)
	return false
}

// passesOn says whether an address that somebody has in Attio becomes free in
// this plan, before s gets it: its owner gets another one, which is free or
// becomes so. One that would have to be free before it is given up is none.
func (d *diff) passesOn(s *subject, i int, ring map[int]bool) bool {
	c := d.claimed[i]
	if m := d.at(s); m == nil || m.Status == attio.Invited || c == nil || ring[i] || c.want != in || c.person == nil || d.members[i].ID == "" {
		return false
	}
	ring[i] = true
	now, to := attio.FoldEmail(d.members[i].Email), attio.FoldEmail(c.person.Email)
	kept := c.entry.NotTaken != nil && attio.FoldEmail(c.entry.NotTaken.Email) == to
	if now == to || kept || len(d.wanting[to]) != 1 || d.members[i].Status == attio.Invited || !validEmail(c.person.Email) {
		return false
	}
	for _, j := range d.byEmail[to] {
		if j != i && !d.passesOn(c, j, ring) {
			return false
		}
	}
	return true
}

// inviteAnew withdraws an invite and invites the new address: an invite's
// address cannot be changed. An address that goes back and forth is followed
// once in seven days, or it would mail somebody at every run.
func (d *diff) inviteAnew(s *subject, m *attio.Member, wanted roleWanted, cause Cause, reason string) bool {
	if d.in.Now.Sub(s.entry.Readdressed) < inviteAgainAfter {
		d.note("invite-not-sent", s.email(), reason+", and the invite to "+m.Email+" was sent because of another change of address; the next one is sent seven days after it at the earliest")
		return false
	}
	st := d.step(s, CancelInvite, cause, reason+": the invite to "+m.Email+" is withdrawn and the new address invited")
	st.Before = Values{Status: attio.Invited, Email: m.Email}
	d.add(st)
	d.provisionAnew(s, cause, reason, wanted)
	f := d.facts[s.id]
	f.readdressed = true
	d.facts[s.id] = f
	return true
}

// replaceAccount suspends an account whose address Attio would not change and
// provisions the new address: only where somebody asked for this very person.
func (d *diff) replaceAccount(s *subject, m *attio.Member, wanted roleWanted) {
	reason := "Attio would not change the address " + m.Email
	if m.Status == attio.Active {
		st := d.step(s, Suspend, CauseOkta, reason+": asked for by name, the account gives way to a new one")
		st.Before, st.After = Values{Status: m.Status, Role: m.Role, Email: m.Email}, Values{Status: attio.Suspended}
		d.add(st)
	}
	d.provisionAnew(s, CauseOkta, reason, wanted)
}

// provisionAnew gives somebody a new place beside the one they had.
func (d *diff) provisionAnew(s *subject, cause Cause, reason string, wanted roleWanted) {
	s.moves = true
	st := d.step(s, Provision, cause, reason)
	st.AttioID = ""
	st.After = d.newcomer(s, wanted)
	d.add(st)
	s.attioID = ""
}
