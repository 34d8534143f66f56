package planner

import (
	"fmt"
	"sort"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// wantedTeams are the teams that the source's groups come to.
type wantedTeams struct {
	list []*team // sorted by group id
	// conflicts are groups left out because another group comes to the same
	// name; theirs are the Attio teams that they have.
	conflicts map[string]bool
	theirs    map[string]bool
}

// candidate is one group that comes to a team's name.
type candidate struct {
	group  idp.Group
	tied   core.ManagedTeam
	name   string
	mapped bool // the settings name the team for the group
}

// teamsWanted works out which teams the groups come to.
func teamsWanted(in *Input, c catalog) (wantedTeams, findings) {
	var f findings
	w := wantedTeams{conflicts: map[string]bool{}, theirs: map[string]bool{}}
	byName := map[string][]candidate{}
	groups := append([]idp.Group(nil), in.Directory.Groups...)
	sort.Slice(groups, func(i, j int) bool { return groups[i].ID < groups[j].ID })
	for _, g := range groups {
		tied := in.Managed.Teams[g.ID]
		if !g.Team || tied.Unlinked || !in.Policy.Wants(g.GroupRef) {
			continue
		}
		name, mapped := in.Policy.TeamName(g.GroupRef, tied)
		if name == "" {
			f.note(core.NoteTeamNameEmpty, g.Name, "nothing is left of the group's name ("+g.ID+"): no team", core.About{OktaID: g.ID})
			continue
		}
		key := attio.FoldName(name)
		byName[key] = append(byName[key], candidate{group: g, tied: tied, name: name, mapped: mapped})
	}
	for _, candidates := range byName {
		t := &team{}
		for _, c := range w.settleName(in.source(), candidates, c, &f) {
			if t.name == "" {
				t.name = c.name
			}
			t.groups, t.tied, t.mapped = append(t.groups, c.group), append(t.tied, c.tied), t.mapped || c.mapped
		}
		if len(t.groups) > 0 {
			w.list = append(w.list, t)
		}
	}
	sort.Slice(w.list, func(i, j int) bool { return w.list[i].key() < w.list[j].key() })
	return w, f
}

// settleName says which of the groups that come to one name make the team.
// Several do where the settings name the team for all but one of them, or
// where state ties them to one team already; else only the group keeps the
// name whose team has it, and the others are shown: two groups that happen to
// have one name are never thrown together.
func (w *wantedTeams) settleName(source string, list []candidate, c catalog, f *findings) []candidate {
	bare := 0
	for _, x := range list {
		if !x.mapped {
			bare++
		}
	}
	if bare < 2 {
		return list
	}
	keeper := keeperOf(list, c)
	var kept []candidate
	for _, x := range list {
		if x.mapped || keeper != "" && x.tied.TeamID == keeper {
			kept = append(kept, x)
			continue
		}
		w.conflicts[x.group.ID] = true
		if c.byID[x.tied.TeamID] != nil {
			w.theirs[x.tied.TeamID] = true
		}
		f.refuse(core.TeamNameTaken, groupsAbout(x.group.ID), x.name, fmt.Sprintf("%s's group %s (%s) comes to the name of a team that another group comes to as well", source, x.group.Name, x.group.ID),
			"Rename one of the groups in "+source+", or name the team of each in the setting teams.groups; groups for which it names one team share that team.")
	}
	return kept
}

// keeperOf gives the Attio id of the team that goes on under a name that several
// groups come to: the one that has it, else the only one there is. Empty: none.
func keeperOf(list []candidate, c catalog) string {
	teams := map[string]bool{}
	for _, x := range list {
		at := c.byID[x.tied.TeamID]
		switch {
		case at == nil || x.mapped:
			continue
		case attio.FoldName(at.Name) == attio.FoldName(x.name):
			return at.ID
		}
		teams[at.ID] = true
	}
	if len(teams) != 1 {
		return ""
	}
	for id := range teams {
		return id
	}
	return ""
}
