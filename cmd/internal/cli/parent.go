package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// Parent is a command that only has others below it.
func Parent(use, short string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, Annotations: Ends(), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	if c.Example = below[0].Example; len(below) > 1 {
		c.Example = firstLines(below)
	}
	c.AddCommand(below...)
	return c
}

// firstLines are the first example of each.
func firstLines(commands []*cobra.Command) string {
	list := make([]string, len(commands))
	for i, c := range commands {
		list[i], _, _ = strings.Cut(c.Example, "\n")
	}
	return strings.Join(list, "\n")
}
