package planner

import (
	"slices"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// foundTeam is a team as either side or the state has it.
type foundTeam struct {
	name    string
	at      *attio.Team
	groups  []idp.Group // read from Okta
	entries []core.ManagedTeam
	managed bool
}

// foundTeams are all teams: both sides and the state brought together.
type foundTeams struct {
	d    *teamStage
	list []foundTeam
	of   map[string]int // Attio team id → place in list
}

// findTeams lists the teams that Okta's groups come to, those whose groups are
// no longer read, and all others.
func findTeams(d *teamStage) []foundTeam {
	f := &foundTeams{d: d, of: map[string]int{}}
	had := map[string]bool{} // groups dealt with
	for _, t := range d.wanted.list {
		f.wanted(t)
		for _, g := range t.groups {
			had[g.ID] = true
		}
	}
	for _, e := range d.in.Managed.SortedTeams() {
		if !had[e.GroupID] {
			f.orphaned(e)
		}
	}
	for _, g := range d.in.Directory.Groups {
		if d.wanted.conflicts[g.ID] && d.in.Managed.Teams[g.ID].GroupID == "" {
			name, _ := d.in.Policy.TeamName(g.GroupRef, core.ManagedTeam{})
			f.list = append(f.list, foundTeam{name: name, groups: []idp.Group{g}})
		}
	}
	for i := range d.in.Workspace.Teams {
		if t := &d.in.Workspace.Teams[i]; !f.has(t.ID) {
			f.list = append(f.list, foundTeam{name: t.Name, at: t})
		}
	}
	return f.list
}

func (f *foundTeams) has(teamID string) bool {
	_, has := f.of[teamID]
	return has
}

func (f *foundTeams) put(t foundTeam) {
	if t.at != nil {
		f.of[t.at.ID] = len(f.list)
	}
	f.list = append(f.list, t)
}

// wanted puts a team that groups come to.
func (f *foundTeams) wanted(t *team) {
	found := foundTeam{name: t.name, groups: t.groups, managed: true}
	for _, m := range t.tied {
		if m.GroupID != "" {
			found.entries = append(found.entries, m)
		}
		if found.at == nil {
			found.at = f.d.catalog.byID[m.TeamID]
		}
	}
	if dealt := f.d.dealt[t.key()]; len(dealt) > 0 {
		found.at = f.d.catalog.byID[dealt[0].TeamID]
	}
	f.put(found)
}

// orphaned puts a team whose group is no longer among those that make teams.
func (f *foundTeams) orphaned(e core.ManagedTeam) {
	if i, ok := f.of[e.TeamID]; ok {
		f.list[i].entries = append(f.list[i].entries, e)
		return
	}
	g := idp.Group{GroupRef: idp.GroupRef{ID: e.GroupID}}
	if i := slices.IndexFunc(f.d.in.Directory.Groups, func(g idp.Group) bool { return g.ID == e.GroupID }); i >= 0 {
		g = f.d.in.Directory.Groups[i]
	}
	found := foundTeam{name: e.Applied.Name, at: f.d.catalog.byID[e.TeamID], entries: []core.ManagedTeam{e}, groups: []idp.Group{g}}
	found.managed = found.at != nil && f.d.managed[found.at.ID]
	f.put(found)
}
