package planner

import (
	"slices"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
)

// crowd looks up the people of groups and teams by the numbers of their ids.
type crowd struct {
	placements
	who     index[*identity]  // by Okta id; nil for whom nobody knows
	where   index[int32]      // by Attio id: index into members, -1 for what Attio's list does not explain
	visit   int               // the team in hand, counted
	visited []int             // by the identities' n: the last team that they should be in
	present []int             // by the members' index: the last team that has them
	places  []int             // room to list places in
	wanted  []*identity       // likewise who should be in the team in hand
	marks   []uint32          // likewise what a set holds of them
	refs    []*core.MemberRef // by the identities' n
}

func newCrowd(p placements) *crowd {
	return &crowd{
		placements: p, visited: make([]int, len(p.identities)), present: make([]int, len(p.members)), refs: make([]*core.MemberRef, len(p.identities)),
		who: newIndex(func(id string) *identity { return p.byOkta[id] }),
		where: newIndex(func(id string) int32 {
			if i, ok := p.byID[id]; ok {
				return int32(i)
			}
			return -1
		}),
	}
}

// ref names somebody in the steps of all their teams.
func (c *crowd) ref(s *identity, attioID string) *core.MemberRef {
	if r := c.refs[s.n]; r != nil && r.AttioID == attioID {
		return r
	}
	c.refs[s.n] = &core.MemberRef{OktaID: s.id, Email: c.account(s), AttioID: attioID}
	return c.refs[s.n]
}

// placesIn gives the places of a team's people among the members; those whom
// Attio's own list does not explain have none. The list is good until the next call.
func (c *crowd) placesIn(members idset.Set) []int {
	where, places := c.where.table(members), c.places[:0]
	for _, n := range members.Numbers() {
		if i := int(where[n]); i >= 0 {
			places = append(places, i)
		}
	}
	c.places = places
	return places
}

// count counts the people of a team that are of a kind.
func (c *crowd) count(t *attio.Team, is func(attio.Member) bool) (n int) {
	if t == nil {
		return 0
	}
	for _, i := range c.placesIn(t.Members) {
		if is(c.members[i]) {
			n++
		}
	}
	return n
}

// unmanagedPeople lists whom Okta does not manage.
func (c *crowd) unmanagedPeople() []core.Unmanaged {
	teams := map[string][]string{} // of the unmanaged, by id: few, whatever there is of teams
	for i := range c.in.Workspace.Teams {
		t := &c.in.Workspace.Teams[i]
		for _, at := range c.placesIn(t.Members) {
			if c.unmanaged(at) {
				teams[c.members[at].ID] = append(teams[c.members[at].ID], t.Name)
			}
		}
	}
	list := []core.Unmanaged{}
	for i, m := range c.members {
		if !c.unmanaged(i) {
			continue
		}
		u := core.Unmanaged{Email: m.Email, Role: m.Role, Status: m.Status, Teams: slices.Sorted(slices.Values(teams[m.ID]))}
		if u.Teams == nil {
			u.Teams = []string{}
		}
		list = append(list, u)
	}
	key := func(u core.Unmanaged) string { // by address, and by all else where that is the same
		return strings.Join(append([]string{attio.FoldEmail(u.Email), string(u.Status), string(u.Role), u.Email}, u.Teams...), "\x00")
	}
	sort.Slice(list, func(i, j int) bool { return key(list[i]) < key(list[j]) })
	return list
}
