package planner

import (
	"cmp"
	"fmt"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// wantIn is for someone who should be an active member or have an invite.
func (p *personPlan) wantIn() {
	if p.m != nil && p.m.ID == "" {
		if !p.in.Answers.LookedUp[attio.FoldEmail(p.m.Email)] {
			p.out.questions.Addresses = append(p.out.questions.Addresses, p.m.Email)
			return
		}
		p.note(core.NoteNotInSCIM, p.s.email(), "is in Attio's member list but not to be had over SCIM: provisioned anew, which links the account")
		p.m = nil
	}
	p.remember()
	p.decideRole()
	if p.m == nil {
		p.provision()
		return
	}
	p.place.willBePresent, p.place.attioID = true, p.m.ID
	if p.m.Status != attio.Suspended {
		p.learn()
	}
	p.adopt()
	email, dealt := p.compareEmail()
	switch {
	case dealt:
		return
	case p.m.Status == attio.Suspended:
		p.reactivate()
	default:
		p.role()
	}
	if email != nil {
		p.add(*email, func(e *core.ManagedPerson) { e.Email = email.After.Email })
	}
	p.rename()
}

// decideRole works out the role that they should have.
func (p *personPlan) decideRole() {
	var now attio.Role
	if p.m != nil {
		now = p.m.Role
	}
	p.wanted = p.roles.wanted(p.s, now)
	if n := p.wanted.note; n != nil {
		p.out.notes = append(p.out.notes, *n)
	}
}

// provision adds someone who has no place in Attio.
func (p *personPlan) provision() {
	s, e, src := p.s, p.s.entry, p.in.source()
	cause, reason := core.CauseOkta, p.isAssigned()
	switch {
	case s.managed && e.NotMade > 1 && p.in.Now.Sub(e.InvitedAt) < inviteAgainAfter:
		p.note(core.NoteInviteNotSent, s.email(), fmt.Sprintf("Attio has answered %d times that they were made, and they were not there afterwards: tried again seven days after the last time; see whether the workspace has a free seat", e.NotMade))
		return
	case s.managed && e.Applied.Active && p.in.Now.Sub(e.InvitedAt) < inviteAgainAfter && !p.withdrawn[s.id]:
		gone := "the last invite is gone from Attio (declined, revoked or expired)"
		if e.Kind == core.Membership {
			gone = "Attio no longer knows them"
		}
		p.note(core.NoteInviteNotSent, s.email(), gone+"; one assignment is invited again after seven days at the earliest")
		return
	case s.managed && e.Withheld && !e.Applied.Active && p.in.Now.Sub(e.Readdressed) < inviteAgainAfter:
		p.note(core.NoteInviteNotSent, s.email(), "was suspended in "+src+" again after an invite that was sent anew for that; one assignment is invited again once in seven days")
		return
	case p.invitedOften(s.email()):
		p.noteInvitedOften()
		return
	case s.managed && e.Applied.Active && p.withdrawn[s.id]:
		reason = "the last invite was withdrawn by a run that was cut off"
	case s.managed && e.Applied.Active && e.Kind == core.Invite:
		cause, reason = core.CauseDrift, "the last invite is gone from Attio (declined, revoked or expired)"
	case s.managed && e.Applied.Active:
		cause, reason = core.CauseDrift, "Attio no longer knows "+e.AttioID+", nor the address"
	case s.managed:
		reason = "is assigned in " + src + " again; " + p.wanted.why
	}
	p.provisionAs(cause, reason)
	p.place.willBePresent = true
}

// adopt ties someone who is in Attio already, or has got another id there.
func (p *personPlan) adopt() {
	s, m := p.s, p.m
	if s.managed && s.entry.AttioID == m.ID {
		return
	}
	u, ours := p.begun[s.id]
	late := s.managed && s.entry.AttioID == ""
	st := p.step(core.Adopt, core.CauseAdopt, "is in Attio already as "+m.Email)
	st.After = core.Values{Email: m.Email, Role: m.Role, Status: m.Status, Profile: m.Profile}
	switch {
	case s.managed && s.entry.Kind == core.Invite && m.Status == attio.Active:
		st.Reason = "accepted the invite: its id became a member's"
		st.Before = core.Values{Status: attio.Invited}
	case late:
		st.Reason = "is in Attio by now, though they were not there right after a run provisioned them"
	case s.managed:
		st.Reason = "Attio no longer knows " + s.entry.AttioID + "; found again by address"
	case ours:
		st.Reason = "was provisioned by a run that was cut off before it could note it"
	}
	if !p.known {
		p.enter(st)
		return
	}
	p.add(st, func(e *core.ManagedPerson) {
		e.AttioID, e.Email, e.Kind, e.NotMade = m.ID, m.Email, kindOf(m.Status), 0
		if m.Status == attio.Invited && !ours {
			e.InvitedAt = p.in.Now.UTC() // it is not known when it was sent
		}
		if e.Withheld {
			if e.Withheld = false; ours {
				e.Readdressed = u.At // that run sent it anew
			}
		}
		if !s.managed || late {
			e.Adopted = !ours
			e.Applied = core.Applied{Role: m.Role, Profile: m.Clean(), Active: m.Status != attio.Suspended}
		}
		if p.wanted.role == m.Role && m.Role != "" {
			hasRole(e, p.wanted)
		}
	})
}

func (p *personPlan) reactivate() {
	src := p.in.source()
	cause, reason := core.CauseOkta, "is assigned in "+src+" again; "+p.wanted.why
	switch {
	case !p.s.managed:
		cause, reason = core.CauseAdopt, "is assigned in "+src+" and suspended in Attio; "+p.wanted.why
	case p.s.entry.Applied.Active:
		cause, reason = core.CauseDrift, "was suspended by hand in Attio; "+src+" still has them assigned"
	}
	st := p.step(core.Reactivate, cause, reason)
	st.Before = core.Values{Status: attio.Suspended}
	st.After = core.Values{Status: attio.Active, Role: p.wanted.role}
	p.add(st, func(e *core.ManagedPerson) {
		e.AttioID, e.Kind, e.Applied.Active = p.m.ID, core.Membership, true
		hasRole(e, p.wanted)
	})
}

// role compares the roles of someone who is active or invited.
func (p *personPlan) role() {
	s, m, role := p.s, p.m, p.wanted.role
	if m.Role == "" || m.Role == role {
		return
	}
	invited := m.Status == attio.Invited
	if nt := s.entry.NotTaken; invited && nt != nil && nt.Role == role {
		p.note(core.NoteRoleNotTaken, s.email(), "Attio did not take the role "+string(role)+" on the invite; it is set once the invite is accepted")
		return
	}
	if role == attio.RoleMember && p.protects(s) {
		p.note(core.NoteProtected, p.account(), "would be demoted ("+p.wanted.why+"), but is in protect.members")
		return
	}
	st := p.step(core.Promote, p.cause(s.entry.Applied.Role == role), p.wanted.why)
	if role == attio.RoleMember {
		st.Action = core.Demote
		p.out.refetch(p.in, p.wanted.groups) // one reading makes nobody less
	}
	if st.Cause == core.CauseDrift {
		st.Reason = "was made " + string(m.Role) + " by hand in Attio; " + p.wanted.why
	}
	st.Before, st.After = core.Values{Role: m.Role}, core.Values{Role: role}
	if invited {
		st.Before.Status, st.After.Status = attio.Invited, attio.Invited
	}
	p.add(st, func(e *core.ManagedPerson) { hasRole(e, p.wanted) })
}

// rename compares names. A name that one side lacks is not wiped.
func (p *personPlan) rename() {
	s, m := p.s, p.m
	wanted, shown, a := s.profile(), m.Profile, s.entry.Applied
	if nt := p.stillNotTaken(); nt != nil && !nt.Profile.IsZero() {
		wanted = wanted.Without(nt.Profile)
		p.note(core.NoteNameNotTaken, p.account(), "Attio did not take the name "+nt.Name()+" and kept "+cmp.Or(m.Of(nt.Profile).Name(), "none")+"; it is tried again when "+p.in.source()+"'s or Attio's changes")
	}
	if m.Status == attio.Invited && s.managed { // may show no names, though it was sent with some
		shown = a.Merge(m.Clean())
	}
	changed := shown.Diff(wanted)
	if changed.IsZero() {
		return
	}
	st := p.step(core.Rename, p.cause(a.Diff(changed).IsZero()), p.in.source()+" has another name")
	if st.Cause == core.CauseDrift {
		st.Reason = "was renamed by hand in Attio"
	}
	st.Before, st.After = core.Values{Profile: m.Of(changed)}, core.Values{Profile: changed}
	p.add(st, func(e *core.ManagedPerson) { e.Applied.Profile = e.Applied.Merge(changed) })
}
