// Package manage changes by somebody's command what is managed: it links groups
// to teams, lets go of people and teams, and ties a state to another source. All
// of it is pure: changes of state come out, and none of Attio.
package manage

import (
	"cmp"

	core "scim-sync/sync"
)

// Tie is what linking, unlinking or releasing comes to: changes of state alone,
// none of Attio, and what they mean for the next run. Without changes there is
// nothing to do, and Said tells why.
type Tie struct {
	Changes []core.Change
	// Step tells the journal of a link in the words of a plan; else nil.
	Step *core.Step
	Said []string // sentences for people
}

// TieError is a tie that cannot be: what stands in its way and the remedy.
type TieError struct{ Text, Advice string }

func (e *TieError) Error() string { return e.Text }

// Hint says what to do instead.
func (e *TieError) Hint() string { return e.Advice }

// Names are what people call things: the source, its groups by id, and Attio's
// teams by id.
type Names struct {
	Source string
	Groups map[string]string
	Teams  map[string]string
}

// group is how to name a group.
func (n Names) group(id string) string { return cmp.Or(n.Groups[id], id) }

// theGroup is how to speak of a group in a sentence.
func (n Names) theGroup(name string) string { return n.Source + "'s group " + name }

// team is how to name a team.
func (n Names) team(t core.ManagedTeam) string {
	return cmp.Or(n.Teams[t.TeamID], t.Applied.Name, t.TeamID)
}
