// Package cmd is the command line: the tree of commands, the flags that all have,
// and the exit code. The commands themselves are in the rooms below it.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/account"
	"scim-sync/cmd/check"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/manage"
	"scim-sync/cmd/run"
	"scim-sync/cmd/serve"
	"scim-sync/cmd/setup"
	"scim-sync/cmd/view"
	"scim-sync/internal/group"
)

// System is the outside world as the commands see it.
type System = cli.System

// Execute runs the command line and gives the exit code.
func Execute(ctx context.Context, sys System) int {
	p := cli.New(sys)
	err := execute(ctx, p)
	code := cli.Code(ctx, err)
	if err == nil || cli.Told(err) {
		return code
	}
	if trouble, ok := errors.AsType[*group.PanicError](err); ok {
		_, _ = p.Stderr.Write(trouble.Stack)
	}
	if code == cli.ExitInterrupted && errors.Is(err, context.Canceled) {
		err = errors.New("interrupted; nothing was written")
	}
	_ = view.Error(p.Err, err)
	return code
}

// execute builds the command tree and runs it; a panic becomes an error.
func execute(ctx context.Context, p *cli.Program) (err error) {
	defer group.Recover(&err)
	root := newRoot(p)
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	if err := knownCommand(root, p.Args); err != nil {
		return err
	}
	return root.ExecuteContext(ctx)
}

// Tree is the tree of commands, for those who write about it: man pages and
// completions.
func Tree(version string) *cobra.Command {
	return newRoot(cli.New(System{Version: version, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}))
}

func newRoot(p *cli.Program) *cobra.Command {
	root := &cobra.Command{
		Use:     "scim-sync",
		Short:   "Keep an Attio workspace in step with Okta",
		Version: p.Version,
		Long: `scim-sync reads from Okta who is assigned to the app and which groups they are
in, compares that with an Attio workspace's members, roles and teams, shows a
plan, and applies it over Attio's SCIM API.`,
		Example: `  scim-sync plan --sandbox      try it: no account needed, nothing is touched
  scim-sync plan                what would change
  scim-sync apply               change it, after asking
  scim-sync apply --yes         in cron and CI`,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true,
		Args:                       cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return p.Begin()
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetVersionTemplate("scim-sync {{.Version}}\n")
	f := root.PersistentFlags()
	f.StringVar(&p.Flags.Config, "config", "", "settings file (else $SCIM_SYNC_CONFIG, ./scim-sync.yaml, $XDG_CONFIG_HOME/scim-sync/scim-sync.yaml)")
	f.BoolVar(&p.Flags.Sandbox, "sandbox", false, "run against a small Okta and Attio inside this process; touches nothing outside")
	f.BoolVar(&p.Flags.NoColor, "no-color", false, "no colour, on any stream")
	f.BoolVarP(&p.Flags.Quiet, "quiet", "q", false, "only what was asked for, and errors")
	f.StringVar(&p.Flags.LogLevel, "log-level", "warn", "debug, info, warn or error")
	f.StringVar(&p.Flags.LogFormat, "log-format", "text", "text or json")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		text, _, _ := strings.Cut(err.Error(), ": strconv.")
		return &cli.UsageError{Text: text, Advice: "See: " + c.CommandPath() + " --help"}
	})
	root.AddCommand(run.Commands(p)...)
	root.AddCommand(account.Commands(p)...)
	root.AddCommand(manage.Commands(p)...)
	root.AddCommand(check.Commands(p)...)
	root.AddCommand(setup.Command(p, check.Doctor), serve.Command(p, Execute), newVersion(p))
	root.SetOut(p.Stdout) // which the completion command takes as it is now
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args = cobra.NoArgs
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
	wrapArgs(root)
	return root
}

// knownCommand says that a command does not exist before anything is said
// about its flags.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], "__complete") {
		return nil
	}
	if args[0] == "help" {
		return knownCommand(root, args[1:])
	}
	if c, _, err := root.Find(args); err == nil && c != root {
		return nil
	}
	hint := "See: scim-sync --help"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "Did you mean: scim-sync " + strings.Join(near, ", scim-sync ")
	}
	return &cli.UsageError{Text: fmt.Sprintf("there is no command %q", args[0]), Advice: hint}
}

// wrapArgs turns cobra's complaints about arguments into usage errors.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return &cli.UsageError{Text: err.Error(), Advice: "See: " + c.CommandPath() + " --help"}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}
