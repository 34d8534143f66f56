package planner

import (
	"scim-sync/attio"
	core "scim-sync/sync"
)

// learn notes, without a step, what is found as it should be: so that a later
// difference is known to come from Okta or from a hand in Attio. Somebody who is
// adopted in this plan is learned by that step.
func (p *personPlan) learn() {
	if !p.s.managed || p.s.entry.AttioID != p.m.ID {
		return
	}
	e, person := &p.base, p.s.person
	e.Applied.Active, e.NotMade = true, 0
	e.Kind = kindOf(p.m.Status)
	if e.Kind == core.Invite && e.InvitedAt.IsZero() {
		e.InvitedAt = p.in.Now.UTC() // adopted before such a date was noted
	}
	if p.m.Role == p.wanted.role {
		hasRole(e, p.wanted)
	}
	e.Applied.Profile = e.Applied.Merge(p.s.profile().Same(p.m.Clean()))
	if attio.FoldEmail(person.Email) == attio.FoldEmail(p.m.Email) {
		e.Email = p.m.Email
	}
	e.NotTaken = p.stillNotTaken()
	p.updateIfNew(e)
}

// stillNotTaken drops what has changed in Okta, or in Attio since, or has been
// taken after all.
func (p *personPlan) stillNotTaken() *core.NotTaken {
	if p.s.entry.NotTaken == nil {
		return nil
	}
	n, person := *p.s.entry.NotTaken, p.s.person
	if n.Role != p.wanted.role || p.m.Role == p.wanted.role || p.m.Status != attio.Invited {
		n.Role = ""
	}
	now := p.m.Clean()
	moved := n.Kept.Diff(now) // a value that is neither the one nor the other
	if n.Kept.Profile.IsZero() {
		moved = attio.Profile{} // an earlier program did not note what was kept
	}
	n.Profile = n.Same(p.s.profile()).Without(now)
	n.Profile = n.Without(n.Of(moved))
	n.Kept.Profile = now.Of(n.Profile)
	if attio.FoldEmail(n.Email) != attio.FoldEmail(person.Email) || attio.FoldEmail(n.Email) == attio.FoldEmail(p.m.Email) {
		n.Email = ""
	}
	if n.Kept.Email == "" {
		n.Kept.Email = p.m.Email
	} else if attio.FoldEmail(n.Kept.Email) != attio.FoldEmail(p.m.Email) {
		n.Email = ""
	}
	if n.Email == "" {
		n.Kept.Email = ""
	}
	if n == (core.NotTaken{}) {
		return nil
	}
	return &n
}

// learnOut notes that someone is out in Okta and suspended in Attio already.
func (p *personPlan) learnOut() {
	e := *p.s.entry
	e.Applied.Active, e.Withheld, e.NotMade = false, e.Withheld && p.s.assigned(), 0
	p.updateIfNew(&e)
}

// updateIfNew has state learn an entry that is another than it has.
func (p *personPlan) updateIfNew(e *core.ManagedPerson) {
	if !sameEntry(e, p.s.entry) {
		now := *e
		p.out.update(core.Change{Person: &now})
	}
}

func sameEntry(a, b *core.ManagedPerson) bool {
	if (a.NotTaken == nil) != (b.NotTaken == nil) || a.NotTaken != nil && *a.NotTaken != *b.NotTaken {
		return false
	}
	x := *a
	x.NotTaken = b.NotTaken
	return x == *b
}
