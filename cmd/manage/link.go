package manage

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/manage"
)

func newLink(p *cli.Program) *cobra.Command {
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
		Annotations:       cli.EndsAfterWriting(),
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: cli.CompleteOpen(p, groupNames, cli.TeamNames),
		RunE: func(c *cobra.Command, args []string) error {
			return link(c.Context(), p, args[0], args[1], o)
		},
	}
	o.flags(p, c)
	return c
}

func link(ctx context.Context, p *cli.Program, groupName, teamName string, o tieOptions) error {
	s, _, err := openManaged(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.Attio.Reader.Teams(ctx)
	if err != nil {
		return err
	}
	teams := map[string]string{}
	for _, t := range list {
		teams[t.ID] = t.Name
	}
	g, groups, err := findGroup(ctx, s, groupName)
	if err != nil {
		return err
	}
	if o.undo {
		return tie(ctx, p, s, "link", o, func(m core.Managed) (manage.Tie, error) {
			return manage.UndoLink(m, g.ID, manage.Names{Source: s.Okta.Name(), Groups: groups, Teams: teams})
		})
	}
	t, err := findTeam(list, teamName)
	if err != nil {
		return err
	}
	err = tie(ctx, p, s, "link", o, func(m core.Managed) (manage.Tie, error) {
		return manage.LinkGroup(m, s.Policy, g, t, manage.Names{Source: s.Okta.Name(), Groups: groups, Teams: teams})
	})
	if err == nil {
		outOfScope(p, s, g, groups)
	}
	return err
}

// outOfScope warns of a group that yields no team by the settings: the tie
// waits until it does.
func outOfScope(p *cli.Program, s *cli.Session, g idp.GroupRef, groups map[string]string) {
	if _, ok := groups[g.ID]; ok && s.Policy.Wants(g) && s.Policy.Teams.Source != idp.NoTeams {
		return
	}
	p.Warn(fmt.Sprintf("by the settings (teams.source: %s, teams.include, teams.exclude) the group yields no team now; the tie takes effect when it does.", s.Policy.Teams.Source))
}
