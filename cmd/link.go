package cmd

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/manage"
)

func newLink(a *app) *cobra.Command {
	var o tieOptions
	c := &cobra.Command{
		Use:   "link GROUP TEAM",
		Short: "Tie an Okta group to a team that Attio has already",
		Long: `link ties an Okta group to an existing Attio team, at once: from the next run
on, the group's people are the team's people. Only state and journal are
written, nothing in Attio.

GROUP is a group's name in Okta, or its id. TEAM is a team's name in Attio, or
its id. The team keeps the name it has, unless the setting teams.groups names
one for the group; a team that is called like the group already follows the
group's later renames.`,
		Example: `  scim-sync link Sales 'Field team'
  scim-sync link Sales 'Field team' --dry-run
  scim-sync link Sales 'Field team' --undo`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.complete(a.completeLink),
		RunE: func(c *cobra.Command, args []string) error {
			return a.link(c.Context(), args[0], args[1], o)
		},
	}
	o.flags(c)
	return c
}

func (a *app) link(ctx context.Context, groupName, teamName string, o tieOptions) error {
	s, _, err := a.openManaged(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	list, err := s.reader.Teams(ctx)
	if err != nil {
		return err
	}
	teams := map[string]string{}
	for _, t := range list {
		teams[t.ID] = t.Name
	}
	g, groups, err := a.findGroup(ctx, s, groupName)
	if err != nil {
		return err
	}
	if o.undo {
		return a.tie(ctx, s, "link", o, func(m core.Managed) (manage.Tie, error) {
			return manage.UndoLink(m, g.ID, manage.Names{Source: "Okta", Groups: groups, Teams: teams})
		})
	}
	t, err := findTeam(list, teamName)
	if err != nil {
		return err
	}
	err = a.tie(ctx, s, "link", o, func(m core.Managed) (manage.Tie, error) {
		return manage.LinkGroup(m, s.policy, g, t, manage.Names{Source: "Okta", Groups: groups, Teams: teams})
	})
	if err == nil {
		a.outOfScope(s, g, groups)
	}
	return err
}

// outOfScope warns of a group that yields no team by the settings: the tie
// waits until it does.
func (a *app) outOfScope(s *session, g idp.GroupRef, groups map[string]string) {
	if _, ok := groups[g.ID]; ok && s.policy.Wants(g) && s.policy.Teams.Source != idp.NoTeams {
		return
	}
	a.say(fmt.Sprintf("Warning: by the settings (teams.source: %s, teams.include, teams.exclude) the group yields no team now; the tie takes effect when it does.", s.policy.Teams.Source))
}

// findTeam finds the team that a name or an id means.
func findTeam(list []attio.Team, name string) (attio.Team, error) {
	var same []attio.Team
	for _, t := range list {
		switch {
		case t.ID == name:
			return t, nil
		case attio.FoldName(t.Name) == attio.FoldName(name):
			same = append(same, t)
		}
	}
	if len(same) == 0 {
		return attio.Team{}, &usageError{text: "Attio has no team " + core.Quote(name), hint: "Name a team as Attio shows it, or by its id."}
	}
	if len(same) > 1 {
		return attio.Team{}, severalMeant("team in Attio", name, same, func(t attio.Team) (string, string) { return t.Name, t.ID })
	}
	return same[0], nil
}

// severalMeant names all that a name means.
func severalMeant[T any](what, name string, found []T, of func(T) (name, id string)) error {
	parts := make([]string, len(found))
	for i, x := range found {
		n, id := of(x)
		parts[i] = n + " (" + id + ")"
	}
	sort.Strings(parts)
	return &usageError{text: fmt.Sprintf("%s means more than one %s: %s", core.Quote(name), what, strings.Join(parts, " and ")),
		hint: byID}
}

// teamLister is a source that can list groups without their people.
type teamLister interface {
	TeamGroups(context.Context, idp.Query) ([]idp.GroupRef, []idp.Note, error)
}

// findGroup finds the group that a name or an id means. groups are the names
// of those that yield teams.
func (a *app) findGroup(ctx context.Context, s *session, name string) (idp.GroupRef, map[string]string, error) {
	found, groups, err := a.findGroups(ctx, s, name)
	if err != nil {
		return idp.GroupRef{}, nil, err
	}
	g, err := oneGroup(found, name)
	return g, groups, err
}

// findGroups looks among the groups that yield teams, else anywhere in Okta.
func (a *app) findGroups(ctx context.Context, s *session, name string) ([]idp.GroupRef, map[string]string, error) {
	lister, ok := s.source.(teamLister)
	if !ok {
		return nil, nil, fmt.Errorf("the source %v cannot list groups", s.source)
	}
	list, _, err := lister.TeamGroups(ctx, s.policy.Query())
	if err != nil {
		return nil, nil, err
	}
	groups := map[string]string{}
	for _, g := range list {
		groups[g.ID] = g.Name
	}
	if found := groupsNamed(list, name); len(found) > 0 {
		return found, groups, nil
	}
	found, _, err := lister.TeamGroups(ctx, idp.Query{Teams: idp.ListedGroups, Listed: []string{name}})
	if e, ok := errors.AsType[*idp.Error](err); ok && e.Kind == idp.Setting {
		return nil, nil, &usageError{text: e.Detail, hint: byID}
	}
	return found, groups, err
}

const byID = "Name the one that is meant by its id."

func oneGroup(found []idp.GroupRef, name string) (idp.GroupRef, error) {
	switch len(found) {
	case 0:
		return idp.GroupRef{}, &usageError{text: "Okta has no group " + core.Quote(name), hint: "Name a group exactly as Okta shows it, or by its id."}
	case 1:
		return found[0], nil
	}
	return idp.GroupRef{}, severalMeant("group in Okta", name, found, func(g idp.GroupRef) (string, string) { return g.Name, g.ID })
}

// groupsNamed are the groups of that id or exact name, else of a name that
// differs only in case or white space.
func groupsNamed(list []idp.GroupRef, name string) []idp.GroupRef {
	var exact, loose []idp.GroupRef
	for _, g := range list {
		switch {
		case g.ID == name:
			return []idp.GroupRef{g}
		case g.Name == name:
			exact = append(exact, g)
		case attio.FoldName(g.Name) == attio.FoldName(name):
			loose = append(loose, g)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return loose
}
