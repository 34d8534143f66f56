package sync

import (
	"sort"

	"scim-sync/attio"
	"scim-sync/idp"
)

// lostTeams deals with teams whose groups are no longer among those read. A
// group that is merely out of scope is released; one that Okta says is gone is
// kept, or deleted where the settings say so and the team was created here.
func (d *diff) lostTeams(wanted []*team, byID map[string]*attio.Team) {
	have := map[string]bool{}
	for _, t := range wanted {
		for _, g := range t.groups {
			have[g.ID] = true
		}
	}
	var ids []string
	for id, m := range d.in.Managed.Teams {
		if !have[id] && !d.contested[id] && !m.Unlinked && !m.OutOfScope {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	for _, id := range ids {
		d.lostTeam(d.in.Managed.Teams[id], byID)
	}
}

// keepPeople marks the teams of which a group is gone from Okta while others
// are there: a group that is gone is not an empty group, and nobody knows any
// more who was in it.
func (d *diff) keepPeople(wanted []*team) {
	byTeam := map[string]*team{}
	live := map[string]bool{}
	for _, t := range wanted {
		if t.at != nil {
			byTeam[t.at.ID] = t
		}
		for _, g := range t.groups {
			live[g.ID] = true
		}
	}
	for id, m := range d.in.Managed.Teams {
		st, asked := d.in.Groups[id]
		if t := byTeam[m.TeamID]; t != nil && !live[id] && !m.Unlinked && !m.OutOfScope && !d.contested[id] && (!asked || !st.Exists) {
			t.keeps = true
		}
	}
}

func (d *diff) lostTeam(m ManagedTeam, byID map[string]*attio.Team) {
	st, asked := d.in.Groups[m.GroupID]
	if !asked {
		d.absentGroups = append(d.absentGroups, m.GroupID)
		return
	}
	name := m.Applied.Name
	at := byID[m.TeamID]
	if at != nil {
		name = at.Name
	}
	switch {
	case st.Exists:
		m.OutOfScope = true
		d.silent = append(d.silent, Change{Teams: []ManagedTeam{m}})
		detail := "the team is left as it is and no longer managed"
		if at != nil && d.managedTeams[at.ID] {
			detail = "the team goes on with its other groups, and who was in it for that group alone is taken out"
		}
		d.note("team-released", name, "the group "+st.Group.Name+" is no longer assigned, mapped or listed: "+detail)
	case at == nil:
		d.silent = append(d.silent, Change{ForgetTeams: []string{m.GroupID}})
	case d.in.Policy.Teams.Source != idp.NoTeams && d.in.Policy.Teams.DeleteGone && m.Created && d.allGone(m):
		if !d.managedTeams[at.ID] { // else another group of it has said so already
			d.deleteTeam(m, at, st.Proof)
		}
	default:
		detail := "the team is kept as it is"
		if d.managedTeams[at.ID] {
			detail = "the team goes on with its other groups, and nobody is taken out of it, since who was in that group is not known any more. To let go of it: scim-sync unlink " + Quote(m.GroupID)
		}
		d.managedTeams[at.ID] = true
		d.note("group-gone", name, "Okta has no group "+m.GroupID+" any more: "+detail)
	}
}

// deleteTeam ends a team none of whose groups exists any more.
func (d *diff) deleteTeam(m ManagedTeam, at *attio.Team, proof idp.Proof) {
	d.managedTeams[at.ID] = true
	entries := d.sharing(m)
	ref := &TeamRef{OktaID: m.GroupID, AttioID: at.ID, Name: at.Name}
	if len(entries) > 1 {
		for _, e := range entries {
			ref.Groups = append(ref.Groups, e.GroupID)
		}
	}
	d.teamFacts[m.GroupID] = teamFacts{entries: entries}
	d.add(Step{Action: DeleteTeam, Team: ref, Before: Values{Name: at.Name}, Cause: CauseOkta, Reason: "Okta has no group " + m.GroupID + " any more"})
	d.proofs[m.GroupID] = proof
}

// sharing are the groups that state ties to the same team, this one included,
// sorted by id.
func (d *diff) sharing(m ManagedTeam) []ManagedTeam {
	var entries []ManagedTeam
	for _, other := range d.in.Managed.SortedTeams() {
		if other.TeamID == m.TeamID && !other.Unlinked && !other.OutOfScope {
			entries = append(entries, other)
		}
	}
	return entries
}

// allGone says whether Okta has none of the groups of a team any more.
func (d *diff) allGone(m ManagedTeam) bool {
	for _, e := range d.sharing(m) {
		if st, asked := d.in.Groups[e.GroupID]; !asked || st.Exists {
			return false
		}
	}
	return true
}
