package planner

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// Management is whether scim-sync answers for somebody's place.
type Management string

// The managements.
const (
	IsManaged   Management = "managed"
	IsReleased  Management = "released"  // let go of by somebody's command
	IsPending   Management = "pending"   // assigned, and managed from the next run on
	IsUnmanaged Management = "unmanaged" // nobody of the source: left alone
)

// The statuses of [Access] that [attio.Status] has no word for.
const statusUnreadable attio.Status = "unreadable"

// Access is one place in the workspace: who has it, and why.
type Access struct {
	AttioID string       `json:"attio_id"` // over SCIM; empty when only the member list knows them
	Email   string       `json:"email"`    // as Attio spells it
	Name    string       `json:"name"`
	Status  attio.Status `json:"status"` // or "unreadable": an entry without what makes a member
	Role    attio.Role   `json:"role"`   // empty: Attio does not tell, as of those suspended
	Teams   []string     `json:"teams"`  // by name

	Management Management `json:"management"`
	Protected  bool       `json:"protected"` // named in protect.members
	Since      time.Time  `json:"managed_since,omitzero"`

	OktaID string `json:"okta_id"`
	// Access is granted, waiting, suspended or revoked, and "none" for somebody
	// whom the source does not have in its list.
	Access     string `json:"okta_access"`
	OktaStatus string `json:"okta_status"` // the source's own words
	// Assigned is "direct" or "group", empty for nobody's; Via is that group.
	Assigned string      `json:"assigned"`
	Via      *GroupNamed `json:"assigned_group"`
	// RoleFrom is what decides the role that they should have: attribute, group
	// or absence; empty where no role is decided. AdminGroups are the admin groups
	// that they are in.
	RoleFrom    string   `json:"role_from"`
	AdminGroups []string `json:"admin_groups"`
}

// AccessOf lists all places in the workspace by address: memberships, also
// suspended ones, and invites, whether managed or not. It is pure; each
// going through it works the places out anew.
func AccessOf(d *Draft) (iter.Seq[Access], error) {
	r, _, err := matchPeople(&d.input)
	if err != nil {
		return nil, err
	}
	a := &accessList{roster: r, roles: newRoleRules(&d.input, r), names: map[string]string{}, teams: make([][]int32, len(r.members))}
	for _, g := range d.input.Directory.Groups {
		a.names[g.ID] = g.Name
		if core.MeansAny(d.input.Policy.Roles.AdminGroups, g.GroupRef) {
			a.admins = append(a.admins, g)
		}
	}
	places := newIndex(func(id string) int {
		if i, ok := r.byID[id]; ok {
			return i
		}
		return -1
	})
	for n, t := range d.input.Workspace.Teams {
		table := places.table(t.Members)
		for _, number := range t.Members.Numbers() {
			if i := table[number]; i >= 0 {
				a.teams[i] = append(a.teams[i], int32(n)) //nolint:gosec // there are fewer teams
			}
		}
	}
	return a.all, nil
}

// accessList is what places are told from.
type accessList struct {
	*roster
	roles  roleRules
	names  map[string]string // of groups, by id
	admins []idp.Group       // the groups that make admins
	teams  [][]int32         // of each member, as places in the workspace's list
}

func (a *accessList) all(yield func(Access) bool) {
	type place struct {
		member int // -1: unread
		unread *attio.Unread
		fold   string
		id     string
	}
	places := make([]place, 0, len(a.members)+len(a.in.Workspace.Unread))
	for i := range a.members {
		places = append(places, place{i, nil, attio.FoldEmail(a.members[i].Email), a.members[i].ID})
	}
	for i := range a.in.Workspace.Unread {
		if u := &a.in.Workspace.Unread[i]; u.List != attio.ListGroups {
			places = append(places, place{-1, u, attio.FoldEmail(u.Email), u.ID})
		}
	}
	slices.SortStableFunc(places, func(x, y place) int {
		return cmp.Or(strings.Compare(x.fold, y.fold), strings.Compare(x.id, y.id))
	})
	for _, p := range places {
		x := Access{Status: statusUnreadable, Teams: []string{}, AdminGroups: []string{}, Management: IsUnmanaged, Access: "none"}
		if p.unread != nil {
			x.AttioID, x.Email = p.unread.ID, p.unread.Email
		} else {
			a.place(&x, p.member)
		}
		if !yield(x) {
			return
		}
	}
}

// place tells of one member or invite.
func (a *accessList) place(x *Access, i int) {
	m := &a.members[i]
	x.AttioID, x.Email, x.Status, x.Role = m.ID, m.Email, m.Status, m.Role
	x.Name = strings.TrimSpace(m.GivenName + " " + m.FamilyName)
	for _, n := range a.teams[i] {
		x.Teams = append(x.Teams, a.in.Workspace.Teams[n].Name)
	}
	slices.SortFunc(x.Teams, func(s, t string) int {
		return cmp.Or(strings.Compare(attio.FoldName(s), attio.FoldName(t)), strings.Compare(s, t))
	})
	x.Protected = a.in.Policy.Protected(m.Email)
	if s := a.owner[i]; s != nil {
		a.source(x, s, m)
	}
}

// source tells what the source says of whoever has the place.
func (a *accessList) source(x *Access, s *identity, m *attio.Member) {
	x.OktaID, x.Protected = s.id, a.protects(s)
	switch {
	case s.entry.Released:
		x.Management = IsReleased
	case s.managed:
		x.Management = IsManaged
	case s.status == in:
		x.Management = IsPending
	}
	if s.managed || s.entry.Released {
		x.Since = s.entry.ManagedSince
	}
	for _, g := range a.admins {
		if g.Members.Has(s.id) {
			x.AdminGroups = append(x.AdminGroups, g.Name)
		}
	}
	if s.status == in {
		x.RoleFrom = cmp.Or(a.roles.wanted(s, m.Role).from, "absence")
	}
	p := s.person
	if p == nil {
		return
	}
	x.Access, x.OktaStatus, x.Assigned = p.Access.String(), statusWords(p), "direct"
	if !p.Direct {
		x.Assigned = "group"
		if p.Via.ID != "" {
			x.Via = &GroupNamed{p.Via.ID, cmp.Or(a.names[p.Via.ID], p.Via.Name)}
		}
	}
}
