package sync

import (
	"fmt"
	"slices"

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
	v.partial = true
	if s := d.personNamed(name); s != nil {
		v.onlyPerson(s.id)
		return
	}
	v.onlyTeam(d.teamsNamed(name), name)
}

// selected leaves out the steps that a saved plan does not have.
func (v *verdict) selected(d *diff) {
	if keys := d.in.Options.Selected; keys != nil {
		v.partial = v.hold(heldByOnly, func(s Step) bool { return !keys[s.Key()] }) > 0 || v.partial
	}
}

// forgetLeftOut drops what was left out because other steps were asked for: it
// is held by nothing.
func (v *verdict) forgetLeftOut() {
	v.held = slices.DeleteFunc(v.held, func(h HeldStep) bool { return h.Code == heldByOnly })
}

// refusalsAsked are the refusals of what was asked for: with --only, what holds
// back others is not this run's.
func (d *diff) refusalsAsked() []Refusal {
	name := d.in.Options.Only
	if name == "" {
		return d.refusals
	}
	ours := d.concernedBy(name)
	var list []Refusal
	for i, r := range d.refusals {
		if attio.FoldName(r.Subject) == attio.FoldName(name) || slices.ContainsFunc(d.concerned[i], func(id string) bool { return ours[id] }) {
			list = append(list, r)
		}
	}
	return list
}

// concernedBy are the Okta ids of whom or what --only names: a person and the
// groups they are in, or groups and the people in them.
func (d *diff) concernedBy(name string) map[string]bool {
	ids := map[string]bool{}
	s := d.personNamed(name)
	if s == nil {
		ids = d.teamsNamed(name)
	} else {
		ids[s.id] = true
	}
	for _, g := range d.in.Directory.Groups {
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

// personNamed finds somebody by address (Okta's or Attio's), Okta id or name in
// the app.
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
	for _, s := range d.subjects { // last, as it may be another's address
		if e != "" && s.person != nil && attio.FoldEmail(s.person.UserName) == e {
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

// keep keeps the steps that pick says, and those that make a name or an address
// free which one of them takes.
func (v *verdict) keep(pick func(Step) bool) {
	picked, taken := make([]bool, len(v.steps)), map[string]bool{}
	pickOne := func(i int) {
		picked[i] = true
		s := v.steps[i]
		if p, ok := passageOf(s); ok {
			taken[p.to] = true
		}
		if s.Action == CreateTeam {
			taken["team "+attio.FoldName(s.After.Name)] = true
		}
	}
	for i, s := range v.steps {
		if pick(s) {
			pickOne(i)
		}
	}
	for more := true; more; {
		more = false
		for i, s := range v.steps {
			if p, ok := passageOf(s); ok && !picked[i] && taken[p.from] {
				pickOne(i)
				more = true
			}
		}
	}
	kept := v.steps[:0:0]
	for i, s := range v.steps {
		if picked[i] {
			kept = append(kept, s)
		}
	}
	v.steps = kept
}

func (v *verdict) onlyPerson(id string) {
	v.splitMembers(heldByOnly, func(_ Step, m MemberRef) bool { return m.OktaID != id })
	theirs := map[string]bool{} // teams that the person joins or leaves
	for _, s := range v.steps {
		if len(s.People) > 0 {
			theirs[s.Team.OktaID] = true
		}
	}
	v.keep(func(s Step) bool {
		switch {
		case s.Person != nil:
			return s.Person.OktaID == id
		case s.Action == RenameTeam, s.Action == DeleteTeam:
			return false
		}
		return theirs[s.Team.OktaID]
	})
}

// onlyTeam keeps the steps of the team of these groups, or of that name or id,
// which may be one that this plan links.
func (v *verdict) onlyTeam(groups map[string]bool, name string) {
	ours := func(t *TeamRef) bool {
		if groups[t.OktaID] || t.AttioID == name || attio.FoldName(t.Name) == attio.FoldName(name) {
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
	v.keep(func(s Step) bool {
		if s.Team != nil {
			return ours(s.Team)
		}
		arrives := s.Action == Provision || s.Action == Reactivate || s.Action == Adopt || s.Action == CancelInvite
		return arrives && needs[s.Person.OktaID]
	})
}
