package planner

import (
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
	"strings"
)

const (
	// inviteAgainAfter is how long an assignment waits before it is invited once
	// more, whatever became of the invite.
	inviteAgainAfter = 7 * 24 * time.Hour
	// invitesToOne is how many invites one address is sent within that time,
	// whatever becomes of its assignments.
	invitesToOne = 3
)

// noteInvites has state learn of the invites that runs which were cut off may
// have sent, whatever becomes of the steps about them.
func (m *matcher) noteInvites() {
	for _, i := range m.unnotedInvites() {
		m.update(core.Change{Invited: &i})
	}
}

// unnotedInvites are those that state does not know of yet.
func (r *roster) unnotedInvites() (list []core.InviteSent) {
	for _, u := range r.in.Unfinished {
		if s := u.Intent.Step; s.Action == core.Provision {
			if i := core.InviteTo(s.After.Email, u.At); !r.in.Managed.Invited(*i) {
				list = append(list, *i)
			}
		}
	}
	return list
}

// invitedOften says whether an address has been sent as many invites as it may,
// by whomever it was had.
func (r *roster) invitedOften(email string) bool {
	n, from, fold := 0, r.in.Now.Add(-inviteAgainAfter), attio.FoldEmail(email)
	for _, at := range r.in.Managed.Invites[fold] {
		if at.After(from) {
			n++
		}
	}
	for _, i := range r.unnotedInvites() {
		if i.Email == fold && i.At.After(from) {
			n++
		}
	}
	return n >= invitesToOne
}

// noteInvitedOften tells of an invite that waits for that.
func (p *personPlan) noteInvitedOften() {
	p.note(core.NoteInviteNotSent, p.s.email(), "was sent three invites within seven days, as assignments came and went; the next one is sent when the first of them is seven days old")
}

// provisionAs adds somebody, or gives them a new place beside the one they had.
func (p *personPlan) provisionAs(cause core.Cause, reason string) *core.Record {
	st := p.step(core.Provision, cause, reason)
	st.AttioID, p.place.attioID = "", ""
	email := strings.TrimSpace(p.s.person.Email)
	st.After = core.Values{Email: email, Role: p.wanted.role, Status: p.in.Policy.Arrival(email), Profile: p.s.profile()}
	if !p.known {
		return p.enter(st)
	}
	now := p.in.Now.UTC()
	return p.add(st, func(e *core.ManagedPerson) {
		if e.Withheld {
			e.Readdressed = now
		}
		e.AttioID, e.Email, e.Adopted, e.NotTaken, e.Withheld, e.NotMade = "", email, false, nil, false, 0
		e.Kind, e.InvitedAt = core.Invite, now // until Attio lists them among those who joined
		e.Applied = core.Applied{Profile: st.After.Profile, Active: true}
		hasRole(e, p.wanted)
	})
}
