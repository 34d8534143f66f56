package sync

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"scim-sync/attio"
	"scim-sync/idp"
)

// inviteAgainAfter is how long an assignment waits before it is invited once
// more, whatever became of the invite.
const inviteAgainAfter = 7 * 24 * time.Hour

// people compares every identity with its place in Attio.
func (d *diff) people() {
	d.steps = make([]Step, 0, d.newcomers()+2*len(d.in.Directory.Groups))
	for _, s := range d.subjects {
		if m := d.at(s); s.begun && m != nil {
			e := *s.entry
			e.AttioID = m.ID
			s.entry = &e
			d.settle(e) // whatever becomes of the steps about them
		}
		switch s.want {
		case in:
			before := len(d.steps)
			if d.wantIn(s); len(d.steps) == before {
				delete(d.facts, s.id) // no step will need them
			}
		case out:
			d.wantOut(s)
		default:
			if m := d.at(s); m != nil {
				s.here, s.attioID = m.Status != attio.Suspended, m.ID
			}
		}
	}
}

// newcomers counts those who will be provisioned or adopted: a list of steps
// that grows as it goes would be copied many times over.
func (d *diff) newcomers() (n int) {
	for _, s := range d.subjects {
		if s.want == in && (s.member < 0 || !s.managed) {
			n++
		}
	}
	return n
}

func (d *diff) add(s Step) { d.steps = append(d.steps, s) }

// step begins a step about a person.
func (d *diff) step(s *subject, a Action, c Cause, reason string) Step {
	st := Step{Action: a, Person: &PersonRef{OktaID: s.id, Email: d.account(s)}, Cause: c, Reason: reason}
	if m := d.at(s); m != nil {
		st.AttioID = m.ID
	}
	return st
}

// wantIn is for someone who should be an active member or have an invite.
func (d *diff) wantIn(s *subject) {
	m := d.at(s)
	if m != nil && m.ID == "" {
		if !d.in.LookedUp[attio.FoldEmail(m.Email)] {
			d.unresolved = append(d.unresolved, m.Email)
			return
		}
		d.note("not-in-scim", s.email(), "is in Attio's member list but not to be had over SCIM: provisioned anew, which links the account")
		m, s.member = nil, -1
	}
	if m == nil {
		d.arrive(s)
		return
	}
	s.here, s.attioID = true, m.ID
	wanted := d.wantedRole(s, m.Role)
	d.adopt(s, m, wanted)
	if d.changeEmail(s, m, wanted) {
		return
	}
	if m.Status == attio.Suspended {
		d.reactivate(s, m, wanted)
		return
	}
	d.role(s, m, wanted)
	d.names(s, m)
	d.learn(s, m, wanted)
}

// arrive provisions someone who has no place in Attio.
func (d *diff) arrive(s *subject) {
	e := s.entry
	wanted := d.wantedRole(s, "")
	st := d.step(s, Provision, CauseOkta, "is assigned in Okta; "+wanted.why)
	switch {
	case s.managed && e.Applied.Active && d.in.Now.Sub(e.InvitedAt) < inviteAgainAfter && !d.withdrawn[s.id]:
		gone := "the last invite is gone from Attio (declined, revoked or expired)"
		if e.Kind == Membership {
			gone = "Attio no longer knows them"
		}
		d.note("invite-not-sent", s.email(), gone+"; one assignment is invited again after seven days at the earliest")
		return
	case s.managed && e.Withheld && !e.Applied.Active && d.in.Now.Sub(e.Readdressed) < inviteAgainAfter:
		d.note("invite-not-sent", s.email(), "was suspended in Okta again after an invite that was sent anew for that; one assignment is invited again once in seven days")
		return
	case s.managed && e.Applied.Active && d.withdrawn[s.id]:
		st.Reason = "the last invite was withdrawn by a run that was cut off"
	case s.managed && e.Applied.Active && e.Kind == Invite:
		st.Cause, st.Reason = CauseDrift, "the last invite is gone from Attio (declined, revoked or expired)"
	case s.managed && e.Applied.Active:
		st.Cause, st.Reason = CauseDrift, "Attio no longer knows "+e.AttioID+", nor the address"
	case s.managed:
		st.Reason = "is assigned in Okta again; " + wanted.why
	}
	st.After = d.newcomer(s, wanted)
	d.add(st)
	s.here = true
	d.remember(s, wanted)
}

// newcomer is what somebody is provisioned with.
func (d *diff) newcomer(s *subject, wanted roleWanted) Values {
	return Values{Email: strings.TrimSpace(s.person.Email), Role: wanted.role, Status: d.in.Policy.arrival(s.person.Email),
		GivenName: clean(s.person.GivenName), FamilyName: clean(s.person.FamilyName)}
}

// adopt ties someone who is in Attio already, or has got another id there.
func (d *diff) adopt(s *subject, m *attio.Member, wanted roleWanted) {
	d.remember(s, wanted)
	if s.managed && s.entry.AttioID == m.ID {
		return
	}
	st := d.step(s, Adopt, CauseAdopt, "is in Attio already as "+m.Email)
	st.After = Values{Email: m.Email, Role: m.Role, Status: m.Status, GivenName: m.GivenName, FamilyName: m.FamilyName}
	switch {
	case s.managed && s.entry.Kind == Invite && m.Status == attio.Active:
		st.Reason = "accepted the invite: its id became a member's"
		st.Before = Values{Status: attio.Invited}
	case s.managed:
		st.Reason = "Attio no longer knows " + s.entry.AttioID + "; found again by address"
	case d.unfinished[s.id].Intent.Step.Action == Provision:
		st.Reason = "was provisioned by a run that was cut off before it could note it"
	}
	d.add(st)
}

func (d *diff) reactivate(s *subject, m *attio.Member, wanted roleWanted) {
	cause, reason := CauseOkta, "is assigned in Okta again; "+wanted.why
	switch {
	case !s.managed:
		cause, reason = CauseAdopt, "is assigned in Okta and suspended in Attio; "+wanted.why
	case s.entry.Applied.Active:
		cause, reason = CauseDrift, "was suspended by hand in Attio; Okta still has them assigned"
	}
	st := d.step(s, Reactivate, cause, reason)
	st.Before = Values{Status: attio.Suspended}
	st.After = Values{Status: attio.Active, Role: wanted.role}
	d.add(st)
	d.names(s, m)
}

// role compares the roles of someone who is active or invited.
func (d *diff) role(s *subject, m *attio.Member, wanted roleWanted) {
	if m.Role == "" || m.Role == wanted.role {
		return
	}
	invited := m.Status == attio.Invited
	if nt := s.entry.NotTaken; invited && nt != nil && nt.Role == wanted.role {
		d.note("role-not-taken", s.email(), "Attio did not take the role "+string(wanted.role)+" on the invite; it is set once the invite is accepted")
		return
	}
	if wanted.role == attio.RoleMember && d.protects(s) {
		d.note("protected", d.account(s), "would be demoted ("+wanted.why+"), but is in protect.members")
		return
	}
	st := d.step(s, Promote, d.cause(s, s.entry.Applied.Role == wanted.role), wanted.why)
	if wanted.role == attio.RoleMember {
		st.Action = Demote
	}
	if st.Cause == CauseDrift {
		st.Reason = "was made " + string(m.Role) + " by hand in Attio; " + wanted.why
	}
	st.Before, st.After = Values{Role: m.Role}, Values{Role: wanted.role}
	if invited {
		st.Before.Status, st.After.Status = attio.Invited, attio.Invited
	}
	d.add(st)
}

// protects says whether protect.members names somebody: by the address of their
// account, or by Okta's, unless that is the address of another's account.
func (d *diff) protects(s *subject) bool {
	if d.in.Policy.protected(d.account(s)) {
		return true
	}
	for _, i := range d.byEmail[attio.FoldEmail(s.email())] {
		if i != s.member {
			return false
		}
	}
	return d.in.Policy.protected(s.email())
}

// cause tells a change in Okta from one by hand: what was applied before and
// is still wanted can only have been changed in Attio.
func (d *diff) cause(s *subject, appliedIsWanted bool) Cause {
	switch {
	case !s.managed:
		return CauseAdopt
	case appliedIsWanted:
		return CauseDrift
	}
	return CauseOkta
}

// names compares names. A name that one side lacks is not wiped.
func (d *diff) names(s *subject, m *attio.Member) {
	given, family := clean(s.person.GivenName), clean(s.person.FamilyName)
	a := s.entry.Applied
	if nt := s.entry.NotTaken; nt != nil {
		if nt.GivenName != "" && nt.GivenName == given {
			given = ""
		}
		if nt.FamilyName != "" && nt.FamilyName == family {
			family = ""
		}
	}
	// An invite may show no names, though it was sent with some.
	unseen := func(shown, sent, wanted string) bool {
		return m.Status == attio.Invited && s.managed && clean(shown) == "" && sent == wanted
	}
	if given == clean(m.GivenName) || unseen(m.GivenName, a.GivenName, given) {
		given = ""
	}
	if family == clean(m.FamilyName) || unseen(m.FamilyName, a.FamilyName, family) {
		family = ""
	}
	if given == "" && family == "" {
		return
	}
	applied := (given == "" || given == a.GivenName) && (family == "" || family == a.FamilyName)
	st := d.step(s, Rename, d.cause(s, applied), "Okta has another name")
	if st.Cause == CauseDrift {
		st.Reason = "was renamed by hand in Attio"
	}
	st.After = Values{GivenName: given, FamilyName: family}
	if given != "" {
		st.Before.GivenName = m.GivenName
	}
	if family != "" {
		st.Before.FamilyName = m.FamilyName
	}
	d.add(st)
}

// clean is how names are compared and sent: trimmed, NFC.
func clean(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// wantOut is for someone whom Okta no longer has.
func (d *diff) wantOut(s *subject) {
	m := d.at(s)
	if m == nil {
		switch e := *s.entry; {
		case s.managed && !s.doubtful:
			d.learnOut(s) // a later assignment is a new one, and invited anew
		case s.managed && e.Withheld: // it takes nothing from anybody
			e.Withheld = false
			d.settle(e)
		}
		return
	}
	s.attioID = m.ID
	if !s.managed {
		if m.Status != attio.Suspended {
			d.note("suspended-in-okta", s.email(), "is "+outWords(s)+", but has never been managed here: left as they are")
		}
		return
	}
	if m.Status == attio.Suspended {
		d.learnOut(s)
		return
	}
	if d.protects(s) {
		d.note("protected", d.account(s), "would be suspended ("+outWords(s)+"), but is in protect.members")
		return
	}
	if m.ID == "" {
		if !d.in.LookedUp[attio.FoldEmail(m.Email)] {
			d.unresolved = append(d.unresolved, m.Email)
			return
		}
		d.note("not-in-scim", s.email(), "is "+outWords(s)+", but Attio's SCIM does not know them: suspend them by hand in Attio (Workspace settings > Members)")
		return
	}
	st := d.step(s, Suspend, CauseOkta, "is "+outWords(s))
	if _, begun := d.unfinished[s.id]; !s.entry.Applied.Active && !begun {
		st.Cause, st.Reason = CauseDrift, "was made active by hand in Attio, though "+outWords(s)
	}
	st.Before = Values{Status: m.Status, Role: m.Role}
	st.After = Values{Status: attio.Suspended}
	if m.Status == attio.Invited {
		st.Action, st.After = CancelInvite, Values{}
	}
	d.add(st)
	d.remember(s, roleWanted{})
	f := d.facts[s.id]
	f.entry.Withheld = st.Action == CancelInvite && s.assigned()
	d.facts[s.id] = f
	d.proofs[s.id] = *s.proof
}

func outWords(s *subject) string {
	if s.person == nil {
		return "not assigned in Okta any more"
	}
	if s.person.Access == idp.Suspended {
		return "suspended in Okta"
	}
	return fmt.Sprintf("%s in Okta", words(s.person))
}
