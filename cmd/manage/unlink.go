package manage

import (
	"context"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/manage"
)

func newUnlink(p *cli.Program) *cobra.Command {
	var o tieOptions
	c := &cobra.Command{
		Use:   "unlink GROUP",
		Short: "Stop managing the team of an Okta group",
		Long: `unlink stops managing a group's team, at once: the team and its people stay as
they are in Attio, and the group gets no other team, until --undo. Only state
and journal are written, nothing in Attio.

GROUP is a group's name in Okta, or its id; for a group that Okta no longer
has, also the name of its team.`,
		Example: `  scim-sync unlink Sales
  scim-sync unlink Sales --undo`,
		Annotations:       cli.EndsAfterWriting(),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cli.CompleteOpen(p, groupNames),
		RunE:              func(c *cobra.Command, args []string) error { return unlink(c.Context(), p, args[0], o) },
	}
	o.flags(p, c)
	return c
}

func unlink(ctx context.Context, p *cli.Program, name string, o tieOptions) error {
	s, m, err := openManaged(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	id, groups, err := groupToUnlink(ctx, s, m, name)
	if err != nil {
		return err
	}
	return tie(ctx, p, s, "unlink", o, func(m core.Managed) (manage.Tie, error) {
		if o.undo {
			return manage.UndoUnlink(m, id, manage.Names{Source: s.Okta.Name(), Groups: groups})
		}
		return manage.UnlinkGroup(m, id, manage.Names{Source: s.Okta.Name(), Groups: groups}), nil
	})
}

// groupToUnlink finds the group that is meant: by an id that state knows, among
// Okta's groups, else by the name of its team.
func groupToUnlink(ctx context.Context, s *cli.Session, m core.Managed, name string) (string, map[string]string, error) {
	if _, known := m.Teams[name]; known {
		return name, map[string]string{}, nil
	}
	found, groups, err := findGroups(ctx, s, name)
	if err != nil {
		return "", nil, err
	}
	if len(found) == 0 {
		if id, err := groupOfTeam(m, name); id != "" || err != nil {
			return id, groups, err
		}
	}
	g, err := oneGroup(found, name, groups)
	groups[g.ID] = g.Name
	return g.ID, groups, err
}

// groupOfTeam finds a group of the state by its team, for groups that Okta has
// no more; empty when there is none.
func groupOfTeam(m core.Managed, name string) (string, error) {
	var found []core.ManagedTeam
	for _, t := range m.SortedTeams() {
		if t.TeamID == name || t.Applied.Name != "" && attio.FoldName(t.Applied.Name) == attio.FoldName(name) {
			found = append(found, t)
		}
	}
	t, err := cli.One(found, "group", name, nil, func(t core.ManagedTeam) (string, string) { return t.Applied.Name, t.GroupID })
	return t.GroupID, err
}
