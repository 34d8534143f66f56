package sync

import (
	"fmt"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

// team is one team that should exist: one group, or several that go to the
// same team.
type team struct {
	groups   []idp.Group // sorted by id
	name     string
	mapped   bool          // the settings name this team for the group
	tied     []ManagedTeam // what state has for the groups, same order; zero if nothing
	at       *attio.Team   // nil: to be created
	adopting bool
}

func (t *team) key() string { return t.groups[0].ID }

func (t *team) ref() *TeamRef {
	r := &TeamRef{OktaID: t.key(), Name: t.name}
	if t.at != nil {
		r.AttioID = t.at.ID
	}
	if len(t.groups) > 1 {
		for _, g := range t.groups {
			r.Groups = append(r.Groups, g.ID)
		}
	}
	return r
}

func (t *team) label() string {
	names := make([]string, len(t.groups))
	for i, g := range t.groups {
		names[i] = g.Name
	}
	return strings.Join(names, " + ")
}

// teams compares the groups that should be teams with the teams there are.
func (d *diff) teams() {
	byID := d.teamsByID()
	byName := map[string][]*attio.Team{}
	for i := range d.in.Workspace.Teams {
		t := &d.in.Workspace.Teams[i]
		byName[attio.FoldName(t.Name)] = append(byName[attio.FoldName(t.Name)], t)
	}
	wanted := d.wantedTeams()
	taken := map[string]*team{} // Attio team id → who answers for it
	for _, t := range wanted {
		t.settleAt(byID, taken)
	}
	for _, t := range wanted {
		d.mergedTeams(t, byID, taken)
	}
	owned := d.ownedTeams()
	leaving := d.leavingNames(wanted, byName)
	for _, t := range wanted {
		if t.at == nil && !d.findTeam(t, byName, taken, owned, leaving) {
			continue
		}
		d.team(t, byName, leaving)
	}
	d.lostTeams(wanted, byID)
}

// teamsByID are Attio's teams by their ids.
func (d *diff) teamsByID() map[string]*attio.Team {
	byID := make(map[string]*attio.Team, len(d.in.Workspace.Teams))
	for i := range d.in.Workspace.Teams {
		byID[d.in.Workspace.Teams[i].ID] = &d.in.Workspace.Teams[i]
	}
	return byID
}

// settleAt finds the team that state ties the groups to. Where several groups
// had teams of their own and now make one, the team that has the name goes first.
func (t *team) settleAt(byID map[string]*attio.Team, taken map[string]*team) {
	for _, m := range t.tied {
		at := byID[m.TeamID]
		if at == nil || taken[at.ID] != nil {
			continue
		}
		if t.at == nil || attio.FoldName(t.at.Name) != attio.FoldName(t.name) && attio.FoldName(at.Name) == attio.FoldName(t.name) {
			t.at = at
		}
	}
	if t.at != nil {
		taken[t.at.ID] = t
	}
}

// mergedTeams tells of teams whose group now goes to another one.
func (d *diff) mergedTeams(t *team, byID map[string]*attio.Team, taken map[string]*team) {
	for i, m := range t.tied {
		if at := byID[m.TeamID]; at != nil && t.at != nil && at != t.at && taken[at.ID] == nil {
			d.note("team-merged", at.Name, "the group "+t.groups[i].Name+" goes to the team "+t.name+" now: the team is left as it is and no longer managed")
		}
	}
}

// wantedTeams are the teams that Okta's groups come to, sorted by group id.
func (d *diff) wantedTeams() []*team {
	byID, byName := d.teamsByID(), map[string][]candidate{}
	groups := append([]idp.Group(nil), d.in.Directory.Groups...)
	sort.Slice(groups, func(i, j int) bool { return groups[i].ID < groups[j].ID })
	for _, g := range groups {
		tied := d.in.Managed.Teams[g.ID]
		if !g.Team || tied.Unlinked || !d.in.Policy.Wants(g.GroupRef) {
			continue
		}
		name, mapped := d.in.Policy.teamName(g.GroupRef, tied)
		if name == "" {
			d.note("team-name-empty", g.Name, "nothing is left of the group's name ("+g.ID+"): no team")
			continue
		}
		key := attio.FoldName(name)
		byName[key] = append(byName[key], candidate{group: g, tied: tied, name: name, mapped: mapped})
	}
	list := make([]*team, 0, len(byName))
	for _, candidates := range byName {
		t := &team{}
		for _, c := range d.settleName(candidates, byID) {
			t.name = or(t.name, c.name)
			t.groups, t.tied, t.mapped = append(t.groups, c.group), append(t.tied, c.tied), t.mapped || c.mapped
		}
		if len(t.groups) > 0 {
			list = append(list, t)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].key() < list[j].key() })
	return list
}

// teamName is the name that the settings, or the group itself, ask for.
func (p Policy) teamName(g idp.GroupRef, tied ManagedTeam) (name string, mapped bool) {
	m, mapped := p.Teams.mapping(g)
	switch {
	case mapped && m.Team != "":
		return strings.TrimSpace(m.Team), true
	case tied.Applied.KeepName:
		return tied.Applied.Name, false
	}
	return clean(strings.TrimPrefix(g.Name, p.Teams.StripPrefix)), false
}

// ownedTeams are the Attio teams tied to any group, in scope or not.
func (d *diff) ownedTeams() map[string]bool {
	owned := map[string]bool{}
	for _, t := range d.in.Managed.Teams {
		if !t.Unlinked && !t.OutOfScope {
			owned[t.TeamID] = true
		}
	}
	return owned
}

// leavingNames are the names that this plan's renames make free, folded. A
// rename whose own new name does not become free makes none free; so none is in
// a ring of teams that would exchange their names.
func (d *diff) leavingNames(wanted []*team, byName map[string][]*attio.Team) map[string]bool {
	renames := map[string]*team{} // by the folded name that it would leave
	for _, t := range wanted {
		if t.at != nil && attio.FoldName(t.at.Name) != attio.FoldName(t.name) && len(byName[attio.FoldName(t.at.Name)]) == 1 {
			renames[attio.FoldName(t.at.Name)] = t
		}
	}
	leaving := map[string]bool{}
	for from := range renames {
		chain, at := []string{}, from
		for renames[at] != nil && !leaving[at] && len(chain) <= len(renames) {
			chain = append(chain, at)
			at = attio.FoldName(renames[at].name)
		}
		if leaving[at] || len(byName[at]) == 0 {
			for _, name := range chain {
				leaving[name] = true
			}
		}
	}
	return leaving
}

// findTeam looks for a team of that name for groups that are tied to none. It
// says whether the team can be dealt with: a team that is not ours is never
// taken over silently.
func (d *diff) findTeam(t *team, byName map[string][]*attio.Team, taken map[string]*team, owned, leaving map[string]bool) bool {
	same := byName[attio.FoldName(t.name)]
	if len(same) == 0 || leaving[attio.FoldName(t.name)] {
		return true
	}
	at := same[0]
	switch {
	case len(same) > 1:
		d.refuse("team-name-taken", t.name, fmt.Sprintf("Attio has %d teams of this name; which of them is Okta's group %s cannot be guessed", len(same), t.label()),
			"Rename all but one of them in Attio, or: scim-sync link "+Quote(t.groups[0].Name)+" TEAM-ID")
	case taken[at.ID] != nil || owned[at.ID]:
		d.refuse("team-name-taken", t.name, "the Attio team of this name belongs to another Okta group than "+t.label(),
			"Give one of the groups another team name (setting teams.groups).")
	case t.mapped || d.in.Policy.Teams.LinkSameName || d.wasOurs(t, at):
		t.at, taken[at.ID], t.adopting = at, t, true
		return true
	default:
		d.refuse("team-name-taken", t.name, "Attio has a team of this name that Okta does not manage; it is not taken over silently for the group "+t.label(),
			"To make it the group's team: scim-sync link "+Quote(t.groups[0].Name)+" "+Quote(t.name)+"; or set teams.same_name: link; or name another team for the group in teams.groups.")
	}
	return false
}

// wasOurs says whether a run that was cut off had begun to create this team.
func (d *diff) wasOurs(t *team, at *attio.Team) bool {
	for _, u := range d.in.Unfinished {
		if s := u.Intent.Step; s.Action == CreateTeam && s.Team != nil && s.Team.OktaID == t.key() && attio.FoldName(s.After.Name) == attio.FoldName(at.Name) {
			return true
		}
	}
	return false
}

// team compares one team that should exist with the one there is.
func (d *diff) team(t *team, byName map[string][]*attio.Team, leaving map[string]bool) {
	digest, wanted := d.membersOf(t)
	entries := d.teamEntries(t)
	d.teamFacts[t.key()] = teamFacts{entries: entries, digest: digest, total: len(wanted)}
	if t.at == nil {
		d.createTeam(t)
	} else {
		d.managedTeams[t.at.ID] = true
		if t.adopting {
			d.linkTeam(t)
		}
		if !d.renameTeam(t, byName, leaving) {
			return
		}
	}
	before := len(d.steps)
	d.memberships(t, wanted, digest)
	if t.at != nil && !t.adopting && len(d.steps) == before {
		d.learnTeam(t, entries, digest)
	}
}

func (d *diff) teamEntries(t *team) []ManagedTeam {
	entries := make([]ManagedTeam, len(t.groups))
	for i, g := range t.groups {
		e := t.tied[i]
		e.GroupID, e.OutOfScope = g.ID, false
		if t.at != nil {
			e.TeamID = t.at.ID
		}
		entries[i] = e
	}
	return entries
}

func (d *diff) createTeam(t *team) {
	st := Step{Action: CreateTeam, Team: t.ref(), After: Values{Name: t.name}, Cause: CauseOkta, Reason: "Okta's group " + t.label() + " has no team yet"}
	for _, m := range t.tied {
		if m.TeamID != "" {
			st.Cause, st.Reason = CauseDrift, "the team of Okta's group "+t.label()+" was deleted by hand in Attio"
		}
	}
	d.add(st)
}

func (d *diff) linkTeam(t *team) {
	reason := "the settings name this team for Okta's group " + t.label()
	switch {
	case d.wasOurs(t, t.at):
		reason = "was created by a run that was cut off before it could note it"
	case !t.mapped:
		reason = "has the name of Okta's group " + t.label() + ", and teams.same_name says link"
	}
	d.add(Step{Action: LinkTeam, Team: t.ref(), After: Values{Name: t.at.Name}, Cause: CauseAdopt, Reason: reason})
}

// renameTeam says whether the team's memberships may be dealt with.
func (d *diff) renameTeam(t *team, byName map[string][]*attio.Team, leaving map[string]bool) bool {
	if t.at.Name == t.name {
		return true
	}
	for _, other := range byName[attio.FoldName(t.name)] {
		if other.ID != t.at.ID && !leaving[attio.FoldName(t.name)] {
			d.refuse("team-name-taken", t.name, fmt.Sprintf("the team %s of Okta's group %s should have this name, but another team in Attio has it", t.at.Name, t.label()),
				"Rename or delete the other team in Attio, or name another team for the group in teams.groups.")
			return true
		}
	}
	st := Step{Action: RenameTeam, Team: t.ref(), Before: Values{Name: t.at.Name}, After: Values{Name: t.name}, Cause: CauseOkta, Reason: "Okta's group is called " + t.label()}
	if t.mapped {
		st.Reason = "the settings name this team for Okta's group " + t.label()
	}
	if !t.adopting && t.tied[0].Applied.Name == t.name {
		st.Cause, st.Reason = CauseDrift, "was renamed by hand in Attio"
	}
	st.Team.Name = t.at.Name
	d.add(st)
	return true
}

// learnTeam settles a team that is as it should be.
func (d *diff) learnTeam(t *team, entries []ManagedTeam, digest string) {
	changed := false
	for i := range entries {
		if t.at.Name == t.name {
			entries[i].Applied.Name = t.name
		}
		entries[i].Applied.Members = digest
		changed = changed || entries[i] != t.tied[i]
	}
	if changed {
		d.silent = append(d.silent, Change{Teams: append([]ManagedTeam(nil), entries...)})
	}
}
