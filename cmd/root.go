// Package cmd is the command line: the tree of commands, the flags that all have,
// and the exit code. The commands themselves are in the rooms below it.
package cmd

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
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
	return toTheEnd(ctx, p)
}

// toTheEnd runs the command line, tells what ended it, and gives the exit code.
func toTheEnd(ctx context.Context, p *cli.Program) int {
	err := execute(ctx, p)
	p.Turned()
	return end(ctx, p, err)
}

// end tells what ended the command line, once, and gives the exit code of it.
func end(ctx context.Context, p *cli.Program, err error) int {
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
	if err := cli.KnownCommand(root, p.Args); err != nil {
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
		Example: `  scim-sync plan --sandbox      try it: no account, nothing is touched
  scim-sync plan                what would change
  scim-sync apply               change it, after asking
  scim-sync apply --yes         in cron and CI`,
		Annotations:   cli.Ends(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if slices.Contains(paged(), c.CommandPath()) {
				p.Page()
			}
			return cmp.Or(p.Begin(), everyWorkspace(p, c, toTheEnd))
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetVersionTemplate("scim-sync {{.Version}}\n")
	f := root.PersistentFlags()
	f.StringVar(&p.Flags.Config, "config", "", "`FILE` with the settings (else $SCIM_SYNC_CONFIG, ./scim-sync.yaml, $XDG_CONFIG_HOME/scim-sync/scim-sync.yaml)")
	f.StringVar(&p.Flags.Workspace, "workspace", "", "`NAME` of the workspace, where the settings describe several, or all; else the slug or id that it has to be")
	f.BoolVar(&p.Flags.Sandbox, "sandbox", false, "run against a small Okta and Attio inside this process; touches nothing outside")
	f.BoolVar(&p.Flags.NoColor, "no-color", false, "no colour, on any stream")
	f.BoolVarP(&p.Flags.Quiet, "quiet", "q", false, "only what was asked for, and errors")
	f.StringVar(&p.Flags.LogLevel, "log-level", "warn", "tell what is of this `LEVEL` or graver: debug, info, warn or error")
	f.StringVar(&p.Flags.LogFormat, "log-format", "text", "`FORMAT` of the log: text or json")
	root.SetFlagErrorFunc(cli.FlagError)
	root.AddCommand(run.Commands(p)...)
	root.AddCommand(account.Commands(p)...)
	root.AddCommand(manage.Commands(p)...)
	root.AddCommand(check.Commands(p)...)
	root.AddCommand(setup.Command(p, check.Doctor), serve.Command(p, Execute), newVersion(p), newCompletion(root), cli.HelpOnExitCodes())
	root.CompletionOptions.DisableDefaultCmd = true // for one with examples
	root.SetHelpCommand(newHelp(root))
	root.InitDefaultHelpCmd()
	cli.UseHelp(root, shelves())
	cli.PlainArguments(root)
	for flag, words := range map[string][]string{"log-level": {"debug", "info", "warn", "error"}, "log-format": {"text", "json"}} {
		_ = root.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // fails only for a flag that is not there
	}
	_ = root.RegisterFlagCompletionFunc("workspace", cli.Complete(p, workspaceNames(p)))
	return root
}

// paged are the commands that may print more than a screen holds, and ask nothing.
func paged() (list []string) {
	for _, name := range []string{"plan", "show", "explain", "history", "report access", "state show", "config show", "config schema"} {
		list = append(list, "scim-sync "+name)
	}
	return list
}

// shelves are the commands in the order in which somebody comes to need them.
func shelves() []cli.Shelf {
	return []cli.Shelf{
		{Title: "Start here", Commands: []string{"sandbox", "init", "login", "doctor"}},
		{Title: "Every day", Commands: []string{"plan", "apply", "watch"}},
		{Title: "Look", Commands: []string{"status", "explain", "history", "show", "report"}},
		{Title: "Say what is managed", Commands: []string{"link", "unlink", "release", "pause", "resume", "state"}},
		{Title: "Set up", Commands: []string{"config", "notify", "logout", "token", "completion", "version"}},
	}
}
