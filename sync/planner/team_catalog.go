package planner

import (
	"slices"
	"strings"

	"scim-sync/attio"
)

// catalog is Attio's teams by their ids, and by their folded names; those of one
// name by their ids.
type catalog struct {
	byID   map[string]*attio.Team
	byName map[string][]*attio.Team
}

func newCatalog(teams []attio.Team) catalog {
	c := catalog{make(map[string]*attio.Team, len(teams)), make(map[string][]*attio.Team, len(teams))}
	for i := range teams {
		t := &teams[i]
		c.byID[t.ID] = t
		c.byName[attio.FoldName(t.Name)] = append(c.byName[attio.FoldName(t.Name)], t)
	}
	for _, same := range c.byName {
		if len(same) > 1 {
			slices.SortFunc(same, func(a, b *attio.Team) int { return strings.Compare(a.ID, b.ID) })
		}
	}
	return c
}

// called are the teams of a name, whatever its spelling.
func (c catalog) called(name string) []*attio.Team { return c.byName[attio.FoldName(name)] }
