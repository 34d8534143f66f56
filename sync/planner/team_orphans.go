package planner

import (
	"slices"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// orphanedGroups deals with teams whose groups are no longer among those read. A
// group that is merely out of scope is released; one that Okta says is gone is
// kept, or deleted where the settings say so and the team was created here.
func (d *teamStage) orphanedGroups() {
	for _, m := range d.orphans() {
		d.orphanedGroup(m)
	}
}

// orphans are the ties to groups that are no longer among those read.
func (d *teamStage) orphans() (list []core.ManagedTeam) {
	have := map[string]bool{}
	for _, t := range d.wanted.list {
		for _, g := range t.groups {
			have[g.ID] = true
		}
	}
	for _, m := range d.in.Managed.SortedTeams() {
		if !have[m.GroupID] && !d.wanted.conflicts[m.GroupID] && m.Managed() {
			list = append(list, m)
		}
	}
	return list
}

// deletedTeams are the teams that this plan deletes with their groups.
func (d *teamStage) deletedTeams() map[string]bool {
	ids := map[string]bool{}
	for _, m := range d.orphans() {
		if d.goes(m) && d.taken[m.TeamID] == nil && !d.managed[m.TeamID] {
			ids[m.TeamID] = true
		}
	}
	return ids
}

// goes says whether a team goes with its orphaned group: Okta says that it has
// none of its groups any more, and the settings say what follows.
func (d *teamStage) goes(m core.ManagedTeam) bool {
	return d.catalog.byID[m.TeamID] != nil && d.in.Policy.Teams.Source != idp.NoTeams && d.in.Policy.Teams.DeleteGone && m.Created && d.allGone(m)
}

func (d *teamStage) orphanedGroup(m core.ManagedTeam) {
	st, asked := d.in.Answers.Groups[m.GroupID]
	if !asked {
		d.questions.Groups = append(d.questions.Groups, m.GroupID)
		return
	}
	about := core.About{OktaID: m.GroupID, AttioID: m.TeamID}
	name, at := m.Applied.Name, d.catalog.byID[m.TeamID]
	if at != nil {
		name = at.Name
	}
	shared := at != nil && d.managed[at.ID] // it goes on with its other groups
	switch {
	case st.Exists:
		m.OutOfScope = true
		d.update(core.Change{Teams: []core.ManagedTeam{m}})
		detail := "the team is left as it is and no longer managed"
		if shared {
			detail = "the team goes on with its other groups, and who was in it for that group alone is taken out"
		} else if at != nil {
			d.released[at.ID] = at.Name
		}
		d.note(core.NoteTeamReleased, name, "the group "+st.Group.Name+" is no longer assigned, mapped or listed: "+detail, about)
	case at == nil:
		d.update(core.Change{ForgetTeams: []string{m.GroupID}})
	case d.goes(m):
		if !shared { // else another group of it has said so already
			d.deleteTeam(m, at, st.Proof)
		}
	default:
		detail := "the team is kept as it is"
		if shared {
			detail = "the team goes on with its other groups, and nobody is taken out of it, since who was in that group is not known any more. To let go of it: scim-sync unlink " + core.Quote(m.GroupID)
		}
		d.managed[at.ID] = true
		d.note(core.NoteGroupGone, name, capital(d.source)+" has no group "+m.GroupID+" any more: "+detail, about)
	}
}

// deleteTeam ends a team none of whose groups exists any more.
func (d *teamStage) deleteTeam(m core.ManagedTeam, at *attio.Team, proof idp.Proof) {
	d.managed[at.ID] = true
	groups := d.sharing(m)
	ref := &core.TeamRef{OktaID: m.GroupID, AttioID: at.ID, Name: at.Name}
	refs := make([]idp.GroupRef, len(groups))
	for i, id := range groups {
		refs[i].ID = id
	}
	if len(groups) > 1 {
		ref.Groups = groups
	}
	d.add(core.Step{Action: core.DeleteTeam, Team: ref, Before: core.Values{Name: at.Name}, Cause: core.CauseOkta, Reason: capital(d.source) + " has no group " + m.GroupID + " any more",
		Record: &core.Record{Team: &core.TeamRecord{Forget: groups}, Proof: &proof, Groups: refs}})
}

// sharing are the groups that state ties to the same team, this one included,
// sorted.
func (d *teamStage) sharing(m core.ManagedTeam) (groups []string) {
	for _, other := range d.in.Managed.SortedTeams() {
		if other.TeamID == m.TeamID && other.Managed() {
			groups = append(groups, other.GroupID)
		}
	}
	return groups
}

// allGone says whether Okta has none of the groups of a team any more.
func (d *teamStage) allGone(m core.ManagedTeam) bool {
	return !slices.ContainsFunc(d.sharing(m), func(id string) bool {
		st, asked := d.in.Answers.Groups[id]
		return !asked || st.Exists
	})
}
