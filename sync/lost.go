package sync

import (
	"sort"

	"scim-sync/attio"
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
		if !have[id] && !m.Unlinked && !m.OutOfScope {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	for _, id := range ids {
		d.lostTeam(d.in.Managed.Teams[id], byID)
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
		d.note("team-released", name, "the group "+st.Group.Name+" is no longer assigned, mapped or listed: the team is left as it is and no longer managed")
	case at == nil:
		d.silent = append(d.silent, Change{ForgetTeams: []string{m.GroupID}})
	case d.in.Policy.Teams.DeleteGone && m.Created && !d.sharedTeam(m):
		d.managedTeams[at.ID] = true
		d.teamFacts[m.GroupID] = teamFacts{entries: []ManagedTeam{m}}
		d.add(Step{Action: DeleteTeam, Team: &TeamRef{OktaID: m.GroupID, AttioID: at.ID, Name: at.Name}, Before: Values{Name: at.Name},
			Cause: CauseOkta, Reason: "Okta has no group " + m.GroupID + " any more"})
		d.proofs[m.GroupID] = st.Proof
	default:
		d.managedTeams[at.ID] = true
		d.note("group-gone", name, "Okta has no group "+m.GroupID+" any more: the team is kept as it is")
	}
}

// sharedTeam says whether another group goes to the same team.
func (d *diff) sharedTeam(m ManagedTeam) bool {
	for id, other := range d.in.Managed.Teams {
		if id != m.GroupID && other.TeamID == m.TeamID && !other.Unlinked && !other.OutOfScope {
			return true
		}
	}
	return false
}
