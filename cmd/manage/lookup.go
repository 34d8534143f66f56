package manage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"scim-sync/attio"
	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
	core "scim-sync/sync"
)

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
	none := &cli.UsageError{Text: "Attio has no team " + core.Quote(name), Advice: cli.Near(name, cli.NamesOf(list, func(t attio.Team) string { return t.Name }), "Name a team as Attio shows it, or by its id.")}
	return cli.One(same, "team in Attio", name, none, func(t attio.Team) (string, string) { return t.Name, t.ID })
}

// teamLister is a source that can list groups without their people.
type teamLister interface {
	TeamGroups(context.Context, idp.Query) ([]idp.GroupRef, []idp.Note, error)
}

// findGroup finds the group that a name or an id means. groups are the names
// of those that yield teams.
func findGroup(ctx context.Context, s *cli.Session, name string) (idp.GroupRef, map[string]string, error) {
	found, groups, err := findGroups(ctx, s, name)
	if err != nil {
		return idp.GroupRef{}, nil, err
	}
	g, err := oneGroup(found, name, groups)
	return g, groups, err
}

// findGroups looks among the groups that yield teams, else anywhere in Okta.
func findGroups(ctx context.Context, s *cli.Session, name string) ([]idp.GroupRef, map[string]string, error) {
	lister, ok := s.Okta.Source.(teamLister)
	if !ok {
		return nil, nil, fmt.Errorf("the source %v cannot list groups", s.Okta.Source)
	}
	list, _, err := lister.TeamGroups(ctx, s.Policy.Query())
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
		return nil, nil, &cli.UsageError{Text: e.Detail, Advice: cli.ByID}
	}
	return found, groups, err
}

// oneGroup is the one that was found. groups are the names of those that yield teams.
func oneGroup(found []idp.GroupRef, name string, groups map[string]string) (idp.GroupRef, error) {
	none := &cli.UsageError{Text: "Okta has no group " + core.Quote(name),
		Advice: cli.Near(name, slices.Sorted(maps.Values(groups)), "Name a group exactly as Okta shows it, or by its id.")}
	return cli.One(found, "group in Okta", name, none, func(g idp.GroupRef) (string, string) { return g.Name, g.ID })
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

// groupNames are the names of the groups that yield teams.
func groupNames(ctx context.Context, s *cli.Session) ([]string, error) {
	lister, ok := s.Okta.Source.(teamLister)
	if !ok {
		return nil, nil
	}
	groups, _, err := lister.TeamGroups(ctx, s.Policy.Query())
	return cli.NamesOf(groups, func(g idp.GroupRef) string { return g.Name }), err
}
