package planner

import (
	"fmt"

	"scim-sync/attio"
)

// freeNames finds the names that this plan makes free. A rename whose own new
// name does not become free makes none free, unless it is one of a ring of teams
// that exchange their names: there the first of them takes a detour.
func (d *teamStage) freeNames() {
	d.leaving, d.detours = map[string]bool{}, map[string]string{}
	for id := range d.deleting {
		if at := d.catalog.byID[id]; len(d.catalog.called(at.Name)) == 1 {
			d.leaving[attio.FoldName(at.Name)] = true
		}
	}
	renames := map[string]*team{} // by the folded name that it would leave
	for _, t := range d.wanted.list {
		if t.at != nil && attio.FoldName(t.at.Name) != attio.FoldName(t.name) && len(d.catalog.called(t.at.Name)) == 1 {
			renames[attio.FoldName(t.at.Name)] = t
		}
	}
	for _, t := range d.wanted.list { // in their order, so that the same one goes first each time
		if t.at == nil || renames[attio.FoldName(t.at.Name)] != t {
			continue
		}
		from := attio.FoldName(t.at.Name)
		chain, at := []string{}, from
		for renames[at] != nil && !d.leaving[at] && len(chain) <= len(renames) {
			chain = append(chain, at)
			if at = attio.FoldName(renames[at].name); at == from {
				d.detours[t.key()] = d.unusedName(t.at.Name)
				break
			}
		}
		if d.leaving[at] || at == from || len(d.catalog.byName[at]) == 0 {
			for _, name := range chain {
				d.leaving[name] = true
			}
		}
	}
}

// unusedName is a name for a while, which no team has or should have.
func (d *teamStage) unusedName(name string) string {
	used := map[string]bool{}
	for _, t := range d.wanted.list {
		used[attio.FoldName(t.name)] = true
	}
	for _, t := range d.detours {
		used[attio.FoldName(t)] = true
	}
	for n := 1; ; n++ {
		try := name + " (renaming)"
		if n > 1 {
			try = fmt.Sprintf("%s (renaming %d)", name, n)
		}
		if len(d.catalog.called(try)) == 0 && !used[attio.FoldName(try)] {
			return try
		}
	}
}

// detoured says whether a team has the name that a former run gave it for a while.
func (d *teamStage) detoured(t *team) bool {
	is := func(name string) bool { return name != "" && attio.FoldName(name) == attio.FoldName(t.at.Name) }
	if is(t.known().Applied.Detour) {
		return true
	}
	for _, u := range d.in.Unfinished {
		if s := u.Intent.Step; s.Detour && s.Team != nil && s.Team.AttioID == t.at.ID && is(s.After.Name) {
			return true
		}
	}
	return false
}
