package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"scim-sync/config"
)

func newToken(a *app) *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "token",
		Short: "Print the token to a pipe, for handing it to a CI secret",
		Long: `token prints the access token that runs use, to be handed to the store of
secrets of a CI system. It prints to a pipe or a file only: a token on a screen
stays in its scroll-back.`,
		Example: `  scim-sync token | gh secret set ATTIO_TOKEN
  scim-sync token --force                 on a terminal all the same`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.printToken(c.Context(), force) },
	}
	c.Flags().BoolVar(&force, "force", false, "print to a terminal, too")
	return c
}

func (a *app) printToken(ctx context.Context, force bool) error {
	if a.out.TTY && !force {
		return &usageError{text: "the token is not printed to a terminal", hint: "Pipe it to where it is needed: scim-sync token | gh secret set ATTIO_TOKEN; or insist: scim-sync token --force"}
	}
	s := &session{began: a.Now()}
	if err := a.load(ctx, s); err != nil {
		return err
	}
	defer s.close()
	if err := s.settings.Need(config.NeedAttio); err != nil {
		return err
	}
	from, err := a.credentialFor(s.settings)
	if err != nil {
		return err
	}
	text, err := from.token(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.plain, text)
	return err
}
