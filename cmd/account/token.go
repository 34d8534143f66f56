package account

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/config"
)

func newToken(p *cli.Program) *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "token",
		Short: "Print the token to a pipe, for handing it to a CI secret",
		Long: `token prints the access token that runs use, to be handed to the store of
secrets of a CI system. It prints to a pipe or a file only: a token on a screen
stays in its scroll-back.`,
		Example: `  scim-sync token | gh secret set ATTIO_TOKEN
  scim-sync token --force                 on a terminal all the same`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return printToken(c.Context(), p, force) },
	}
	c.Flags().BoolVar(&force, "force", false, "print to a terminal, too")
	return c
}

func printToken(ctx context.Context, p *cli.Program, force bool) error {
	if p.Out.TTY && !force {
		return &cli.UsageError{Text: "the token is not printed to a terminal", Advice: "Pipe it to where it is needed: scim-sync token | gh secret set ATTIO_TOKEN; or insist: scim-sync token --force"}
	}
	s, err := cli.NewSettings(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Need(config.NeedAttio); err != nil {
		return err
	}
	c, err := cli.NewCredential(p, s)
	if err != nil {
		return err
	}
	text, err := c.Token(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Plain, text)
	return err
}
