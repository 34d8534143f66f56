package planner

import "scim-sync/attio"

// placeTeams finds, for each wanted team, the team in Attio that state ties its
// groups to.
func (d *teamStage) placeTeams() {
	for _, named := range []bool{true, false} { // who has the name goes first
		for _, t := range d.wanted.list {
			d.placeTied(t, named)
		}
	}
	for _, t := range d.wanted.list {
		d.noteMerged(t)
	}
	d.keepPeople()
	d.confirmGone()
}

// placeTied finds the team that state ties the groups to; with named only one
// that has the name already. So, where several groups had teams of their own
// and now make one, or had one and now part, the name stays with its team. A
// team that was let go of is not taken back where the settings name another
// that is there.
func (d *teamStage) placeTied(t *team, named bool) {
	for _, m := range t.tied {
		at := d.catalog.byID[m.TeamID]
		t.deleted = t.deleted || m.TeamID != "" && at == nil
		if at == nil || t.at != nil || d.taken[at.ID] != nil {
			continue
		}
		if other := attio.FoldName(at.Name) != attio.FoldName(t.name); other && (named || m.OutOfScope && t.mapped && len(d.catalog.called(t.name)) > 0) {
			continue
		}
		t.at, d.taken[at.ID] = at, t
	}
}

// noteMerged tells of teams whose group now goes to another one.
func (d *teamStage) noteMerged(t *team) {
	for i, m := range t.tied {
		if at := d.catalog.byID[m.TeamID]; at != nil && t.at != nil && at != t.at && d.taken[at.ID] == nil {
			d.note("team-merged", at.Name, "the group "+t.groups[i].Name+" goes to the team "+t.name+" now: the team is left as it is and no longer managed", t.about()[i])
		}
	}
}

// keepPeople marks the teams of which a group is gone from Okta while others
// are there: a group that is gone is not an empty group, and nobody knows any
// more who was in it.
func (d *teamStage) keepPeople() {
	byTeam, live := map[string]*team{}, map[string]bool{}
	for _, t := range d.wanted.list {
		if t.at != nil {
			byTeam[t.at.ID] = t
		}
		for _, g := range t.groups {
			live[g.ID] = true
		}
	}
	for id, m := range d.in.Managed.Teams {
		st, asked := d.in.Answers.Groups[id]
		if t := byTeam[m.TeamID]; t != nil && !live[id] && m.Managed() && !d.wanted.conflicts[id] && (!asked || !st.Exists) {
			t.keeps = true
		}
	}
}

// confirmGone has Attio asked about each managed team that its list leaves out:
// a list that came short is no word that somebody deleted a team.
func (d *teamStage) confirmGone() {
	asked := map[string]bool{}
	for _, m := range d.in.Managed.SortedTeams() {
		if id := m.TeamID; id != "" && d.catalog.byID[id] == nil && m.Managed() && !d.in.Answers.TeamsGone[id] && !asked[id] {
			d.questions.Teams, asked[id] = append(d.questions.Teams, id), true
		}
	}
}

// ownedTeams are the Attio teams tied to any group, but for one that goes out
// of scope in this very plan: it lets go of its team.
func (d *teamStage) ownedTeams() map[string]bool {
	read := map[string]bool{}
	for _, g := range d.in.Directory.Groups {
		read[g.ID] = g.Team && d.in.Policy.Wants(g.GroupRef)
	}
	owned := map[string]bool{}
	for _, t := range d.in.Managed.Teams {
		st, asked := d.in.Answers.Groups[t.GroupID]
		if released := !read[t.GroupID] && asked && st.Exists; t.Managed() && !released {
			owned[t.TeamID] = true
		}
	}
	return owned
}
