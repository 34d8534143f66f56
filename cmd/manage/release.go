package manage

import (
	"context"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/manage"
)

func newRelease(p *cli.Program) *cobra.Command {
	var o tieOptions
	var all bool
	c := &cobra.Command{
		Use:        "release EMAIL|--all",
		SuggestFor: []string{"ignore"},
		Short:      "Stop managing somebody; they stay as they are in Attio",
		Long: `release stops managing somebody, at once: whatever Okta says of them from then
on, no run adds, changes or suspends them, until --undo. Only state and journal
are written, nothing in Attio. They are no strangers either: no run takes them
out of a team.

EMAIL is an address or an Okta id; of two people with one address, name the one
that is meant by the id. Somebody who is assigned in Okta and not managed yet
can be released too, so that they never will be.`,
		Example: `  scim-sync release ada@acme.com --reason 'on loan to the sister company'
  scim-sync release ada@acme.com --undo
  scim-sync release --all`,
		Annotations: cli.EndsAfterWriting(),
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case all && len(args) > 0:
				return cli.Usagef("either an address or --all, not both")
			case !all && len(args) != 1:
				return cli.Usagef("name one person by address, or say --all")
			}
			return nil
		},
		ValidArgsFunction: cli.CompleteOpen(p, cli.ManagedAddresses),
		RunE: func(c *cobra.Command, args []string) error {
			if all {
				return releaseAll(c.Context(), p, o)
			}
			return release(c.Context(), p, args[0], o)
		},
	}
	o.flags(p, c)
	c.Flags().BoolVar(&all, "all", false, "everybody who is managed (with --undo: who is released)")
	return c
}

func releaseAll(ctx context.Context, p *cli.Program, o tieOptions) error {
	s, err := cli.Open(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	return tie(ctx, p, s, "release --all", o, func(m core.Managed) (manage.Tie, error) { return manage.ReleaseAll(m, o.undo), nil })
}

func release(ctx context.Context, p *cli.Program, name string, o tieOptions) error {
	s, m, err := openManaged(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	people, err := assignedUnlessKnown(ctx, s, m, name)
	if err != nil {
		return err
	}
	return tie(ctx, p, s, "release", o, func(m core.Managed) (manage.Tie, error) {
		if o.undo {
			return manage.UndoRelease(m, name, people)
		}
		return manage.Release(m, name, people)
	})
}

// assignedUnlessKnown reads who is assigned in Okta, if state does not know
// who is meant.
func assignedUnlessKnown(ctx context.Context, s *cli.Session, m core.Managed, name string) ([]idp.Person, error) {
	if len(m.FindPeople(name)) > 0 {
		return nil, nil
	}
	dir, err := s.Okta.Source.Directory(ctx, idp.Query{Teams: idp.NoTeams})
	return dir.People, err
}
