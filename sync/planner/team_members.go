package planner

import (
	"cmp"
	"slices"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// shouldBeIn gives the people who should be in a team: assigned ones of its
// groups. Those who are not active in Okta yet are in no such list. It is lent until
// the next team is in hand.
func (c *crowd) shouldBeIn(t *team) (set core.MemberSet, wanted []*identity) {
	c.visit++
	wanted, marks := c.wanted[:0], c.marks[:0]
	for _, g := range t.groups {
		who := c.who.table(g.Members)
		for _, n := range g.Members.Numbers() {
			s := who[n]
			if s == nil || s.status != in || c.visited[s.n] == c.visit {
				continue
			}
			c.visited[s.n] = c.visit
			wanted = append(wanted, s)
			marks = append(marks, s.mark)
		}
	}
	c.wanted, c.marks = wanted, append(marks, c.away(t)...)
	return core.SetOfMarks(c.marks), wanted
}

// lastMembers is who was in a team when it was last put right.
type lastMembers struct {
	knows bool
	marks []uint32
}

func (l lastMembers) has(mark uint32) bool {
	_, has := slices.BinarySearch(l.marks, mark)
	return has
}

// lastKnown says what state knows of who was in a team; nothing of one that is
// new, taken over, was deleted by hand or out of scope for a while.
func (t *team) lastKnown() (l lastMembers) {
	if m := t.known(); t.at != nil && !t.adopting && !m.OutOfScope {
		l.marks, l.knows = m.Applied.Members.Marks()
	}
	return l
}

// away are the marks of those who were in the team and cannot be judged now,
// suspended for example: until they are active again they are remembered, or
// what changed meanwhile in Okta would look like something done by hand.
func (c *crowd) away(t *team) (marks []uint32) {
	var before lastMembers
	asked := false
	remember := func(s *identity) {
		if s == nil || s.status == in || c.visited[s.n] == c.visit {
			return
		}
		if !asked {
			before, asked = t.lastKnown(), true
		}
		if c.visited[s.n] = c.visit; before.has(s.mark) {
			marks = append(marks, s.mark)
		}
	}
	for _, g := range t.groups {
		who := c.who.table(g.Members)
		for _, n := range g.Members.Numbers() {
			remember(who[n])
		}
	}
	if t.at != nil {
		for _, i := range c.placesIn(t.at.Members) {
			remember(c.owner[i])
		}
	}
	return marks
}

// shouldLeave says whether a member of the team in hand is to be removed.
// Suspended people, and those who are not active in Okta yet, stay as they are;
// strangers too, unless the settings say otherwise.
func (c *crowd) shouldLeave(i int) (*core.MemberRef, bool) {
	m := &c.members[i]
	s := c.owner[i]
	if s == nil {
		remove := c.in.Policy.Teams.RemoveStrangers && m.Status != attio.Suspended
		return &core.MemberRef{Email: m.Email, AttioID: m.ID}, remove
	}
	if s.status != in || c.visited[s.n] == c.visit || !c.of[s.n].willBePresent {
		return nil, false
	}
	return c.ref(s, m.ID), true
}

// isIn says whether the team in hand has a person, under the id that
// memberships go by.
func (c *crowd) isIn(s *identity) bool {
	return c.of[s.n].attioID != "" && c.present[s.member] == c.visit // an id is that of their place in Attio
}

// memberships compares who is in the team with who should be.
func (p *teamPlan) memberships() {
	c, t := p.crowd, p.t
	var remove, add []*core.MemberRef
	if t.at != nil {
		for _, i := range c.placesIn(t.at.Members) {
			c.present[i] = c.visit
			if r, ok := c.shouldLeave(i); ok && (!t.keeps && !t.unsure() || r.OktaID == "") {
				remove = append(remove, r)
			}
		}
	}
	for _, s := range p.people {
		if at := &c.of[s.n]; at.willBePresent && !c.isIn(s) {
			if add == nil {
				add = make([]*core.MemberRef, 0, len(p.people))
			}
			add = append(add, c.ref(s, at.attioID))
		}
	}
	if len(remove) > 0 {
		p.refetch(p.in, p.refs) // one reading takes nobody out
	}
	if len(remove)+len(add) > 0 {
		p.memberSteps(add, remove)
	}
}

// memberSteps tells apart what changed in Okta and what by hand in Attio: who
// should have been in the team before and is not, or is in it and should not
// have been. Who has another id in Attio by now went with the old one.
func (p *teamPlan) memberSteps(add, remove []*core.MemberRef) {
	before := p.t.lastKnown()
	takenOut := func(r *core.MemberRef) bool {
		if r.AttioID == "" || !before.has(core.MarkOf(r.OktaID)) {
			return false
		}
		e := p.crowd.byOkta[r.OktaID].entry
		return r.AttioID == e.AttioID && e.Applied.Active
	}
	putIn := func(r *core.MemberRef) bool { return before.knows && !before.has(core.MarkOf(r.OktaID)) }
	joined, back := parted(add, takenOut)
	left, intruders := parted(remove, putIn)
	joining := p.t.adopting || p.t.known().ByHand && !before.knows // not put right since it was linked
	for _, part := range []struct {
		action core.Action
		who    []*core.MemberRef
		drift  bool
	}{{core.AddMembers, joined, false}, {core.AddMembers, back, true}, {core.RemoveMembers, left, false}, {core.RemoveMembers, intruders, true}} {
		if len(part.who) > 0 {
			p.memberStep(part.action, part.who, part.drift, joining)
		}
	}
}

func (p *teamPlan) memberStep(a core.Action, who []*core.MemberRef, drift, joining bool) {
	t := p.t
	byAddress(who)
	st := core.Step{Action: a, Team: t.ref(), People: who, Cause: core.CauseOkta}
	are, were, group := "are", "were", p.source+"'s group "+t.label()
	if len(who) == 1 {
		are, were = "is", "was"
	}
	switch {
	case a == core.AddMembers && t.at == nil && t.deleted:
		st.Cause, st.Reason = core.CauseDrift, are+" in "+group+", whose team was deleted by hand"
	case a == core.AddMembers && drift:
		st.Cause, st.Reason = core.CauseDrift, were+" taken out by hand in Attio"
	case a == core.AddMembers && t.at == nil:
		st.Reason = are + " in " + group
	case a == core.AddMembers:
		st.Reason = are + " in " + group + " and not in the team"
	case drift:
		st.Cause, st.Reason = core.CauseDrift, were+" put in by hand in Attio"
	default:
		st.Reason = are + " not in " + group
	}
	if joining {
		st.Cause = core.CauseAdopt
	}
	p.add(st, nil)
}

// parted parts those of whom is says no from those of whom it says yes. A list
// that is all of one kind, as nearly always, is not copied.
func parted(who []*core.MemberRef, is func(*core.MemberRef) bool) (no, yes []*core.MemberRef) {
	n := 0
	for _, r := range who {
		if is(r) {
			n++
		}
	}
	switch n {
	case 0:
		return who, nil
	case len(who):
		return nil, who
	}
	no, yes = make([]*core.MemberRef, 0, len(who)-n), make([]*core.MemberRef, 0, n)
	for _, r := range who {
		if is(r) {
			yes = append(yes, r)
		} else {
			no = append(no, r)
		}
	}
	return no, yes
}

// byAddress sorts by folded address, then by id. Nearly all addresses are folded as
// they stand: then none is folded for each time that it is compared.
func byAddress(who []*core.MemberRef) {
	fold := attio.FoldEmail
	if !slices.ContainsFunc(who, func(r *core.MemberRef) bool { return fold(r.Email) != r.Email }) {
		fold = func(email string) string { return email }
	}
	slices.SortFunc(who, func(x, y *core.MemberRef) int {
		if c := strings.Compare(fold(x.Email), fold(y.Email)); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(x.OktaID, y.OktaID), strings.Compare(x.AttioID, y.AttioID))
	})
}
