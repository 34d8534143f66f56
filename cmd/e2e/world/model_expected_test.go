package world

import (
	"slices"

	"scim-sync/attio/attiotest"
)

// expected is a team that there should be: its name, and the groups that go to it.
type expected struct {
	name  string
	teams []*team
}

// expectedTeams are the teams that Okta's groups come to, and the groups that are
// left alone because another one comes to the same name. Of those the one goes
// on whose team has the name, or that has the only team.
func (p *play) expectedTeams(m *moment) (list []expected, rivals []*team) {
	byName := map[string][]*team{}
	for _, c := range p.teams {
		if name := p.kind.teamName(c); c.inScope() {
			byName[name] = append(byName[name], c)
		}
	}
	for name, teams := range byName {
		if p.kind.shared || len(teams) == 1 {
			list = append(list, expected{name, teams})
			continue
		}
		keeper := p.keeper(m, name, teams)
		for _, c := range teams {
			if c == keeper {
				list = append(list, expected{name, []*team{c}})
			} else {
				rivals = append(rivals, c)
			}
		}
	}
	return list, rivals
}

// keeper is the group that goes on under a name to which others come as well.
func (p *play) keeper(m *moment, name string, teams []*team) (only *team) {
	for _, c := range teams {
		switch t := m.team(expected{name, []*team{c}}); {
		case t.Name == name:
			return c
		case t.ID != "" && only != nil:
			return nil
		case t.ID != "":
			only = c
		}
	}
	return only
}

// team is the one that state ties an expected team's groups to, if it is there.
func (m *moment) team(w expected) attiotest.TeamState {
	for _, c := range w.teams {
		if t := teamByID(m.site, m.state.Teams[c.id].TeamID); t.ID != "" {
			return t
		}
	}
	return attiotest.TeamState{}
}

// nameTaken says whether an expected team's name must be refused: another team has it,
// and does not give it up in the same run.
func (p *play) nameTaken(m *moment, w expected, ring ...string) bool {
	holder, there := m.site.Team(w.name)
	own := m.team(w)
	if !there || holder.ID == own.ID || p.kind.shared && own.ID == "" || slices.Contains(w.teams, p.lost[holder.ID]) {
		return false // free, its own, or a team that the settings name
	}
	if slices.Contains(ring, holder.ID) {
		return false // they exchange their names: one of them takes a detour
	}
	for _, other := range m.expectedTeams {
		if m.team(other).ID == holder.ID && other.name != w.name {
			return p.nameTaken(m, other, append(ring, own.ID)...)
		}
	}
	return true
}

// noteLost remembers teams that a run made, and in trouble did not note: the
// next one knows them by their names.
func (p *play) noteLost(before, after *moment) {
	for _, t := range after.site.Teams {
		for _, w := range before.expectedTeams {
			if teamByID(before.site, t.ID).ID == "" && t.Name == w.name && after.team(w).ID != t.ID {
				p.lost[t.ID] = w.teams[0]
			}
		}
	}
}
