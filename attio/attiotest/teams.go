package attiotest

import (
	"slices"
	"strings"
)

// createTeam makes a team with its first members.
func (w *world) createTeam(ws *workspace, id, name string, members []*person) (*team, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil, missing("displayName must not be empty.")
	}
	if ws.teamNamed[w.foldTeam(name)] != nil {
		return nil, taken("There is already a team named %s.", name)
	}
	if id == "" {
		id = w.newID(ws, "team", w.foldTeam(name))
	}
	t := &team{id: id, name: name, folded: w.foldTeam(name), created: w.now(), changed: w.now()}
	for _, p := range members {
		t.add(p)
	}
	ws.teams = append(ws.teams, t)
	ws.teamByID[t.id], ws.teamNamed[t.folded] = t, t
	return t, nil
}

func (w *world) renameTeam(ws *workspace, t *team, name string) error {
	if err := w.mayRename(ws, t, name); err != nil {
		return err
	}
	if name = strings.TrimSpace(name); name == t.name {
		return nil
	}
	delete(ws.teamNamed, t.folded)
	t.name, t.folded, t.changed = name, w.foldTeam(name), w.now()
	ws.teamNamed[t.folded] = t
	return nil
}

func (w *world) mayRename(ws *workspace, t *team, name string) error {
	if strings.TrimSpace(name) == "" {
		return missing("displayName must not be empty.")
	}
	if have := ws.teamNamed[w.foldTeam(name)]; have != nil && have != t {
		return taken("There is already a team named %s.", strings.TrimSpace(name))
	}
	return nil
}

func (w *world) deleteTeam(ws *workspace, t *team) {
	for _, p := range t.members {
		p.teams = slices.DeleteFunc(p.teams, func(u *team) bool { return u == t })
	}
	ws.teams = slices.DeleteFunc(ws.teams, func(u *team) bool { return u == t })
	delete(ws.teamByID, t.id)
	delete(ws.teamNamed, t.folded)
}

// setMembers gives a team exactly these members, in this order for new ones.
func (w *world) setMembers(t *team, want []*person) {
	keep := make(map[*person]bool, len(want))
	for _, p := range want {
		keep[p] = true
	}
	changed := false
	t.members = slices.DeleteFunc(t.members, func(p *person) bool {
		if keep[p] {
			return false
		}
		p.teams = slices.DeleteFunc(p.teams, func(u *team) bool { return u == t })
		delete(t.shownAs, p)
		changed = true
		return true
	})
	for _, p := range want {
		changed = t.add(p) || changed
	}
	if changed {
		t.changed = w.now()
	}
}
