package sync

import (
	"fmt"

	"scim-sync/attio"
)

// OnlyError says that --only names nobody and nothing.
type OnlyError struct{ Name string }

func (e *OnlyError) Error() string {
	return fmt.Sprintf("--only %s: neither an address nor a team that Okta or Attio knows", Quote(e.Name))
}

// only keeps the steps of one person or one team, and those they need.
func (v *verdict) only(d *diff) {
	name := d.in.Options.Only
	if name == "" {
		return
	}
	if s := d.personNamed(name); s != nil {
		v.onlyPerson(s.id)
		return
	}
	v.onlyTeam(d.teamsNamed(name))
}

// personNamed finds somebody by address (Okta's or Attio's) or Okta id.
func (d *diff) personNamed(name string) *subject {
	if s := d.byOkta[name]; s != nil {
		return s
	}
	e := attio.FoldEmail(name)
	for _, i := range d.byEmail[e] {
		if d.claimed[i] != nil {
			return d.claimed[i]
		}
	}
	for _, s := range d.subjects {
		if e != "" && (attio.FoldEmail(s.email()) == e || attio.FoldEmail(s.entry.Email) == e) {
			return s
		}
	}
	return nil
}

// teamsNamed finds the groups (Okta ids of the teams' keys) that a name means:
// a team's or group's name, or either id.
func (d *diff) teamsNamed(name string) map[string]bool {
	ids := map[string]bool{}
	fold := attio.FoldName(name)
	for _, g := range d.in.Directory.Groups {
		if g.ID == name || attio.FoldName(g.Name) == fold {
			ids[g.ID] = true
		}
	}
	for _, t := range d.in.Workspace.Teams {
		if t.ID != name && attio.FoldName(t.Name) != fold {
			continue
		}
		for g, m := range d.in.Managed.Teams {
			if m.TeamID == t.ID {
				ids[g] = true
			}
		}
	}
	return ids
}

// knowsTeam says whether any team or group has that name or id.
func (d *diff) knowsTeam(name string) bool {
	for _, t := range d.in.Workspace.Teams {
		if t.ID == name || attio.FoldName(t.Name) == attio.FoldName(name) {
			return true
		}
	}
	return len(d.teamsNamed(name)) > 0
}

func (v *verdict) drop(pick func(Step) bool) {
	kept := v.steps[:0:0]
	for _, s := range v.steps {
		if !pick(s) {
			kept = append(kept, s)
		}
	}
	v.steps = kept
}

func (v *verdict) onlyPerson(id string) {
	v.splitMembers(heldByOnly, func(_ Step, m MemberRef) bool { return m.OktaID != id })
	joins := map[string]bool{} // teams that the person's memberships need
	for _, s := range v.steps {
		if s.Action == AddMembers {
			joins[s.Team.OktaID] = true
		}
	}
	v.drop(func(s Step) bool {
		if s.Person != nil {
			return s.Person.OktaID != id
		}
		return !joins[s.Team.OktaID] && s.Action != RemoveMembers || s.Action == RenameTeam || s.Action == DeleteTeam
	})
}

func (v *verdict) onlyTeam(groups map[string]bool) {
	ours := func(t *TeamRef) bool {
		if groups[t.OktaID] {
			return true
		}
		for _, g := range t.Groups {
			if groups[g] {
				return true
			}
		}
		return false
	}
	needs := map[string]bool{} // people who must arrive before they can join
	for _, s := range v.steps {
		if s.Action == AddMembers && ours(s.Team) {
			for _, m := range s.People {
				needs[m.OktaID] = true
			}
		}
	}
	v.drop(func(s Step) bool {
		if s.Team != nil {
			return !ours(s.Team)
		}
		arrives := s.Action == Provision || s.Action == Reactivate || s.Action == Adopt || s.Action == CancelInvite && needs[s.Person.OktaID]
		return !arrives || !needs[s.Person.OktaID]
	})
}
