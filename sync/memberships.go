package sync

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"scim-sync/attio"
)

// membersOf gives the people who should be in a team: assigned ones of its
// groups. Those who are neither here nor gone are in no such list.
func (d *diff) membersOf(t *team) (set MemberSet, wanted []*subject) {
	d.turn++
	n := 0
	for _, g := range t.groups {
		n += g.Members.Len()
	}
	wanted, marks := make([]*subject, 0, n), make([]uint32, 0, n)
	for _, g := range t.groups {
		who := d.who.table(g.Members)
		for _, n := range g.Members.Numbers() {
			s := who[n]
			if s == nil || s.want != in || s.turn == d.turn {
				continue
			}
			s.turn = d.turn
			wanted = append(wanted, s)
			marks = append(marks, s.mark)
		}
	}
	return setOfMarks(append(marks, d.away(t)...)), wanted
}

// memberships compares who is in a team with who should be.
func (d *diff) memberships(t *team, wanted []*subject) {
	var remove []MemberRef
	for _, i := range d.placesIn(t.at) {
		d.present[i] = d.turn
		if r, ok := d.shouldLeave(i); ok && (!t.keeps || r.OktaID == "") {
			remove = append(remove, r)
		}
	}
	var add []MemberRef
	for _, s := range wanted {
		if s.here && !d.inTeam(s) {
			if add == nil {
				add = make([]MemberRef, 0, len(wanted))
			}
			add = append(add, MemberRef{OktaID: s.id, Email: d.account(s), AttioID: s.attioID})
		}
	}
	if len(remove) > 0 {
		d.doubt(t)
	}
	if len(remove)+len(add) > 0 {
		d.memberSteps(t, add, remove)
	}
}

// placesIn gives the places of a team's people among the members; those whom
// Attio's own list does not explain have none.
func (d *diff) placesIn(t *attio.Team) []int {
	if t == nil {
		return nil
	}
	where, places := d.where.table(t.Members), d.places[:0]
	for _, n := range t.Members.Numbers() {
		if i := int(where[n]); i >= 0 {
			places = append(places, i)
		}
	}
	d.places = places
	return places
}

// memberSteps tells apart what changed in Okta and what by hand in Attio: who
// should have been in the team before and is not, or is in it and should not
// have been. Who has another id in Attio by now went with the old one.
func (d *diff) memberSteps(t *team, add, remove []MemberRef) {
	before := d.lastKnown(t)
	t.joining = t.adopting || t.known().ByHand && !before.knows
	takenOut := func(r MemberRef) bool {
		e := d.byOkta[r.OktaID].entry
		return before.has(r.OktaID) && r.AttioID != "" && r.AttioID == e.AttioID && e.Applied.Active
	}
	putIn := func(r MemberRef) bool { return before.knows && !before.has(r.OktaID) }
	joined, back := parted(add, takenOut)
	left, intruders := parted(remove, putIn)
	d.memberStep(t, AddMembers, joined, false)
	d.memberStep(t, AddMembers, back, true)
	d.memberStep(t, RemoveMembers, left, false)
	d.memberStep(t, RemoveMembers, intruders, true)
}

// parted parts those of whom is says no from those of whom it says yes. A list
// that is all of one kind, as nearly always, is not copied.
func parted(who []MemberRef, is func(MemberRef) bool) (no, yes []MemberRef) {
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
	no, yes = make([]MemberRef, 0, len(who)-n), make([]MemberRef, 0, n)
	for _, r := range who {
		if is(r) {
			yes = append(yes, r)
		} else {
			no = append(no, r)
		}
	}
	return no, yes
}

// lastMembers is who was in a team when it was last put right.
type lastMembers struct {
	knows bool
	marks []uint32
}

func (l lastMembers) has(id string) bool {
	_, has := slices.BinarySearch(l.marks, markOf(id))
	return has
}

// lastKnown says what state knows of who was in a team; nothing of one that is
// new, taken over, was deleted by hand or out of scope for a while.
func (d *diff) lastKnown(t *team) (l lastMembers) {
	if m := t.known(); t.at != nil && !t.adopting && !m.OutOfScope {
		l.marks, l.knows = m.Applied.Members.marks()
	}
	return l
}

// away are the marks of those who were in the team and cannot be judged now,
// suspended for example: until they are active again they are remembered, or
// what changed meanwhile in Okta would look like something done by hand.
func (d *diff) away(t *team) (marks []uint32) {
	var before lastMembers
	asked := false
	remember := func(s *subject) {
		if s == nil || s.want == in || s.turn == d.turn {
			return
		}
		if !asked {
			before, asked = d.lastKnown(t), true
		}
		if s.turn = d.turn; before.has(s.id) {
			marks = append(marks, s.mark)
		}
	}
	for _, g := range t.groups {
		who := d.who.table(g.Members)
		for _, n := range g.Members.Numbers() {
			remember(who[n])
		}
	}
	for _, i := range d.placesIn(t.at) {
		remember(d.claimed[i])
	}
	return marks
}

// doubt asks for the team's groups to be read again where they are remembered.
func (d *diff) doubt(t *team) {
	for _, g := range t.groups {
		if g.Remembered {
			d.reread = append(d.reread, g.GroupRef)
		}
	}
}

// shouldLeave says whether a member of a managed team is to be removed.
// Suspended people, and those who are neither here nor gone, stay as they are;
// strangers too, unless the settings say otherwise.
func (d *diff) shouldLeave(i int) (MemberRef, bool) {
	m := &d.members[i]
	s := d.claimed[i]
	if s == nil {
		remove := d.in.Policy.Teams.RemoveStrangers && m.Status != attio.Suspended
		return MemberRef{Email: m.Email, AttioID: m.ID}, remove
	}
	if s.want != in || s.turn == d.turn || !s.here {
		return MemberRef{}, false
	}
	return MemberRef{OktaID: s.id, Email: d.account(s), AttioID: m.ID}, true
}

// inTeam says whether the team in hand has a person, under the id that
// memberships go by.
func (d *diff) inTeam(s *subject) bool {
	return s.attioID != "" && d.present[s.member] == d.turn // an id is that of their place in Attio
}

// folded is a member under the address that they are sorted by.
type folded struct {
	email string
	ref   MemberRef
}

// byAddress sorts by folded address, then by id.
func (d *diff) byAddress(who []MemberRef) {
	list := d.folded[:0]
	for _, m := range who {
		list = append(list, folded{attio.FoldEmail(m.Email), m})
	}
	d.folded = list
	slices.SortFunc(list, func(x, y folded) int {
		return cmp.Or(strings.Compare(x.email, y.email), strings.Compare(x.ref.OktaID, y.ref.OktaID), strings.Compare(x.ref.AttioID, y.ref.AttioID))
	})
	for i := range list {
		who[i] = list[i].ref
	}
}

func (d *diff) memberStep(t *team, a Action, who []MemberRef, drift bool) {
	if len(who) == 0 {
		return
	}
	d.byAddress(who)
	st := Step{Action: a, Team: t.ref(), People: who, Cause: CauseOkta}
	are, were := "are", "were"
	if len(who) == 1 {
		are, were = "is", "was"
	}
	switch {
	case a == AddMembers && t.at == nil && t.deleted:
		st.Cause, st.Reason = CauseDrift, are+" in Okta's group "+t.label()+", whose team was deleted by hand"
	case a == AddMembers && drift:
		st.Cause, st.Reason = CauseDrift, were+" taken out by hand in Attio"
	case a == AddMembers && t.at == nil:
		st.Reason = are + " in Okta's group " + t.label()
	case a == AddMembers:
		st.Reason = are + " in Okta's group " + t.label() + " and not in the team"
	case drift:
		st.Cause, st.Reason = CauseDrift, were+" put in by hand in Attio"
	default:
		st.Reason = are + " not in Okta's group " + t.label()
	}
	if t.joining {
		st.Cause = CauseAdopt
	}
	d.add(st)
}

// unmanaged lists whom Okta does not manage; released people are no strangers.
func (d *diff) unmanaged() []Unmanaged {
	teams := map[string][]string{} // of the unmanaged, by id: few, whatever there is of teams
	for i := range d.in.Workspace.Teams {
		t := &d.in.Workspace.Teams[i]
		for _, at := range d.placesIn(t) {
			if id := d.members[at].ID; d.isUnmanaged(at) {
				teams[id] = append(teams[id], t.Name)
			}
		}
	}
	list := []Unmanaged{}
	for i, m := range d.members {
		if !d.isUnmanaged(i) {
			continue
		}
		u := Unmanaged{Email: m.Email, Role: m.Role, Status: m.Status, Teams: teams[m.ID]}
		if u.Teams == nil {
			u.Teams = []string{}
		}
		sort.Strings(u.Teams)
		list = append(list, u)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].key() < list[j].key() })
	return list
}

// key orders the unmanaged by address, and by all else where that is the same.
func (u Unmanaged) key() string {
	return strings.Join(append([]string{attio.FoldEmail(u.Email), string(u.Status), string(u.Role), u.Email}, u.Teams...), "\x00")
}

// unmanagedTeams names the teams that no Okta group is tied to.
func (d *diff) unmanagedTeams() []string {
	names := []string{}
	for _, t := range d.in.Workspace.Teams {
		if !d.managedTeams[t.ID] {
			names = append(names, t.Name)
		}
	}
	sort.Strings(names)
	return names
}

func (d *diff) isUnmanaged(i int) bool {
	s := d.claimed[i]
	return s == nil || !s.managed && s.want != in
}
