package planner

import (
	"fmt"
	"slices"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// OnlyError says that --only names nobody and nothing.
type OnlyError struct {
	Name string
	Near string // what was most likely meant; empty: nothing comes near
}

func (e *OnlyError) Error() string {
	return fmt.Sprintf("--only %s: neither an address nor a team that is known on either side", core.Quote(e.Name))
}

// Hint says what to give instead.
func (e *OnlyError) Hint() string {
	if e.Near != "" {
		return "Did you mean " + core.Quote(e.Near) + "?"
	}
	return "Give an address, or a team's or group's name or id, as either side shows it."
}

// onlyKnown is an error where --only names nobody and nothing.
func onlyKnown(r *roster) error {
	only := r.in.Options.Only
	if only == "" || r.named(only) != nil || len(r.byEmail[attio.FoldEmail(only)]) > 0 || len(groupsNamed(r.in, only)) > 0 {
		return nil
	}
	for _, t := range r.in.Workspace.Teams {
		if t.ID == only || attio.FoldName(t.Name) == attio.FoldName(only) {
			return nil
		}
	}
	return &OnlyError{Name: only, Near: nearName(r.in, only)}
}

// groupsNamed finds the groups that a name means: a team's or group's name, or
// either id.
func groupsNamed(in *Input, name string) map[string]bool {
	ids := map[string]bool{}
	fold := attio.FoldName(name)
	for _, g := range in.Directory.Groups {
		if g.ID == name || attio.FoldName(g.Name) == fold {
			ids[g.ID] = true
		}
	}
	for _, t := range in.Workspace.Teams {
		if t.ID != name && attio.FoldName(t.Name) != fold {
			continue
		}
		for g, m := range in.Managed.Teams {
			if m.TeamID == t.ID {
				ids[g] = true
			}
		}
	}
	return ids
}

// onlyAsked keeps the steps of one person or one team, and those they need.
func onlyAsked(v *review) ruling {
	name := v.in.Options.Only
	if name == "" {
		return ruling{}
	}
	if s := v.named(name); s != nil {
		return ruling{partial: true, keep: v.onlyPerson(s.id)}
	}
	return ruling{partial: true, keep: v.onlyTeam(groupsNamed(v.in, name), name)}
}

func (v *review) onlyPerson(id string) []core.Step {
	steps := v.partPeople(func(_ *core.Step, m *core.MemberRef) bool { return m.OktaID != id }).keep
	theirs := map[string]bool{} // teams that the person joins or leaves
	for i := range steps {
		if len(steps[i].People) > 0 {
			theirs[steps[i].Team.OktaID] = true
		}
	}
	return withNeeded(steps, func(s *core.Step) bool {
		switch {
		case s.Person != nil:
			return s.Person.OktaID == id
		case s.Action == core.RenameTeam, s.Action == core.DeleteTeam:
			return false
		}
		return theirs[s.Team.OktaID]
	})
}

// onlyTeam keeps the steps of the team of these groups, or of that name or id,
// which may be one that this plan links.
func (v *review) onlyTeam(groups map[string]bool, name string) []core.Step {
	ours := func(t *core.TeamRef) bool {
		return groups[t.OktaID] || t.AttioID == name || attio.FoldName(t.Name) == attio.FoldName(name) ||
			slices.ContainsFunc(t.Groups, func(g string) bool { return groups[g] })
	}
	needs := map[string]bool{} // people who must arrive before they can join
	for i := range v.steps {
		if s := &v.steps[i]; s.Action == core.AddMembers && ours(s.Team) {
			for _, m := range s.People {
				needs[m.OktaID] = true
			}
		}
	}
	return withNeeded(v.steps, func(s *core.Step) bool {
		if s.Team != nil {
			return ours(s.Team)
		}
		switch s.Action {
		case core.Provision, core.Reactivate, core.Adopt, core.CancelInvite:
			return needs[s.Person.OktaID]
		}
		return false
	})
}

// withNeeded keeps the steps that pick says, and those that make a name or an
// address free which one of them takes.
func withNeeded(steps []core.Step, pick func(*core.Step) bool) []core.Step {
	picked, taken := make([]bool, len(steps)), map[string]bool{}
	pickOne := func(i int) {
		picked[i] = true
		if h, ok := steps[i].Handover(); ok && h.To != "" {
			taken[h.To] = true
		}
	}
	for i := range steps {
		if pick(&steps[i]) {
			pickOne(i)
		}
	}
	for more := true; more; {
		more = false
		for i := range steps {
			if h, ok := steps[i].Handover(); ok && !picked[i] && taken[h.From] {
				pickOne(i)
				more = true
			}
		}
	}
	kept := []core.Step{}
	for i := range steps {
		if picked[i] {
			kept = append(kept, steps[i])
		}
	}
	return kept
}

// refusalsAsked are the refusals of what was asked for: with --only, what holds
// back others is not this run's.
func refusalsAsked(r *roster, all []core.Refusal) []core.Refusal {
	name := r.in.Options.Only
	if name == "" {
		return all
	}
	ours := concernedBy(r, name)
	var list []core.Refusal
	for _, f := range all {
		if attio.FoldName(f.Subject) == attio.FoldName(name) || slices.ContainsFunc(f.About, func(a core.About) bool { return ours[a.OktaID] }) {
			list = append(list, f)
		}
	}
	return list
}

// concernedBy are the Okta ids of whom or what --only names: a person and the
// groups they are in, or groups and the people in them.
func concernedBy(r *roster, name string) map[string]bool {
	s := r.named(name)
	ids := map[string]bool{}
	if s == nil {
		ids = groupsNamed(r.in, name)
	} else {
		ids[s.id] = true
	}
	for _, g := range r.in.Directory.Groups {
		switch {
		case s != nil && g.Members.Has(s.id):
			ids[g.ID] = true
		case s == nil && ids[g.ID]:
			for _, id := range g.Members.IDs() {
				ids[id] = true
			}
		}
	}
	return ids
}

// onlySelected leaves out the steps that a saved plan does not have.
func onlySelected(v *review) ruling {
	keys := v.in.Options.Selected
	if keys == nil {
		return ruling{}
	}
	r := v.part(func(s *core.Step) bool { return !keys[s.Key()] })
	r.partial = len(r.held) > 0
	return r
}
