package planner

import (
	"slices"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// teamStage compares the groups that should be teams with the teams there are.
type teamStage struct {
	findings
	in      *Input
	source  string
	catalog catalog
	wanted  wantedTeams
	crowd   *crowd
	taken   map[string]*team // Attio team id → who answers for it
	owned   map[string]bool  // Attio teams tied to any group that is still managed
	// deleting are Attio teams that this plan deletes, leaving the folded names that
	// it makes free, by that or by renaming. detours are the names that some teams
	// have for a while, by their keys, so that others can have theirs.
	deleting, leaving map[string]bool
	detours           map[string]string
	managed           map[string]bool // Attio team ids that this plan answers for
	// released are the names of the teams that no group goes to any more, though
	// theirs are still there, by Attio id.
	released map[string]string
	// dealt is what state has of each wanted team, by its key, after the plan.
	dealt map[string][]core.ManagedTeam
}

// begunNames are the names under which former runs had asked for a team for the
// groups without seeing it made: cut off, or answered with an error.
func (d *teamStage) begunNames(t *team) (names []string) {
	for _, u := range d.in.Unfinished {
		if s := u.Intent.Step; s.Action == core.CreateTeam && s.Team != nil && s.Team.OktaID == t.key() {
			names = append(names, s.After.Name)
		}
	}
	return names
}

// wasOurs says whether a former run had asked for a team of this name.
func (d *teamStage) wasOurs(t *team, name string) bool {
	return slices.ContainsFunc(d.begunNames(t), func(begun string) bool { return attio.FoldName(begun) == attio.FoldName(name) })
}
