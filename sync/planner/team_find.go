package planner

import (
	"fmt"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// findTeam looks for a team of that name for groups that are tied to none. It
// says whether the team can be dealt with: a team that is not ours is never
// taken over silently.
func (d *teamStage) findTeam(t *team) bool {
	adopt := func(at *attio.Team) bool {
		t.at, d.taken[at.ID], t.adopting = at, t, true
		return true
	}
	if at := d.inFlight(t); at != nil && d.taken[at.ID] == nil && !d.owned[at.ID] {
		return adopt(at)
	}
	same := d.catalog.called(t.name)
	if len(same) == 0 || d.leaving[attio.FoldName(t.name)] {
		return true
	}
	at := same[0]
	group := shellName(t.groups[0].Name, t.key())
	switch {
	case len(same) > 1:
		d.refuse(core.TeamNameTaken, t.about(), t.name, fmt.Sprintf("Attio has %d teams of this name; which of them is %s's group %s cannot be guessed", len(same), d.source, t.label()),
			"Rename all but one of them in Attio, or: scim-sync link "+group+" TEAM-ID")
	case d.taken[at.ID] != nil || d.owned[at.ID]:
		d.refuse(core.TeamNameTaken, t.about(), t.name, "the Attio team of this name belongs to another group of "+d.source+" than "+t.label(), d.otherOwnerRemedy(t, at))
	case t.mapped || d.in.Policy.Teams.LinkSameName || d.wasOurs(t, at.Name):
		return adopt(at)
	default:
		d.refuse(core.TeamNameTaken, t.about(), t.name, "Attio has a team of this name that "+d.source+" does not manage; it is not taken over silently for the group "+t.label(),
			"To make it the group's team: scim-sync link "+group+" "+shellName(t.name, at.ID)+"; or set teams.same_name: link; or name another team for the group in teams.groups.")
	}
	return false
}

// inFlight is the team that a former run asked for and could not see made, also
// where the group has another name by now.
func (d *teamStage) inFlight(t *team) *attio.Team {
	for _, name := range d.begunNames(t) {
		if same := d.catalog.called(name); len(same) == 1 {
			return same[0]
		}
	}
	return nil
}

// otherOwnerRemedy says how a group comes to a team that another group has.
func (d *teamStage) otherOwnerRemedy(t *team, at *attio.Team) string {
	for _, m := range d.in.Managed.SortedTeams() {
		if st, asked := d.in.Answers.Groups[m.GroupID]; m.TeamID == at.ID && asked && !st.Exists && m.Managed() {
			return capital(d.source) + " has no group " + m.GroupID + " any more. If " + t.groups[0].Name + " takes its place: scim-sync unlink " + core.Quote(m.GroupID) +
				", then scim-sync link " + core.Quote(t.groups[0].ID) + " " + core.Quote(at.ID)
		}
	}
	return "Give one of the groups another team name (setting teams.groups)."
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
