package sync

import (
	"sort"

	"scim-sync/attio"
)

// membersOf gives the people who should be in a team: assigned ones of its
// groups. Those who are neither here nor gone are in no such list.
func (d *diff) membersOf(t *team) (digest string, wanted []*subject) {
	seen := map[string]bool{}
	var ids []string
	for _, g := range t.groups {
		for _, id := range g.Members {
			s := d.byOkta[id]
			if s == nil || s.want != in || seen[id] {
				continue
			}
			seen[id] = true
			wanted = append(wanted, s)
			ids = append(ids, id)
		}
	}
	return MembersDigest(ids), wanted
}

// memberships compares who is in a team with who should be.
func (d *diff) memberships(t *team, wanted []*subject, digest string) {
	present := map[string]bool{}
	var actual []string
	if t.at != nil {
		actual = t.at.Members
	}
	for _, id := range actual {
		present[id] = true
	}
	var add []MemberRef
	should := make(map[*subject]bool, len(wanted))
	for _, s := range wanted {
		should[s] = true
		if s.here && (s.attioID == "" || !present[s.attioID]) {
			add = append(add, MemberRef{OktaID: s.id, Email: s.email(), AttioID: s.attioID})
		}
	}
	var remove []MemberRef
	for _, id := range actual {
		if r, ok := d.shouldLeave(id, should); ok {
			remove = append(remove, r)
		}
	}
	if len(remove) > 0 {
		d.doubt(t)
	}
	drift := t.at != nil && !t.adopting && t.tied[0].Applied.Members == digest
	d.memberStep(t, AddMembers, add, drift)
	d.memberStep(t, RemoveMembers, remove, drift)
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
func (d *diff) shouldLeave(id string, should map[*subject]bool) (MemberRef, bool) {
	i, ok := d.byID[id]
	if !ok {
		return MemberRef{}, false // an id that Attio's own list does not explain
	}
	m := d.members[i]
	s := d.claimed[i]
	if s == nil {
		remove := d.in.Policy.Teams.RemoveStrangers && m.Status != attio.Suspended
		return MemberRef{Email: m.Email, AttioID: id}, remove
	}
	if s.want != in || should[s] || !s.here {
		return MemberRef{}, false
	}
	return MemberRef{OktaID: s.id, Email: s.email(), AttioID: id}, true
}

func (d *diff) memberStep(t *team, a Action, who []MemberRef, drift bool) {
	if len(who) == 0 {
		return
	}
	sort.Slice(who, func(i, j int) bool {
		x, y := attio.FoldEmail(who[i].Email), attio.FoldEmail(who[j].Email)
		if x != y {
			return x < y
		}
		return who[i].OktaID+who[i].AttioID < who[j].OktaID+who[j].AttioID
	})
	st := Step{Action: a, Team: t.ref(), People: who, Cause: CauseOkta}
	switch {
	case a == AddMembers && drift:
		st.Cause, st.Reason = CauseDrift, "were taken out by hand in Attio"
	case a == AddMembers && t.at == nil:
		st.Reason = "are in Okta's group " + t.label()
	case a == AddMembers:
		st.Reason = "are in Okta's group " + t.label() + " and not in the team"
	case drift:
		st.Cause, st.Reason = CauseDrift, "were put in by hand in Attio"
	default:
		st.Reason = "are not in Okta's group " + t.label()
	}
	if t.adopting {
		st.Cause = CauseAdopt
	}
	d.add(st)
}

// unmanaged lists whom Okta does not manage; released people are no strangers.
func (d *diff) unmanaged() []Unmanaged {
	teams := map[string][]string{}
	for _, t := range d.in.Workspace.Teams {
		for _, id := range t.Members {
			if i, ok := d.byID[id]; ok && d.isUnmanaged(i) {
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
	sort.Slice(list, func(i, j int) bool {
		a, b := attio.FoldEmail(list[i].Email), attio.FoldEmail(list[j].Email)
		if a != b {
			return a < b
		}
		if list[i].Status != list[j].Status {
			return list[i].Status < list[j].Status
		}
		return list[i].Role < list[j].Role
	})
	return list
}

func (d *diff) isUnmanaged(i int) bool {
	s := d.claimed[i]
	return s == nil || !s.managed && s.want != in
}
