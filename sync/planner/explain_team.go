package planner

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
)

func (x *explainer) teamsNamed(name string) []TeamExplained {
	list := []TeamExplained{}
	fold, id := attio.FoldName(name), strings.TrimSpace(name)
	for _, f := range x.found {
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

func (x *explainer) team(f foundTeam) TeamExplained {
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
	t.Next.Verdict = x.teamSummary(f, t.Next)
	return t
}

// nextOfTeam picks from the plan what is about one team.
func (x *explainer) nextOfTeam(f foundTeam) NextRun {
	group := func(id string) bool {
		return slices.ContainsFunc(f.groups, func(g idp.Group) bool { return g.ID == id })
	}
	return x.next(func(a core.About) bool {
		return group(a.OktaID) || f.at != nil && a.AttioID == f.at.ID
	}, func(st core.Step) (core.Step, bool) {
		return st, st.Team != nil && (f.at != nil && st.Team.AttioID == f.at.ID || group(st.Team.OktaID))
	})
}

func (x *explainer) teamSummary(f foundTeam, n NextRun) string {
	unlinked := len(f.entries) > 0
	for _, e := range f.entries {
		unlinked = unlinked && e.Unlinked
	}
	switch {
	case unlinked:
		return "Unlinked: left as it is, whatever " + x.in.source() + " says, until scim-sync unlink --undo " + core.Quote(cmp.Or(f.groups[0].Name, f.groups[0].ID)) + "."
	case n.summary() != "":
		return n.summary()
	case f.managed && slices.ContainsFunc(n.Notes, staysOtherwise):
		return "Attio does not have it quite as " + x.in.source() + " says; a note tells why that stays so."
	case f.managed:
		return "In step: Attio has it as " + x.in.source() + " says."
	case len(f.entries) == 0 && len(f.groups) > 0:
		return "No team: another group comes to the same name."
	case len(f.entries) > 0:
		return "No longer managed: its group yields no team by the assignments and the settings. It is left as it is."
	}
	return "No group of " + x.in.source() + " goes to it, and no run has ever managed it: it is left alone."
}

// membersExplained are all who are in the team or in one of its groups.
func (x *explainer) membersExplained(f foundTeam, n NextRun) []MemberExplained {
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
	if s := x.roster.byOkta[id]; s != nil {
		m.Email = s.email()
		if at := x.roster.at(s); at != nil {
			m.AttioID, m.Status, m.InTeam = at.ID, at.Status, at.ID != "" && inTeam.Has(at.ID)
		}
	}
	return m
}

func (x *explainer) fromTeam(id string) MemberExplained {
	m := MemberExplained{AttioID: id, InTeam: true}
	if i, ok := x.roster.byID[id]; ok {
		m.Email, m.Status = x.roster.members[i].Email, x.roster.members[i].Status
		if s := x.roster.owner[i]; s != nil {
			m.OktaID = s.id
		}
	}
	return m
}

// nextOfMembers says what the plan does to the members of one team: by Okta id,
// or by Attio id for strangers.
func nextOfMembers(n NextRun) map[string][2]string {
	next := map[string][2]string{}
	put := func(s core.Step, held string) {
		word := map[core.Action]string{core.AddMembers: "add", core.RemoveMembers: "remove"}[s.Action]
		if word == "" {
			return
		}
		why := s.Reason
		if held != "" {
			word, why = "held", "would be to "+word+", but "+held+" holds it back"
		}
		for _, m := range s.People {
			next[cmp.Or(m.OktaID, m.AttioID)] = [2]string{word, why}
		}
	}
	for _, h := range n.Held {
		put(h.Step, string(h.Code))
	}
	for _, s := range n.Steps {
		put(s, "")
	}
	return next
}

// explainMember says what the next run does about one member, and why.
func (x *explainer) explainMember(m *MemberExplained, f foundTeam, next map[string][2]string) {
	if n, ok := next[cmp.Or(m.OktaID, m.AttioID)]; ok {
		m.Next, m.Why = n[0], n[1]
		return
	}
	s := x.roster.byOkta[m.OktaID]
	m.Next = "left"
	switch {
	case !f.managed:
		m.Why = "the team is not managed"
	case m.OktaID == "":
		m.Why = "is not managed by " + x.in.source()
	case s == nil:
		m.Why = "is in the group, but not assigned to the app"
	case s.entry.Released:
		m.Why = "is released"
	case s.status == out:
		m.Why = "is " + s.outWords(x.in.source()) + ": the membership is left as it is"
	case s.status == leave:
		m.Why = "is not active yet, or in conflict: the membership is left as it is"
	case m.InGroup && m.InTeam && m.Status != attio.Suspended:
		m.Next, m.Why = "stays", "is in the group"
	case m.Status == attio.Suspended:
		m.Why = "is suspended in Attio: the membership is looked at once they are active"
	default:
		m.Why = "waits for a step that is not done"
	}
}
