package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
)

// newHelp is the command that shows the help of another.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		Example: `  scim-sync help apply
  scim-sync help state move
  scim-sync help exit-codes`,
		Annotations: cli.Ends(),
		ValidArgsFunction: func(_ *cobra.Command, args []string, typed string) (names []string, _ cobra.ShellCompDirective) {
			c, _, err := root.Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			for _, sub := range c.Commands() {
				if strings.HasPrefix(sub.Name(), typed) && !sub.Hidden {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c, _, err := root.Find(args) // one that is not there has been refused
			if err != nil {
				return err
			}
			return c.Help()
		},
	}
}
