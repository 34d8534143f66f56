package planner

import (
	"sort"

	core "scim-sync/sync"
)

// compareTeams compares the groups that should be teams with the teams there are.
func compareTeams(p placements) *teamStage {
	in := p.in
	d := &teamStage{in: in, source: in.source(), catalog: newCatalog(in.Workspace.Teams), crowd: newCrowd(p),
		taken: map[string]*team{}, managed: map[string]bool{}, released: map[string]string{}, dealt: map[string][]core.ManagedTeam{}}
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
	d.idleTeamSettings()
	return d
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

// planTeam compares one team that should exist with the one there is.
func (d *teamStage) planTeam(t *team) {
	p := &teamPlan{teamStage: d, t: t, refs: t.refs()}
	p.set, p.people = d.crowd.shouldBeIn(t)
	if t.keeps {
		p.set = t.known().Applied.Members // who stays for a group that is gone is in no list
	}
	p.begin()
	if t.at == nil {
		p.create()
	} else {
		d.managed[t.at.ID] = true
		if t.adopting {
			p.link()
		}
		p.rename()
	}
	before := len(d.steps)
	p.memberships()
	if t.at != nil && !t.adopting && len(d.steps) == before {
		p.learn()
	}
	d.dealt[t.key()] = p.base
}
