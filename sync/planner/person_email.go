package planner

import (
	"fmt"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// compareEmail compares addresses of someone tied by id. It gives the step that
// changes theirs, nil: none; dealt says whether the whole person was dealt with
// (an invite is withdrawn and sent anew).
func (p *personPlan) compareEmail() (change *core.Step, dealt bool) {
	s, m, src := p.s, p.m, p.in.source()
	email := strings.TrimSpace(s.person.Email)
	e := attio.FoldEmail(email)
	if e == attio.FoldEmail(m.Email) {
		return nil, false
	}
	if p.standsIn(s) {
		return nil, false // told once for all
	}
	if other, who := p.whoHas(e); who != "" {
		about := []core.About{p.about(s)}
		if other != nil {
			about = append(about, p.about(other))
		}
		p.out.refuse(core.EmailConflict, about, email, fmt.Sprintf("%s gives %s (now %s in Attio) an address that %s", src, s.id, m.Email, who), "Give one of them another address, in "+src+" or in Attio.")
		return nil, false
	}
	if p.guardsAddress(s) {
		p.note(core.NoteProtected, m.Email, "would get the address "+email+", which "+src+" has for them, but is in protect.members; if it is right, name the new address there as well")
		return nil, false
	}
	if p.keepsAddress(s) {
		if only := p.in.Options.Only; only != "" && p.named(only) == s && !p.protects(s) {
			p.replaceAccount()
			return nil, true
		}
		p.out.refuse(core.EmailNotChanged, []core.About{p.about(s)}, email, fmt.Sprintf("Attio answered well and kept %s for the person %s in %s", m.Email, s.id, src),
			core.KeptAddress(m.Email, email))
		return nil, false
	}
	cause := p.cause(attio.FoldEmail(s.entry.Email) == e)
	reason := "has another address in " + src
	if cause == core.CauseDrift {
		reason = "has another address in Attio, changed by hand"
	}
	if m.Status == attio.Invited {
		return nil, p.inviteAnew(cause, reason)
	}
	p.place.moves = true
	st := p.step(core.ChangeEmail, cause, reason)
	st.Before, st.After = core.Values{Email: m.Email}, core.Values{Email: email}
	back := m.Status == attio.Suspended && p.wanted.role == attio.RoleAdmin
	if back || m.Role == attio.RoleAdmin && m.Status == attio.Active {
		st.Before.Role = attio.RoleAdmin // by then; the caps on admins count them
	}
	return &st, false
}

// standsIn says whether somebody stays under the address that they have in
// Attio because that of the source is a mere stand-in: it comes from elsewhere
// than the attribute of the settings, which nobody has.
func (r *roster) standsIn(s *identity) bool {
	return r.noEmailAttribute && s.person.EmailFrom != idp.EmailAttribute
}

// guardsAddress says whether somebody stays under the address that they have in
// Attio because protect.members names it, and not the one that they would get:
// whoever has that one would have the account.
func (r *roster) guardsAddress(s *identity) bool {
	m := r.at(s)
	return m != nil && r.in.Policy.Protected(m.Email) && !r.in.Policy.Protected(s.person.Email)
}

// emailAttributeNote tells, once, whose address is left as it is for want of the
// attribute.
func emailAttributeNote(r *roster, out *findings) {
	if !r.noEmailAttribute {
		return
	}
	var kept []string
	fresh := 0
	for _, s := range r.identities {
		switch m := r.at(s); {
		case s.status != in || !r.standsIn(s):
		case m == nil:
			fresh++
		case attio.FoldEmail(m.Email) != attio.FoldEmail(s.person.Email):
			kept = append(kept, m.Email)
		}
	}
	detail := "nobody's profile in " + r.in.source() + " has the attribute that holds the address"
	if len(kept) > 0 {
		sort.Strings(kept)
		keep := "keep"
		if len(kept) == 1 {
			keep = "keeps"
		}
		detail += fmt.Sprintf("; no address is changed for another one: %s %s theirs in Attio", core.Few(kept), keep)
	}
	if fresh > 0 {
		detail += "; " + core.Counted(fresh, "person who is new goes", "people who are new go") + " by the address of their own account"
	}
	if len(kept)+fresh > 0 {
		out.note(core.NoteEmailAttribute, "okta.email_attribute", detail)
	}
}

// keepsAddress says whether Attio was asked to give somebody the address that
// they should have, and has the one still that it kept instead.
func (r *roster) keepsAddress(s *identity) bool {
	nt, m := s.entry.NotTaken, r.at(s)
	if nt == nil || m == nil || s.person == nil || attio.FoldEmail(nt.Email) != attio.FoldEmail(s.person.Email) {
		return false
	}
	return nt.Kept.Email == "" || attio.FoldEmail(nt.Kept.Email) == attio.FoldEmail(m.Email)
}

// whoHas says who else has an address, or should have it; empty when it is
// free, or becomes so in this plan.
func (p *personPlan) whoHas(e string) (*identity, string) {
	for other := p.wanting[e]; other != nil; other = other.alike {
		if other != p.s {
			return other, "the person " + other.id + " has in " + p.in.source() + " as well"
		}
	}
	for _, i := range p.byEmail[e] {
		if i == p.s.member || p.passesOn(p.s, i, map[int]bool{p.s.member: true}) {
			continue
		}
		if c := p.owner[i]; c != nil {
			return c, "the person " + c.id + " has in Attio"
		}
		return nil, "somebody whom " + p.in.source() + " does not manage has in Attio"
	}
	return nil, ""
}

// passesOn says whether an address that somebody has in Attio becomes free in
// this plan, before s gets it: its owner gets another one, which is free or
// becomes so. One that would have to be free before it is given up is none.
func (r *roster) passesOn(s *identity, i int, ring map[int]bool) bool {
	c := r.owner[i]
	if m := r.at(s); m == nil || m.Status == attio.Invited || c == nil || ring[i] || c.status != in || c.person == nil || r.members[i].ID == "" {
		return false
	}
	ring[i] = true
	now, to := attio.FoldEmail(r.members[i].Email), attio.FoldEmail(c.person.Email)
	if now == to || r.standsIn(c) || r.guardsAddress(c) || r.keepsAddress(c) || r.wanting[to] == nil || r.wanting[to].alike != nil || r.members[i].Status == attio.Invited || !validEmail(c.person.Email) {
		return false
	}
	for _, j := range r.byEmail[to] {
		if j != i && !r.passesOn(c, j, ring) {
			return false
		}
	}
	return true
}

// inviteAnew withdraws an invite and invites the new address: an invite's
// address cannot be changed. An address that goes back and forth is followed
// once in seven days, or it would mail somebody at every run.
func (p *personPlan) inviteAnew(cause core.Cause, reason string) bool {
	if p.in.Now.Sub(p.s.entry.Readdressed) < inviteAgainAfter {
		p.note(core.NoteInviteNotSent, p.s.email(), reason+", and the invite to "+p.m.Email+" was sent because of another change of address; the next one is sent seven days after it at the earliest")
		return false
	}
	if p.invitedOften(p.s.email()) {
		p.noteInvitedOften()
		return false
	}
	st := p.step(core.CancelInvite, cause, reason+": the invite to "+p.m.Email+" is withdrawn and the new address invited")
	st.Before = core.Values{Status: attio.Invited, Email: p.m.Email}
	p.add(st, func(e *core.ManagedPerson) {
		e.AttioID, e.Applied.Active, e.Readdressed = p.m.ID, false, p.in.Now.UTC()
	})
	p.place.moves = true
	p.counts(p.provisionAs(cause, reason), core.ChangeEmail, false)
	return true
}

// replaceAccount suspends an account whose address Attio would not change and
// provisions the new address: only where somebody asked for this very person.
func (p *personPlan) replaceAccount() {
	if p.invitedOften(p.s.email()) {
		p.noteInvitedOften()
		return
	}
	reason := "Attio would not change the address " + p.m.Email
	if p.m.Status == attio.Active {
		st := p.step(core.Suspend, core.CauseOkta, reason+": asked for by name, the account gives way to a new one")
		st.Before, st.After = core.Values{Status: p.m.Status, Role: p.m.Role, Email: p.m.Email}, core.Values{Status: attio.Suspended}
		p.add(st, func(e *core.ManagedPerson) {
			e.AttioID, e.Kind, e.Applied.Active = p.m.ID, core.Membership, false
		})
	}
	p.place.moves = true
	p.counts(p.provisionAs(core.CauseOkta, reason), core.ChangeEmail, false)
}
