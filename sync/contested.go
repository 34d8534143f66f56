package sync

import (
	"fmt"

	"scim-sync/attio"
	"scim-sync/idp"
)

// candidate is one group that comes to a team's name.
type candidate struct {
	group  idp.Group
	tied   ManagedTeam
	name   string
	mapped bool // the settings name the team for the group
}

// settleName says which of the groups that come to one name make the team.
// Several do where the settings name the team for all but one of them, or
// where state ties them to one team already; else only the group keeps the
// name whose team has it, and the others are shown: two groups that happen to
// have one name are never thrown together.
func (d *diff) settleName(list []candidate, byID map[string]*attio.Team) []candidate {
	bare := 0
	for _, c := range list {
		if !c.mapped {
			bare++
		}
	}
	if bare < 2 {
		return list
	}
	keeper := keeperOf(list, byID)
	var kept []candidate
	for _, c := range list {
		if c.mapped || keeper != "" && c.tied.TeamID == keeper {
			kept = append(kept, c)
			continue
		}
		d.contested[c.group.ID] = true
		if byID[c.tied.TeamID] != nil {
			d.managedTeams[c.tied.TeamID] = true
		}
		d.refuse([]string{c.group.ID}, "team-name-taken", c.name, fmt.Sprintf("Okta's group %s (%s) comes to the name of a team that another group comes to as well", c.group.Name, c.group.ID),
			"Rename one of the groups in Okta, or name the team of each in the setting teams.groups; groups for which it names one team share that team.")
	}
	return kept
}

// keeperOf gives the Attio id of the team that goes on under a contested name:
// the one that has it, else the only one there is. Empty: none.
func keeperOf(list []candidate, byID map[string]*attio.Team) string {
	teams := map[string]bool{}
	for _, c := range list {
		at := byID[c.tied.TeamID]
		switch {
		case at == nil || c.mapped:
			continue
		case attio.FoldName(at.Name) == attio.FoldName(c.name):
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
