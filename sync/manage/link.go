package manage

import (
	"fmt"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// LinkGroup ties an Okta group to a team that exists. The team keeps the name
// it has, unless the settings name one for the group; where it has the group's
// name already, it follows the group's later renames as any other team.
func LinkGroup(m core.Managed, p core.Policy, g idp.GroupRef, t attio.Team, names Names) (Tie, error) {
	now, known := m.Teams[g.ID]
	tied := known && !now.Unlinked
	if tied && now.TeamID == t.ID {
		return Tie{Said: []string{fmt.Sprintf("Nothing to do: %s is tied to the team %s already.", names.theGroup(g.Name), t.Name)}}, nil
	}
	if there := names.Teams[now.TeamID]; tied && there != "" {
		return Tie{}, &TieError{
			Text:   fmt.Sprintf("%s (%s) is tied to the team %s (%s) already", names.theGroup(g.Name), g.ID, there, now.TeamID),
			Advice: "Let go of that tie first: scim-sync unlink " + core.Quote(g.Name),
		}
	}
	if other, ok := m.TiedTo(t.ID, g.ID); ok {
		return Tie{}, &TieError{
			Text:   fmt.Sprintf("the team %s (%s) is tied to %s (%s) already", t.Name, t.ID, names.theGroup(names.group(other.GroupID)), other.GroupID),
			Advice: "Let go of that tie first: scim-sync unlink " + core.Quote(names.group(other.GroupID)) + "; or, if the people of both groups belong in it, name this team for both in the setting teams.groups.",
		}
	}
	name, mapped := p.TeamName(g, core.ManagedTeam{})
	e := core.ManagedTeam{GroupID: g.ID, TeamID: t.ID, ByHand: true, Applied: core.AppliedTeam{Name: t.Name, KeepName: !mapped && name != t.Name}}
	if known && now.Unlinked {
		now.Former = nil
		e.Former = &now
	}
	step := &core.Step{
		Action: core.LinkTeam, Team: &core.TeamRef{OktaID: g.ID, AttioID: t.ID, Name: t.Name}, After: core.Values{Name: t.Name},
		Cause: core.CauseAdopt, Reason: "somebody tied " + names.theGroup(g.Name) + " to it",
	}
	said := []string{fmt.Sprintf("%s (%s) is tied to the team %s (%s): the next run puts the group's people into it, and takes out managed people who are not in the group.", names.theGroup(g.Name), g.ID, t.Name, t.ID)}
	switch {
	case mapped && name != t.Name:
		said = append(said, fmt.Sprintf("The setting teams.groups names it %s: the next run renames it.", name))
	case e.Applied.KeepName:
		said = append(said, "It keeps its name. To give it another, name one for the group in the setting teams.groups.")
	}
	return Tie{Changes: []core.Change{{Teams: []core.ManagedTeam{e}}}, Step: step, Said: said}, nil
}

// UndoLink takes a link back: the group is as it was before it.
func UndoLink(m core.Managed, groupID string, names Names) (Tie, error) {
	name := names.group(groupID)
	now, ok := m.Teams[groupID]
	switch {
	case !ok || now.Unlinked:
		return Tie{Said: []string{"Nothing to do: " + names.theGroup(name) + " is not linked."}}, nil
	case !now.ByHand:
		return Tie{}, &TieError{
			Text:   fmt.Sprintf("the tie of %s to the team %s was not made by scim-sync link", names.theGroup(name), names.team(now)),
			Advice: "To stop managing the team: scim-sync unlink " + core.Quote(name),
		}
	case now.Former != nil:
		return Tie{Changes: []core.Change{{Teams: []core.ManagedTeam{*now.Former}}},
			Said: []string{fmt.Sprintf("%s is tied to the team %s no more; it is unlinked, as it was before.", names.theGroup(name), names.team(now))}}, nil
	}
	return Tie{Changes: []core.Change{{ForgetTeams: []string{groupID}}},
		Said: []string{fmt.Sprintf("%s is tied to the team %s no more: the next run meets the group as if for the first time.", names.theGroup(name), names.team(now))}}, nil
}

// UnlinkGroup stops managing a group's team. The team and its people stay as
// they are, and the group gets no other one. A group that has no team yet will
// get none.
func UnlinkGroup(m core.Managed, groupID string, names Names) Tie {
	name := names.group(groupID)
	e, known := m.Teams[groupID]
	if e.Unlinked {
		return Tie{Said: []string{"Nothing to do: " + names.theGroup(name) + " is unlinked already."}}
	}
	e.GroupID, e.Unlinked = groupID, true
	said := names.theGroup(name) + " has no team yet, and will get none."
	if known && e.TeamID != "" {
		said = fmt.Sprintf("The team %s of %s is no longer managed; it and its people stay as they are.", names.team(e), names.theGroup(name))
		if other, ok := m.TiedTo(e.TeamID, groupID); ok {
			said = fmt.Sprintf("%s no longer decides about the team %s; the group %s still does, and the next run takes out who is not in that one.", names.theGroup(name), names.team(e), names.group(other.GroupID))
		}
	}
	return Tie{Changes: []core.Change{{Teams: []core.ManagedTeam{e}}}, Said: []string{said}}
}

// UndoUnlink has a group managed again, with the team it had.
func UndoUnlink(m core.Managed, groupID string, names Names) (Tie, error) {
	name := names.group(groupID)
	e, ok := m.Teams[groupID]
	if !ok || !e.Unlinked {
		return Tie{Said: []string{"Nothing to do: " + names.theGroup(name) + " is not unlinked."}}, nil
	}
	if e.TeamID == "" {
		return Tie{Changes: []core.Change{{ForgetTeams: []string{groupID}}}, Said: []string{names.theGroup(name) + " gets a team again at the next run."}}, nil
	}
	if other, ok := m.TiedTo(e.TeamID, groupID); ok {
		return Tie{}, &TieError{
			Text:   fmt.Sprintf("the team %s is tied to %s by now", names.team(e), names.theGroup(names.group(other.GroupID))),
			Advice: "Let go of that tie first: scim-sync unlink " + core.Quote(names.group(other.GroupID)),
		}
	}
	e.Unlinked = false
	e.Applied.Members = "" // what happened meanwhile is nobody's drift
	return Tie{Changes: []core.Change{{Teams: []core.ManagedTeam{e}}},
		Said: []string{fmt.Sprintf("The team %s of %s is managed again from the next run on.", names.team(e), names.theGroup(name))}}, nil
}
