package planner

import (
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// team is one team that should exist: one group, or several that go to the
// same team.
type team struct {
	groups   []idp.Group // sorted by id
	name     string
	mapped   bool               // the settings name this team for the group
	tied     []core.ManagedTeam // what state has for the groups, same order; zero if nothing
	at       *attio.Team        // nil: to be created
	adopting bool
	deleted  bool // it had a team, which is not there any more
	// keeps: one of its groups is gone from Okta, and with it the knowledge of
	// who was in it; nobody whom Okta manages is taken out.
	keeps bool
}

func (t *team) key() string { return t.groups[0].ID }

func (t *team) ref() *core.TeamRef {
	r := &core.TeamRef{OktaID: t.key(), Name: t.name}
	if t.at != nil {
		r.AttioID = t.at.ID
	}
	if len(t.groups) > 1 {
		r.Groups = t.groupIDs()
	}
	if len(t.groups) > 1 || t.groups[0].Name != t.name {
		r.GroupNames = t.groupNames()
	}
	return r
}

// known is what state has of the team there is; zero if nothing.
func (t *team) known() core.ManagedTeam {
	for _, m := range t.tied {
		if t.at != nil && m.TeamID == t.at.ID {
			return m
		}
	}
	return core.ManagedTeam{}
}

// parted says whether the groups had a team, which goes on as another's.
func (t *team) parted() bool {
	return !t.deleted && slices.ContainsFunc(t.tied, func(m core.ManagedTeam) bool { return m.TeamID != "" })
}

func (t *team) groupNames() []string {
	names := make([]string, len(t.groups))
	for i, g := range t.groups {
		names[i] = g.Name
	}
	return names
}

func (t *team) groupIDs() []string {
	ids := make([]string, len(t.groups))
	for i, g := range t.groups {
		ids[i] = g.ID
	}
	return ids
}

func (t *team) refs() []idp.GroupRef {
	refs := make([]idp.GroupRef, len(t.groups))
	for i, g := range t.groups {
		refs[i] = g.GroupRef
	}
	return refs
}

// unsure says whether the source contradicts itself about who is in one of the
// groups: nobody whom Okta manages is taken out then.
func (t *team) unsure() bool {
	return slices.ContainsFunc(t.groups, func(g idp.Group) bool { return g.Unsure })
}

// about names the team's groups, and the team where there is one.
func (t *team) about() []core.About {
	list := groupsAbout(t.groupIDs()...)
	if t.at != nil {
		for i := range list {
			list[i].AttioID = t.at.ID
		}
	}
	return list
}

// label names the team's groups for people.
func (t *team) label() string {
	names := make([]string, len(t.groups))
	for i, g := range t.groups {
		names[i] = g.Name
	}
	return strings.Join(names, " + ")
}

// shellName is what to call a thing on a command line: a name that looks like a
// flag is none there.
func shellName(name, id string) string {
	if strings.HasPrefix(name, "-") {
		return core.Quote(id)
	}
	return core.Quote(name)
}
