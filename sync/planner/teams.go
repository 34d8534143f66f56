package planner

import (
	"sort"
	"strings"

	"scim-sync/idp"
	core "scim-sync/sync"
)

// compareTeams compares the groups that should be teams with the teams there are.
func compareTeams(p placements) *teamStage {
	in := p.in
	d := &teamStage{in: in, source: in.source(), catalog: newCatalog(in.Workspace.Teams), crowd: newCrowd(p),
		taken: map[string]*team{}, managed: map[string]bool{}, dealt: map[string][]core.ManagedTeam{}}
	d.wanted, d.findings = teamsWanted(in, d.catalog)
	for id := range d.wanted.theirs {
		d.managed[id] = true
	}
	d.placeTeams()
	d.owned, d.deleting = d.ownedTeams(), d.deletedTeams()
	d.freeNames()
	for _, t := range d.wanted.list {
		if t.at != nil || d.findTeam(t) {
			d.planTeam(t)
		}
	}
	d.orphanedGroups()
	d.namesOfNothing()
	return d
}

// namesOfNothing tells of settings that name a group which is none of those
// that teams come from. Groups that are listed are looked up in Okta, which
// tells of them itself.
func (d *teamStage) namesOfNothing() {
	t := d.in.Policy.Teams
	if t.Source == idp.NoTeams || t.Source == idp.ListedGroups {
		return
	}
	told := map[string]bool{}
	tell := func(setting, name string) {
		if core.Matches(t.Exclude, idp.GroupRef{ID: name, Name: name}) {
			return
		}
		for _, g := range d.in.Directory.Groups {
			if g.Team && core.Means(g.GroupRef, name) {
				return
			}
		}
		if !told[name] {
			d.note(core.NoteGroupNotFound, name, setting+" names a group that is not among those that teams come from (teams.source: "+string(t.Source)+"); names are compared letter by letter")
		}
		told[name] = true
	}
	for _, m := range t.Groups {
		tell("teams.groups", m.Group)
	}
	for _, name := range t.Include {
		if !strings.Contains(name, "*") {
			tell("teams.include", name)
		}
	}
}

// unmanagedTeams names the teams that no group is tied to.
func (d *teamStage) unmanagedTeams() []string {
	names := []string{}
	for _, t := range d.in.Workspace.Teams {
		if !d.managed[t.ID] {
			names = append(names, t.Name)
		}
	}
	sort.Strings(names)
	return names
}
