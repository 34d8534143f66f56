package sync

import (
	"fmt"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

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
	if at := d.begunTeam(t, byName); at != nil && taken[at.ID] == nil && !owned[at.ID] {
		t.at, taken[at.ID], t.adopting = at, t, true
		return true
	}
	same := byName[attio.FoldName(t.name)]
	if len(same) == 0 || leaving[attio.FoldName(t.name)] {
		return true
	}
	at := same[0]
	switch {
	case len(same) > 1:
		d.refuse(t.groupIDs(), "team-name-taken", t.name, fmt.Sprintf("Attio has %d teams of this name; which of them is Okta's group %s cannot be guessed", len(same), t.label()),
			"Rename all but one of them in Attio, or: scim-sync link "+nameOrID(t.groups[0].Name, t.key())+" TEAM-ID")
	case taken[at.ID] != nil || owned[at.ID]:
		d.refuse(t.groupIDs(), "team-name-taken", t.name, "the Attio team of this name belongs to another Okta group than "+t.label(), d.otherOwnerRemedy(t, at))
	case t.mapped || d.in.Policy.Teams.LinkSameName || d.wasOurs(t, at):
		t.at, taken[at.ID], t.adopting = at, t, true
		return true
	default:
		d.refuse(t.groupIDs(), "team-name-taken", t.name, "Attio has a team of this name that Okta does not manage; it is not taken over silently for the group "+t.label(),
			"To make it the group's team: scim-sync link "+nameOrID(t.groups[0].Name, t.key())+" "+nameOrID(t.name, at.ID)+"; or set teams.same_name: link; or name another team for the group in teams.groups.")
	}
	return false
}

// otherOwnerRemedy says how a group comes to a team that another group has.
func (d *diff) otherOwnerRemedy(t *team, at *attio.Team) string {
	for _, m := range d.in.Managed.SortedTeams() {
		if st, asked := d.in.Groups[m.GroupID]; m.TeamID == at.ID && asked && !st.Exists && !m.Unlinked && !m.OutOfScope {
			return "Okta has no group " + m.GroupID + " any more. If " + t.groups[0].Name + " takes its place: scim-sync unlink " + Quote(m.GroupID) +
				", then scim-sync link " + Quote(t.groups[0].ID) + " " + Quote(at.ID)
		}
	}
	return "Give one of the groups another team name (setting teams.groups)."
}

// otherTeamRemedy says how a group's team comes to a name that another team has.
func (d *diff) otherTeamRemedy(t *team, other *attio.Team, only bool) string {
	if d.ownedTeams()[other.ID] {
		return "Give one of the two teams any free name in Attio, and run again: both then get the name they should have. Or name another team for one of the groups in teams.groups."
	}
	group, name := nameOrID(t.groups[0].Name, t.key()), other.Name
	if !only || strings.HasPrefix(name, "-") {
		name = other.ID // several have the name, or it looks like a flag
	}
	return "If that team is to be the group's: scim-sync unlink " + group + ", then scim-sync link " + group + " " + Quote(name) +
		". Else rename the other team in Attio, or name another team for the group in teams.groups."
}

// begunTeam is the team that a run which was cut off created for a group, also
// where the group has another name by now.
func (d *diff) begunTeam(t *team, byName map[string][]*attio.Team) *attio.Team {
	for _, u := range d.in.Unfinished {
		if same := byName[attio.FoldName(u.Intent.Step.After.Name)]; len(same) == 1 && d.wasOurs(t, same[0]) {
			return same[0]
		}
	}
	return nil
}

// nameOrID is what to call a thing on a command line: a name that looks like a
// flag is none there.
func nameOrID(name, id string) string {
	if strings.HasPrefix(name, "-") {
		return Quote(id)
	}
	return Quote(name)
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

// renameTeam gives a team the name that it should have.
func (d *diff) renameTeam(t *team, byName map[string][]*attio.Team, leaving map[string]bool) {
	if t.at.Name == t.name {
		return
	}
	for _, other := range byName[attio.FoldName(t.name)] {
		if other.ID != t.at.ID && !leaving[attio.FoldName(t.name)] {
			d.refuse(t.groupIDs(), "team-name-taken", t.name, fmt.Sprintf("the team %s of Okta's group %s should have this name, but another team in Attio has it", t.at.Name, t.label()),
				d.otherTeamRemedy(t, other, len(byName[attio.FoldName(t.name)]) == 1))
			return
		}
	}
	if t.known().Applied.NotTaken == t.name && attio.FoldName(t.at.Name) == attio.FoldName(t.name) {
		d.note("name-not-taken", t.at.Name, "Attio writes the name of Okta's group "+t.label()+" this way; it is tried again when Okta's changes")
		return
	}
	st := Step{Action: RenameTeam, Team: t.ref(), Before: Values{Name: t.at.Name}, After: Values{Name: t.name}, Cause: CauseOkta, Reason: "Okta's group is called " + t.label()}
	if t.mapped {
		st.Reason = "the settings name this team for Okta's group " + t.label()
	}
	if !t.adopting && t.known().Applied.Name == t.name {
		st.Cause, st.Reason = CauseDrift, "was renamed by hand in Attio"
	}
	st.Team.Name = t.at.Name
	d.add(st)
}

// namesOfNothing tells of settings that name a group which is none of those
// that teams come from. Groups that are listed are looked up in Okta, which
// tells of them itself.
func (d *diff) namesOfNothing() {
	t := d.in.Policy.Teams
	if t.Source == idp.NoTeams || t.Source == idp.ListedGroups {
		return
	}
	told := map[string]bool{}
	tell := func(setting, name string) {
		if names(t.Exclude, idp.GroupRef{ID: name, Name: name}) {
			return
		}
		for _, g := range d.in.Directory.Groups {
			if g.Team && called(g.GroupRef, name) {
				return
			}
		}
		if !told[name] {
			d.note("group-not-found", name, setting+" names a group that is not among those that teams come from (teams.source: "+string(t.Source)+"); names are compared letter by letter")
		}
		told[name] = true
	}
	for _, m := range t.Groups {
		tell("teams.groups", m.Group)
	}
	for _, name := range t.Include {
		if !strings.Contains(name, "*") {
			tell("teams.include", name)
		}
	}
}
