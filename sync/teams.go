package sync

import (
	"slices"
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
	joining  bool // adopting, or tied by somebody's command and not put right since
	deleted  bool // it had a team, which is not there any more
	// keeps: one of its groups is gone from Okta, and with it the knowledge of
	// who was in it; nobody whom Okta manages is taken out.
	keeps bool
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

// known is what state has of the team there is; zero if nothing.
func (t *team) known() ManagedTeam {
	for _, m := range t.tied {
		if t.at != nil && m.TeamID == t.at.ID {
			return m
		}
	}
	return ManagedTeam{}
}

// parted says whether the groups had a team, which goes on as another's.
func (t *team) parted() bool {
	return !t.deleted && slices.ContainsFunc(t.tied, func(m ManagedTeam) bool { return m.TeamID != "" })
}

func (t *team) groupIDs() []string {
	ids := make([]string, len(t.groups))
	for i, g := range t.groups {
		ids[i] = g.ID
	}
	return ids
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
	byName := d.teamsByName()
	wanted := d.wantedTeams()
	taken := map[string]*team{}                 // Attio team id → who answers for it
	for _, named := range []bool{true, false} { // who has the name goes first
		for _, t := range wanted {
			t.settleAt(byID, byName, taken, named)
		}
	}
	for _, t := range wanted {
		d.mergedTeams(t, byID, taken)
	}
	d.keepPeople(wanted)
	d.confirmGone(byID)
	owned := d.ownedTeams()
	leaving := d.leavingNames(wanted, byName)
	for _, t := range wanted {
		if t.at == nil && !d.findTeam(t, byName, taken, owned, leaving) {
			continue
		}
		d.team(t, byName, leaving)
	}
	d.lostTeams(wanted, byID)
	d.namesOfNothing()
}

// confirmGone has Attio asked about each managed team that its list leaves out:
// a list that came short is no word that somebody deleted a team.
func (d *diff) confirmGone(byID map[string]*attio.Team) {
	asked := map[string]bool{}
	for _, m := range d.in.Managed.SortedTeams() {
		if id := m.TeamID; id != "" && byID[id] == nil && !m.Unlinked && !m.OutOfScope && !d.in.TeamsGone[id] && !asked[id] {
			d.absentTeams, asked[id] = append(d.absentTeams, id), true
		}
	}
}

// teamsByID are Attio's teams by their ids.
func (d *diff) teamsByID() map[string]*attio.Team {
	byID := make(map[string]*attio.Team, len(d.in.Workspace.Teams))
	for i := range d.in.Workspace.Teams {
		byID[d.in.Workspace.Teams[i].ID] = &d.in.Workspace.Teams[i]
	}
	return byID
}

// settleAt finds the team that state ties the groups to; with named only one
// that has the name already. So, where several groups had teams of their own
// and now make one, or had one and now part, the name stays with its team. A
// team that was let go of is not taken back where the settings name another
// that is there.
func (t *team) settleAt(byID map[string]*attio.Team, byName map[string][]*attio.Team, taken map[string]*team, named bool) {
	for _, m := range t.tied {
		at := byID[m.TeamID]
		t.deleted = t.deleted || m.TeamID != "" && at == nil
		if at == nil || t.at != nil || taken[at.ID] != nil {
			continue
		}
		if other := attio.FoldName(at.Name) != attio.FoldName(t.name); other && (named || m.OutOfScope && t.mapped && len(byName[attio.FoldName(t.name)]) > 0) {
			continue
		}
		t.at, taken[at.ID] = at, t
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

// teamsByName are Attio's teams by their folded names, of one name by their ids.
func (d *diff) teamsByName() map[string][]*attio.Team {
	byName := make(map[string][]*attio.Team, len(d.in.Workspace.Teams))
	for i := range d.in.Workspace.Teams {
		t := &d.in.Workspace.Teams[i]
		byName[attio.FoldName(t.Name)] = append(byName[attio.FoldName(t.Name)], t)
	}
	for _, same := range byName {
		if len(same) > 1 {
			slices.SortFunc(same, func(a, b *attio.Team) int { return strings.Compare(a.ID, b.ID) })
		}
	}
	return byName
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

// ownedTeams are the Attio teams tied to any group, but for one that goes out
// of scope in this very plan: it lets go of its team.
func (d *diff) ownedTeams() map[string]bool {
	read := map[string]bool{}
	for _, g := range d.in.Directory.Groups {
		read[g.ID] = g.Team && d.in.Policy.Wants(g.GroupRef)
	}
	owned := map[string]bool{}
	for _, t := range d.in.Managed.Teams {
		st, asked := d.in.Groups[t.GroupID]
		released := !read[t.GroupID] && asked && st.Exists
		if !t.Unlinked && !t.OutOfScope && !released {
			owned[t.TeamID] = true
		}
	}
	return owned
}

// team compares one team that should exist with the one there is.
func (d *diff) team(t *team, byName map[string][]*attio.Team, leaving map[string]bool) {
	set, wanted := d.membersOf(t)
	if t.keeps {
		set = t.known().Applied.Members // who stays for a group that is gone is in no list
	}
	entries := d.teamEntries(t)
	d.teamFacts[t.key()] = teamFacts{entries: entries, members: set, total: len(wanted)}
	if t.at == nil {
		d.createTeam(t)
	} else {
		d.managedTeams[t.at.ID] = true
		if t.adopting {
			d.linkTeam(t)
		}
		d.renameTeam(t, byName, leaving)
	}
	before := len(d.steps)
	d.memberships(t, wanted)
	if t.at != nil && !t.adopting && len(d.steps) == before {
		d.learnTeam(t, entries, set)
	}
}

func (d *diff) teamEntries(t *team) []ManagedTeam {
	entries := make([]ManagedTeam, len(t.groups))
	for i, g := range t.groups {
		e := t.tied[i]
		another := t.at == nil || e.TeamID != t.at.ID
		if another || e.OutOfScope {
			e.Applied.Members = "" // nothing is known of who was put into this team, or since
		}
		if another {
			e.Applied.NotTaken = ""
		}
		e.GroupID, e.OutOfScope = g.ID, false
		if another && t.at != nil {
			e.TeamID, e.Created, e.ByHand = t.at.ID, t.known().Created, false
			e.Applied.KeepName = e.Applied.KeepName && !t.mapped
		}
		entries[i] = e
	}
	return entries
}

func (d *diff) createTeam(t *team) {
	st := Step{Action: CreateTeam, Team: t.ref(), After: Values{Name: t.name}, Cause: CauseOkta, Reason: "Okta's group " + t.label() + " has no team yet"}
	switch {
	case t.parted():
		st.Reason = "Okta's group " + t.label() + " goes to a team of its own now"
	case t.deleted:
		st.Cause, st.Reason = CauseDrift, "the team of Okta's group "+t.label()+" was deleted by hand in Attio"
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

// learnTeam settles a team that is as it should be.
func (d *diff) learnTeam(t *team, entries []ManagedTeam, set MemberSet) {
	changed := false
	for i := range entries {
		if t.at.Name == t.name {
			entries[i].Applied.Name, entries[i].Applied.NotTaken = t.name, ""
		}
		entries[i].Applied.Members = set
		changed = changed || entries[i] != t.tied[i]
	}
	if changed {
		d.silent = append(d.silent, Change{Teams: append([]ManagedTeam(nil), entries...)})
	}
}
