package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
)

// shell is one whose command line can be completed.
type shell struct {
	name            string
	install         string // how to have the script loaded
	here, always    string // the command lines of that
	script, without func(io.Writer) error
}

func shells(root *cobra.Command) []shell {
	bash := func(described bool) func(io.Writer) error {
		return func(out io.Writer) error { return root.GenBashCompletionV2(out, described) }
	}
	fish := func(described bool) func(io.Writer) error {
		return func(out io.Writer) error { return root.GenFishCompletion(out, described) }
	}
	return []shell{
		{name: "bash", script: bash(true), without: bash(false),
			install: `It needs the package bash-completion. The first line below is for the shell at
hand; the second, once, for all that are opened later. For everybody on a
machine, write the script into /etc/bash_completion.d, on macOS with Homebrew
into /opt/homebrew/etc/bash_completion.d.`,
			here: "source <(scim-sync completion bash)", always: "echo 'source <(scim-sync completion bash)' >> ~/.bashrc"},
		{name: "zsh", script: root.GenZshCompletion, without: root.GenZshCompletionNoDesc,
			install: `Completion has to be on in zsh. If it is not, put this line into ~/.zshrc:

  autoload -U compinit; compinit

The first line below is for the shell at hand; the second, once, puts the script
where zsh looks for all that are opened later.`,
			here: "source <(scim-sync completion zsh)", always: `scim-sync completion zsh > "${fpath[1]}/_scim-sync"`},
		{name: "fish", script: fish(true), without: fish(false),
			install: `The first line below is for the shell at hand; the second, once, for all that are
opened later.`,
			here: "scim-sync completion fish | source", always: "scim-sync completion fish > ~/.config/fish/completions/scim-sync.fish"},
		{name: "powershell", script: root.GenPowerShellCompletionWithDesc, without: root.GenPowerShellCompletion,
			install: `The first line below is for the shell at hand; the second, once, adds the script to
the profile, for all that are opened later.`,
			here: "scim-sync completion powershell | Out-String | Invoke-Expression", always: "scim-sync completion powershell >> $PROFILE"},
	}
}

func newCompletion(root *cobra.Command) *cobra.Command {
	var all []*cobra.Command
	for _, s := range shells(root) {
		all = append(all, newShell(s))
	}
	c := cli.Parent("completion", "Complete commands, flags and names in a shell", all...)
	c.Long = `completion prints the script that has a shell complete commands, flags, formats,
and the people and teams that the state knows. How to have it loaded is in the help
of each: scim-sync completion bash --help`
	return c
}

func newShell(s shell) *cobra.Command {
	var plain bool
	c := &cobra.Command{
		Use:         s.name,
		Short:       "Print the script for " + s.name,
		Long:        s.name + " prints the script that has " + s.name + " complete what is typed.\n\n" + s.install,
		Example:     "  " + s.here + "\n  " + s.always,
		Annotations: cli.Ends(),
		Args:        cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if plain {
				return s.without(c.OutOrStdout())
			}
			return s.script(c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&plain, "no-descriptions", false, "names alone, without what they mean")
	return c
}
