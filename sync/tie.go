package sync

import (
	"fmt"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

// Tie is what linking, unlinking or releasing comes to: changes of state alone,
// none of Attio, and what they mean for the next run. Without changes there is
// nothing to do, and Said tells why.
type Tie struct {
	Changes []Change
	// Step tells the journal of a link in the words of a plan; else nil.
	Step *Step
	Said []string // sentences for people
}

// TieError is a tie that cannot be: what stands in its way and the mend.
type TieError struct{ Text, Mend string }

func (e *TieError) Error() string { return e.Text }

// Hint says what to do instead.
func (e *TieError) Hint() string { return e.Mend }

// Groups and teams as those who tie them know them.
type (
	// KnownGroups are the names of Okta's groups by id.
	KnownGroups map[string]string
	// KnownTeams are the names of Attio's teams by id.
	KnownTeams map[string]string
)

func (k KnownGroups) name(id string) string {
	if n := k[id]; n != "" {
		return n
	}
	return id
}

// LinkGroup ties an Okta group to a team that exists. The team keeps the name
// it has, unless the settings name one for the group; where it has the group's
// name already, it follows the group's later renames as any other team.
func LinkGroup(m Managed, p Policy, g idp.GroupRef, t attio.Team, groups KnownGroups, teams KnownTeams) (Tie, error) {
	now, known := m.Teams[g.ID]
	tied := known && !now.Unlinked
	if tied && now.TeamID == t.ID {
		return Tie{Said: []string{fmt.Sprintf("Nothing to do: Okta's group %s is tied to the team %s already.", g.Name, t.Name)}}, nil
	}
	if there := teams[now.TeamID]; tied && there != "" {
		return Tie{}, &TieError{
			Text: fmt.Sprintf("Okta's group %s (%s) is tied to the team %s (%s) already", g.Name, g.ID, there, now.TeamID),
			Mend: "Let go of that tie first: scim-sync unlink " + Quote(g.Name),
		}
	}
	if other, ok := m.tiedTo(t.ID, g.ID); ok {
		return Tie{}, &TieError{
			Text: fmt.Sprintf("the team %s (%s) is tied to Okta's group %s (%s) already", t.Name, t.ID, groups.name(other.GroupID), other.GroupID),
			Mend: "Let go of that tie first: scim-sync unlink " + Quote(groups.name(other.GroupID)) + "; or, if the people of both groups belong in it, name this team for both in the setting teams.groups.",
		}
	}
	name, mapped := p.teamName(g, ManagedTeam{})
	e := ManagedTeam{GroupID: g.ID, TeamID: t.ID, ByHand: true, Applied: AppliedTeam{Name: t.Name, KeepName: !mapped && name != t.Name}}
	if known && now.Unlinked {
		now.Former = nil
		e.Former = &now
	}
	step := &Step{
		Action: LinkTeam, Team: &TeamRef{OktaID: g.ID, AttioID: t.ID, Name: t.Name}, After: Values{Name: t.Name},
		Cause: CauseAdopt, Reason: "somebody tied Okta's group " + g.Name + " to it",
	}
	said := []string{fmt.Sprintf("Okta's group %s (%s) is tied to the team %s (%s): the next run puts the group's people into it, and takes out people whom Okta manages and does not have in the group.", g.Name, g.ID, t.Name, t.ID)}
	switch {
	case mapped && name != t.Name:
		said = append(said, fmt.Sprintf("The setting teams.groups names it %s: the next run renames it.", name))
	case e.Applied.KeepName:
		said = append(said, "It keeps its name. To give it another, name one for the group in the setting teams.groups.")
	}
	return Tie{Changes: []Change{{Teams: []ManagedTeam{e}}}, Step: step, Said: said}, nil
}

// tiedTo gives the tie of a team to another group than the one given.
func (m Managed) tiedTo(teamID, except string) (ManagedTeam, bool) {
	var found []ManagedTeam
	for id, t := range m.Teams {
		if id != except && t.TeamID == teamID && !t.Unlinked {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return ManagedTeam{}, false
	}
	sort.Slice(found, func(i, j int) bool { return found[i].GroupID < found[j].GroupID })
	return found[0], true
}

// UndoLink takes a link back: the group is as it was before it.
func UndoLink(m Managed, groupID string, groups KnownGroups, teams KnownTeams) (Tie, error) {
	name := groups.name(groupID)
	now, ok := m.Teams[groupID]
	switch {
	case !ok || now.Unlinked:
		return Tie{Said: []string{"Nothing to do: Okta's group " + name + " is not linked."}}, nil
	case !now.ByHand:
		return Tie{}, &TieError{
			Text: fmt.Sprintf("the tie of Okta's group %s to the team %s was not made by scim-sync link", name, teamWords(now, teams)),
			Mend: "To stop managing the team: scim-sync unlink " + Quote(name),
		}
	case now.Former != nil:
		return Tie{Changes: []Change{{Teams: []ManagedTeam{*now.Former}}},
			Said: []string{fmt.Sprintf("Okta's group %s is tied to the team %s no more; it is unlinked, as it was before.", name, teamWords(now, teams))}}, nil
	}
	return Tie{Changes: []Change{{ForgetTeams: []string{groupID}}},
		Said: []string{fmt.Sprintf("Okta's group %s is tied to the team %s no more: the next run meets the group as if for the first time.", name, teamWords(now, teams))}}, nil
}

func teamWords(t ManagedTeam, teams KnownTeams) string {
	switch {
	case teams[t.TeamID] != "":
		return teams[t.TeamID]
	case t.Applied.Name != "":
		return t.Applied.Name
	}
	return t.TeamID
}

// UnlinkGroup stops managing a group's team. The team and its people stay as
// they are, and the group gets no other one. A group that has no team yet will
// get none.
func UnlinkGroup(m Managed, groupID string, groups KnownGroups, teams KnownTeams) Tie {
	name := groups.name(groupID)
	e, known := m.Teams[groupID]
	if e.Unlinked {
		return Tie{Said: []string{"Nothing to do: Okta's group " + name + " is unlinked already."}}
	}
	e.GroupID, e.Unlinked = groupID, true
	said := "Okta's group " + name + " has no team yet, and will get none."
	if known && e.TeamID != "" {
		said = fmt.Sprintf("The team %s of Okta's group %s is no longer managed; it and its people stay as they are.", teamWords(e, teams), name)
		if other, ok := m.tiedTo(e.TeamID, groupID); ok {
			said = fmt.Sprintf("Okta's group %s no longer decides about the team %s; the group %s still does, and the next run takes out who is not in that one.", name, teamWords(e, teams), groups.name(other.GroupID))
		}
	}
	return Tie{Changes: []Change{{Teams: []ManagedTeam{e}}}, Said: []string{said}}
}

// UndoUnlink has a group managed again, with the team it had.
func UndoUnlink(m Managed, groupID string, groups KnownGroups, teams KnownTeams) (Tie, error) {
	name := groups.name(groupID)
	e, ok := m.Teams[groupID]
	if !ok || !e.Unlinked {
		return Tie{Said: []string{"Nothing to do: Okta's group " + name + " is not unlinked."}}, nil
	}
	if e.TeamID == "" {
		return Tie{Changes: []Change{{ForgetTeams: []string{groupID}}}, Said: []string{"Okta's group " + name + " gets a team again at the next run."}}, nil
	}
	if other, ok := m.tiedTo(e.TeamID, groupID); ok {
		return Tie{}, &TieError{
			Text: fmt.Sprintf("the team %s is tied to Okta's group %s by now", teamWords(e, teams), groups.name(other.GroupID)),
			Mend: "Let go of that tie first: scim-sync unlink " + Quote(groups.name(other.GroupID)),
		}
	}
	e.Unlinked = false
	e.Applied.Members = "" // what happened meanwhile is nobody's drift
	return Tie{Changes: []Change{{Teams: []ManagedTeam{e}}},
		Said: []string{fmt.Sprintf("The team %s of Okta's group %s is managed again from the next run on.", teamWords(e, teams), name)}}, nil
}

// FindPeople gives the people of the state whom a name means, an address or an
// Okta id, in the order of their ids.
func (m Managed) FindPeople(name string) []ManagedPerson {
	var found []ManagedPerson
	for id, e := range m.People {
		if id == strings.TrimSpace(name) || e.Email != "" && attio.FoldEmail(e.Email) == attio.FoldEmail(name) {
			found = append(found, e)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].OktaID < found[j].OktaID })
	return found
}

// Release stops managing somebody: they stay as they are in Attio although
// Okta lists them. people are those assigned in Okta, needed only for somebody
// whom state does not know.
func Release(m Managed, name string, people []idp.Person) (Tie, error) {
	e, err := m.whom(name, people, func(e ManagedPerson) bool { return !e.Released })
	if err != nil {
		return Tie{}, err
	}
	if e.Released && !e.ReleasedAll {
		return Tie{Said: []string{fmt.Sprintf("Nothing to do: %s (%s) is released already.", e.Email, e.OktaID)}}, nil
	}
	e.Released, e.ReleasedAll = true, false
	said := fmt.Sprintf("%s (%s) is no longer managed: nothing changes in Attio, whatever Okta says of them.", e.Email, e.OktaID)
	if e.AttioID == "" {
		said = fmt.Sprintf("%s (%s) has not been managed so far, and will not be: no run adds or changes them.", e.Email, e.OktaID)
	}
	return Tie{Changes: []Change{{Person: &e}}, Said: []string{said, "To take it back: scim-sync release --undo " + Quote(or(e.Email, e.OktaID))}}, nil
}

// UndoRelease has somebody managed again.
func UndoRelease(m Managed, name string, people []idp.Person) (Tie, error) {
	e, err := m.whom(name, people, func(e ManagedPerson) bool { return e.Released })
	if err != nil {
		return Tie{}, err
	}
	if !e.Released {
		return Tie{Said: []string{fmt.Sprintf("Nothing to do: %s (%s) is not released.", e.Email, e.OktaID)}}, nil
	}
	return Tie{Changes: []Change{e.manageAgain()}, Said: []string{fmt.Sprintf("%s (%s) is managed again: the next run makes them as Okta says by then.", e.Email, e.OktaID)}}, nil
}

// manageAgain ends a release. Who had no place in Attio is met anew.
func (e ManagedPerson) manageAgain() Change {
	if e.AttioID == "" {
		return Change{ForgetPerson: e.OktaID}
	}
	e.Released, e.ReleasedAll = false, false
	return Change{Person: &e}
}

// ReleaseAll stops managing everybody; undo has all who were let go of so
// managed again, but nobody who was released by name.
func ReleaseAll(m Managed, undo bool) Tie {
	var t Tie
	for _, e := range m.SortedPeople() {
		switch {
		case e.Released != undo, undo && !e.ReleasedAll:
		case undo:
			t.Changes = append(t.Changes, e.manageAgain())
		default:
			e.Released, e.ReleasedAll = true, true
			t.Changes = append(t.Changes, Change{Person: &e})
		}
	}
	n := counted(len(t.Changes), "person", "people")
	switch {
	case len(t.Changes) == 0 && undo:
		t.Said = []string{"Nothing to do: nobody is released by --all."}
	case len(t.Changes) == 0:
		t.Said = []string{"Nothing to do: nobody is managed."}
	case undo:
		t.Said = []string{n + " managed again: the next run makes them as Okta says by then."}
	default:
		t.Said = []string{n + " released: nothing changes in Attio for them, whatever Okta says. Teams are still managed: scim-sync unlink GROUP.", "To take it back: scim-sync release --all --undo"}
	}
	return t
}

// SortedPeople are the people of the state by their Okta ids.
func (m Managed) SortedPeople() []ManagedPerson {
	list := make([]ManagedPerson, 0, len(m.People))
	for _, e := range m.People {
		list = append(list, e)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].OktaID < list[j].OktaID })
	return list
}

// SortedTeams are the teams of the state by their groups' ids.
func (m Managed) SortedTeams() []ManagedTeam {
	list := make([]ManagedTeam, 0, len(m.Teams))
	for _, t := range m.Teams {
		list = append(list, t)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].GroupID < list[j].GroupID })
	return list
}

// whom finds the one person that a name means: in the state, else among those
// assigned in Okta. Of several, those who can be dealt with are meant.
func (m Managed) whom(name string, people []idp.Person, fits func(ManagedPerson) bool) (ManagedPerson, error) {
	found := m.FindPeople(name)
	if len(found) == 0 {
		for _, p := range people {
			if p.ID != strings.TrimSpace(name) && attio.FoldEmail(p.Email) != attio.FoldEmail(name) {
				continue
			}
			e, ok := m.People[p.ID]
			if !ok {
				e = ManagedPerson{OktaID: p.ID, Email: strings.TrimSpace(p.Email)}
			}
			found = append(found, e)
		}
	}
	if len(found) > 1 {
		var some []ManagedPerson
		for _, e := range found {
			if fits(e) {
				some = append(some, e)
			}
		}
		if len(some) > 0 {
			found = some
		}
	}
	switch len(found) {
	case 0:
		return ManagedPerson{}, &TieError{Text: Quote(name) + " is neither managed nor assigned to the app in Okta",
			Mend: "Look who is meant: scim-sync explain " + Quote(name)}
	case 1:
		return found[0], nil
	}
	ids := make([]string, len(found))
	for i, e := range found {
		ids[i] = e.OktaID
	}
	sort.Strings(ids)
	return ManagedPerson{}, &TieError{Text: fmt.Sprintf("%s means several people in Okta: %s", Quote(name), strings.Join(ids, " and ")),
		Mend: "Name the one that is meant by the Okta id."}
}
