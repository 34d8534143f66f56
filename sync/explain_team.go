package sync

import (
	"slices"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// TeamExplained is one team: groups of Okta, a team of Attio, or both.
type TeamExplained struct {
	Name    string `json:"name"`
	AttioID string `json:"attio_id"` // empty for a team that does not exist yet
	Managed bool   `json:"managed"`
	// Groups are Okta's groups that go to it.
	Groups  []GroupExplained  `json:"groups"`
	Members []MemberExplained `json:"members"`
	Next    NextRun           `json:"next"`
}

// GroupExplained is a group of a team and what state has of it.
type GroupExplained struct {
	GroupNamed
	InScope bool         `json:"in_scope"` // yields a team by the settings
	People  int          `json:"people"`   // in the group, assigned or not
	State   *ManagedTeam `json:"state"`
}

// MemberExplained is somebody who is in the team or in one of its groups.
type MemberExplained struct {
	OktaID  string       `json:"okta_id"` // empty: unmanaged
	AttioID string       `json:"attio_id"`
	Email   string       `json:"email"`
	InGroup bool         `json:"in_group"`
	InTeam  bool         `json:"in_team"`
	Status  attio.Status `json:"status"` // empty: not in Attio
	// Next is what the next run would do: stays, add, remove, held, left.
	Next string `json:"next"`
	Why  string `json:"why"`
}

// found is a team as either side or the state has it.
type found struct {
	name    string
	at      *attio.Team
	groups  []idp.Group // read from Okta
	entries []ManagedTeam
	managed bool
}

// allTeams brings both sides and the state together: the teams that Okta's
// groups come to, those whose groups are no longer read, and all others.
func (x *explainer) allTeams() []found {
	byID := x.teamsByID()
	var list []found
	of := map[string]int{}   // Attio team id → place in list
	had := map[string]bool{} // groups dealt with
	for _, t := range x.wantedTeams() {
		f := found{name: t.name, groups: t.groups, managed: true}
		for i, g := range t.groups {
			had[g.ID] = true
			if t.tied[i].GroupID != "" {
				f.entries = append(f.entries, t.tied[i])
			}
			if f.at == nil {
				f.at = byID[t.tied[i].TeamID]
			}
		}
		if dealt := x.teamFacts[t.key()].entries; len(dealt) > 0 {
			f.at = byID[dealt[0].TeamID]
		}
		if f.at != nil {
			of[f.at.ID] = len(list)
		}
		list = append(list, f)
	}
	for _, e := range x.in.Managed.SortedTeams() {
		if had[e.GroupID] {
			continue
		}
		g := idp.Group{GroupRef: idp.GroupRef{ID: e.GroupID}}
		for _, read := range x.in.Directory.Groups {
			if read.ID == e.GroupID {
				g = read
			}
		}
		if i, ok := of[e.TeamID]; ok {
			list[i].entries = append(list[i].entries, e)
			continue
		}
		f := found{name: e.Applied.Name, at: byID[e.TeamID], entries: []ManagedTeam{e}, groups: []idp.Group{g}}
		if f.at != nil {
			of[f.at.ID] = len(list)
			f.managed = x.managedTeams[f.at.ID]
		}
		list = append(list, f)
	}
	for _, g := range x.in.Directory.Groups {
		if x.contested[g.ID] && x.in.Managed.Teams[g.ID].GroupID == "" {
			name, _ := x.in.Policy.teamName(g.GroupRef, ManagedTeam{})
			list = append(list, found{name: name, groups: []idp.Group{g}})
		}
	}
	for i := range x.in.Workspace.Teams {
		t := &x.in.Workspace.Teams[i]
		if _, ok := of[t.ID]; !ok {
			list = append(list, found{name: t.Name, at: t})
		}
	}
	return list
}

func (x *explainer) teamsNamed(name string) []TeamExplained {
	list := []TeamExplained{}
	fold, id := attio.FoldName(name), strings.TrimSpace(name)
	for _, f := range x.allTeams() {
		here := attio.FoldName(f.name) == fold || f.at != nil && (f.at.ID == id || attio.FoldName(f.at.Name) == fold)
		for _, g := range f.groups {
			here = here || g.ID == id || g.Name != "" && attio.FoldName(g.Name) == fold
		}
		for _, e := range f.entries {
			here = here || e.GroupID == id
		}
		if here {
			list = append(list, x.team(f))
		}
	}
	return list
}

func (x *explainer) team(f found) TeamExplained {
	t := TeamExplained{Name: f.name, Managed: f.managed, Groups: []GroupExplained{}}
	if f.at != nil {
		t.AttioID, t.Name = f.at.ID, f.at.Name
	}
	for _, g := range f.groups {
		e := GroupExplained{GroupNamed: GroupNamed{g.ID, g.Name}, InScope: g.Team && x.in.Policy.Wants(g.GroupRef), People: g.Members.Len()}
		for _, have := range f.entries {
			if have.GroupID == g.ID {
				e.State = &have
			}
		}
		t.Groups = append(t.Groups, e)
	}
	t.Next = x.nextOfTeam(f)
	t.Members = x.membersExplained(f, t.Next)
	t.Next.Verdict = teamVerdict(f, t.Next)
	return t
}

func (x *explainer) nextOfTeam(f found) NextRun {
	n := NextRun{Steps: []Step{}, Held: []HeldStep{}, Refusals: []Refusal{}, Notes: []Note{}}
	names := map[string]bool{attio.FoldName(f.name): true}
	ours := func(t *TeamRef) bool {
		if t == nil {
			return false
		}
		return f.at != nil && t.AttioID == f.at.ID || slices.ContainsFunc(f.groups, func(g idp.Group) bool { return g.ID == t.OktaID })
	}
	for _, g := range f.groups {
		names[attio.FoldName(g.Name)] = true
	}
	if f.at != nil {
		names[attio.FoldName(f.at.Name)] = true
	}
	delete(names, "")
	about := func(subject, detail string) bool {
		return names[attio.FoldName(subject)] || slices.ContainsFunc(f.groups, func(g idp.Group) bool {
			return subject == g.ID || slices.Contains(strings.FieldsFunc(detail, notID), g.ID)
		})
	}
	for _, s := range x.plan.Steps {
		if ours(s.Team) {
			n.Steps = append(n.Steps, s)
		}
	}
	for _, h := range x.plan.Held {
		if ours(h.Team) {
			n.Held = append(n.Held, h)
		}
	}
	for _, r := range x.plan.Refusals {
		if r.Reach != ReachRun && about(r.Subject, r.Detail) {
			n.Refusals = append(n.Refusals, r)
		}
	}
	for _, note := range x.plan.Notes {
		if about(note.Subject, note.Detail) {
			n.Notes = append(n.Notes, note)
		}
	}
	return n
}

func teamVerdict(f found, n NextRun) string {
	unlinked := len(f.entries) > 0
	for _, e := range f.entries {
		unlinked = unlinked && e.Unlinked
	}
	switch {
	case unlinked:
		return "Unlinked: left as it is, whatever Okta says, until scim-sync unlink --undo " + Quote(or(f.groups[0].Name, f.groups[0].ID)) + "."
	case len(n.Steps) > 0:
		return counted(len(n.Steps), "step", "steps") + " at the next run."
	case len(n.Held) > 0:
		return "Something would change, but it is held back."
	case len(n.Refusals) > 0:
		return "Nothing is done while a rail refuses it."
	case f.managed:
		return "In step: Attio has it as Okta says."
	case len(f.entries) == 0 && len(f.groups) > 0:
		return "No team: another group comes to the same name."
	case len(f.entries) > 0:
		return "No longer managed: its group yields no team by Okta's assignments and the settings. It is left as it is."
	}
	return "No Okta group goes to it, and no run has ever managed it: it is left alone."
}

// membersExplained are all who are in the team or in one of its groups.
func (x *explainer) membersExplained(f found, n NextRun) []MemberExplained {
	var list []MemberExplained
	placed := map[string]int{} // Okta ids and Attio ids → place in list
	var inTeam idset.Set
	if f.at != nil {
		inTeam = f.at.Members
	}
	for _, g := range f.groups {
		for _, id := range g.Members.IDs() {
			if _, ok := placed[id]; ok {
				continue
			}
			placed[id] = len(list)
			list = append(list, x.fromGroup(id, inTeam))
		}
	}
	for _, id := range inTeam.IDs() {
		m := x.fromTeam(id)
		if i, ok := placed[m.OktaID]; ok && m.OktaID != "" {
			list[i].InTeam = true
			continue
		}
		list = append(list, m)
	}
	next := nextOfMembers(n)
	for i := range list {
		x.explainMember(&list[i], f, next)
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return attio.FoldEmail(a.Email)+"\x00"+a.OktaID+a.AttioID < attio.FoldEmail(b.Email)+"\x00"+b.OktaID+b.AttioID
	})
	if list == nil {
		list = []MemberExplained{}
	}
	return list
}

func (x *explainer) fromGroup(id string, inTeam idset.Set) MemberExplained {
	m := MemberExplained{OktaID: id, InGroup: true}
	if s := x.byOkta[id]; s != nil {
		m.Email = s.email()
		if at := x.at(s); at != nil {
			m.AttioID, m.Status, m.InTeam = at.ID, at.Status, at.ID != "" && inTeam.Has(at.ID)
		}
	}
	return m
}

func (x *explainer) fromTeam(id string) MemberExplained {
	m := MemberExplained{AttioID: id, InTeam: true}
	if i, ok := x.byID[id]; ok {
		m.Email, m.Status = x.members[i].Email, x.members[i].Status
		if s := x.claimed[i]; s != nil {
			m.OktaID = s.id
		}
	}
	return m
}

// nextOfMembers says what the plan does to the members of one team: by Okta id,
// or by Attio id for strangers.
func nextOfMembers(n NextRun) map[string][2]string {
	next := map[string][2]string{}
	put := func(s Step, held string) {
		word := map[Action]string{AddMembers: "add", RemoveMembers: "remove"}[s.Action]
		if word == "" {
			return
		}
		why := s.Reason
		if held != "" {
			word, why = "held", "would be to "+word+", but "+held+" holds it back"
		}
		for _, m := range s.People {
			next[or(m.OktaID, m.AttioID)] = [2]string{word, why}
		}
	}
	for _, h := range n.Held {
		put(h.Step, h.Code)
	}
	for _, s := range n.Steps {
		put(s, "")
	}
	return next
}

// explainMember says what the next run does about one member, and why.
func (x *explainer) explainMember(m *MemberExplained, f found, next map[string][2]string) {
	if n, ok := next[or(m.OktaID, m.AttioID)]; ok {
		m.Next, m.Why = n[0], n[1]
		return
	}
	s := x.byOkta[m.OktaID]
	m.Next = "left"
	switch {
	case !f.managed:
		m.Why = "the team is not managed"
	case m.OktaID == "":
		m.Why = "is not managed by Okta"
	case s == nil:
		m.Why = "is in the group, but not assigned to the app"
	case s.entry.Released:
		m.Why = "is released"
	case s.want == out:
		m.Why = "is " + outWords(s) + ": the membership is left as it is"
	case s.want == leave:
		m.Why = "is neither here nor gone, or in conflict: the membership is left as it is"
	case m.InGroup && m.InTeam && m.Status != attio.Suspended:
		m.Next, m.Why = "stays", "is in the group"
	case m.Status == attio.Suspended:
		m.Why = "is suspended in Attio: the membership is looked at once they are active"
	default:
		m.Why = "waits for a step that is not done"
	}
}
