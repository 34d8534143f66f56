package manage

import (
	"sort"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// Rebinding is what tying a state to another Okta org or app comes to.
type Rebinding struct {
	// Known are the managed people whom the new source has assigned under the
	// same id; Moved are those it has under another id and the same address,
	// whose tie passes to it; Missing it has not assigned at all, and the runs
	// to come treat them as gone.
	Known   int
	Moved   []core.ManagedPerson // under their new ids
	Missing []core.ManagedPerson
	// TeamsMoved are the groups whose team passes to a group of the same name;
	// TeamsMissing have none in the new source.
	TeamsKnown   int
	TeamsMoved   []core.ManagedTeam
	TeamsMissing []core.ManagedTeam
	Changes      []core.Change
}

// Rebind works out how a state fits another source. In another org people and
// groups have other ids: there, and only there, addresses and names tell who
// is who, as they do when people are adopted; what they do not tell for certain
// is missing. Released people and unlinked groups pass over as they are.
func Rebind(m core.Managed, dir idp.Directory, p core.Policy) Rebinding {
	var r Rebinding
	otherOrg := m.OrgURL != dir.Origin.OrgURL
	r.people(m, dir, otherOrg)
	r.teams(m, dir, p, otherOrg)
	return r
}

func (r *Rebinding) people(m core.Managed, dir idp.Directory, otherOrg bool) {
	byID, byEmail := map[string]bool{}, map[string][]string{}
	for _, q := range dir.People {
		byID[q.ID] = true
		if e := attio.FoldEmail(q.Email); e != "" {
			byEmail[e] = append(byEmail[e], q.ID)
		}
	}
	shared := map[string]int{} // entries that have one address
	for _, e := range m.People {
		shared[attio.FoldEmail(e.Email)]++
	}
	for _, e := range m.SortedPeople() {
		ids := byEmail[attio.FoldEmail(e.Email)]
		switch {
		case byID[e.OktaID]:
			r.Known++
		case otherOrg && len(ids) == 1 && shared[attio.FoldEmail(e.Email)] == 1 && m.People[ids[0]].OktaID == "":
			was := e.OktaID
			e.OktaID = ids[0]
			r.Moved = append(r.Moved, e)
			r.Changes = append(r.Changes, core.Change{Person: &e, ForgetPerson: was})
		default:
			r.Missing = append(r.Missing, e)
		}
	}
}

func (r *Rebinding) teams(m core.Managed, dir idp.Directory, p core.Policy, otherOrg bool) {
	byID, byName := map[string]bool{}, map[string][]string{}
	for _, g := range dir.Groups {
		byID[g.ID] = true
		if name, _ := p.TeamName(g.GroupRef, core.ManagedTeam{}); g.Team && name != "" {
			byName[attio.FoldName(name)] = append(byName[attio.FoldName(name)], g.ID)
		}
	}
	taken := map[string]bool{}
	for _, t := range m.SortedTeams() {
		ids := byName[attio.FoldName(t.Applied.Name)]
		switch {
		case byID[t.GroupID]:
			r.TeamsKnown++
		case otherOrg && len(ids) == 1 && !taken[ids[0]] && m.Teams[ids[0]].GroupID == "":
			was := t.GroupID
			t.GroupID, t.Applied.Members = ids[0], "" // other ids, another set
			taken[ids[0]] = true
			r.TeamsMoved = append(r.TeamsMoved, t)
			r.Changes = append(r.Changes, core.Change{Teams: []core.ManagedTeam{t}, ForgetTeams: []string{was}})
		default:
			r.TeamsMissing = append(r.TeamsMissing, t)
		}
	}
	sort.SliceStable(r.TeamsMissing, func(i, j int) bool { return r.TeamsMissing[i].Applied.Name < r.TeamsMissing[j].Applied.Name })
}
