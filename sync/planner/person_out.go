package planner

import (
	"scim-sync/attio"
	core "scim-sync/sync"
)

// wantOut is for someone whom Okta no longer has.
func (p *personPlan) wantOut() {
	s, m := p.s, p.m
	if m == nil {
		switch e := *s.entry; {
		case s.managed && !s.doubtful:
			p.learnOut() // a later assignment is a new one, and invited anew
		case s.managed && e.Withheld: // it takes nothing from anybody
			e.Withheld = false
			p.updateIfNew(&e)
		}
		return
	}
	p.place.attioID = m.ID
	why := s.outWords(p.in.source())
	switch {
	case !s.managed:
		if m.Status != attio.Suspended {
			p.note(core.NoteSuspendedInOkta, s.email(), "is "+why+", but has never been managed here: left as they are")
		}
	case m.Status == attio.Suspended:
		p.learnOut()
	case p.protects(s):
		p.note(core.NoteProtected, p.account(), "would be suspended ("+why+"), but is in protect.members")
	case m.ID == "" && !p.in.Answers.LookedUp[attio.FoldEmail(m.Email)]:
		p.out.questions.Addresses = append(p.out.questions.Addresses, m.Email)
	case m.ID == "":
		p.note(core.NoteNotInSCIM, s.email(), "is "+why+", but Attio's SCIM does not know them: suspend them by hand in Attio (Workspace settings > Members)")
	default:
		p.offboard(why)
	}
}

// offboard suspends a member or withdraws an invite.
func (p *personPlan) offboard(why string) {
	s, m := p.s, p.m
	p.remember()
	st := p.step(core.Suspend, core.CauseOkta, "is "+why)
	if _, begun := p.begun[s.id]; !s.entry.Applied.Active && !begun {
		st.Cause, st.Reason = core.CauseDrift, "was made active by hand in Attio, though "+why
	}
	st.Before = core.Values{Status: m.Status, Role: m.Role}
	st.After = core.Values{Status: attio.Suspended}
	if m.Status == attio.Invited {
		st.Action, st.After = core.CancelInvite, core.Values{}
	}
	rec := p.add(st, func(e *core.ManagedPerson) {
		e.AttioID, e.Applied.Active = m.ID, false
		if st.Action == core.Suspend {
			e.Kind = core.Membership
		}
		e.Withheld = st.Action == core.CancelInvite && s.assigned()
	})
	proof := *s.proof
	rec.Proof, rec.Unproven = &proof, s.doubtful
}
