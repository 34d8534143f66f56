// Package cmd holds the commands, one file each: it reads flags and settings,
// connects the rooms, and turns what came of it into words and an exit code.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/view"
	"scim-sync/internal/group"
)

// Execute runs the command line and gives the exit code.
func Execute(ctx context.Context, sys System) (code int) {
	a := &app{System: sys, hush: new(hush), plain: sys.Stdout}
	a.err = view.Probe(sys.Stderr, false, sys.LookupEnv)
	err := a.run(ctx)
	code = codeOf(err)
	if err != nil && interrupted(ctx) && code != ExitStepFailed {
		code = ExitInterrupted
	}
	var told *codeError
	if errors.As(err, &told) && told.err == nil {
		return code
	}
	if trouble, ok := errors.AsType[*group.PanicError](err); ok {
		_, _ = a.Stderr.Write(trouble.Stack)
	}
	if code == ExitInterrupted && errors.Is(err, context.Canceled) {
		err = errors.New("interrupted; nothing was written")
	}
	if err != nil {
		_ = view.Error(a.err, err)
	}
	return code
}

// run builds the command tree and executes it; a panic becomes an error.
func (a *app) run(ctx context.Context) (err error) {
	defer group.Recover(&err)
	root := newRoot(a)
	root.SetArgs(a.Args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	if err := knownCommand(root, a.Args); err != nil {
		return err
	}
	return root.ExecuteContext(ctx)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:     "scim-sync",
		Short:   "Keep an Attio workspace in step with Okta",
		Version: a.Version,
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
			return a.prepare()
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetVersionTemplate("scim-sync {{.Version}}\n")
	f := root.PersistentFlags()
	f.StringVar(&a.global.config, "config", "", "settings file (else $SCIM_SYNC_CONFIG, ./scim-sync.yaml, $XDG_CONFIG_HOME/scim-sync/scim-sync.yaml)")
	f.BoolVar(&a.global.sandbox, "sandbox", false, "run against a small Okta and Attio inside this process; touches nothing outside")
	f.BoolVar(&a.global.noColor, "no-color", false, "no colour, on any stream")
	f.BoolVarP(&a.global.quiet, "quiet", "q", false, "only what was asked for, and errors")
	f.StringVar(&a.global.logLevel, "log-level", "warn", "debug, info, warn or error")
	f.StringVar(&a.global.logFormat, "log-format", "text", "text or json")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		text, _, _ := strings.Cut(err.Error(), ": strconv.")
		return &usageError{text: text, hint: "See: " + c.CommandPath() + " --help"}
	})
	root.AddCommand(newPlan(a), newApply(a), newConfig(a), newVersion(a), newSandbox(a))
	root.AddCommand(newLogin(a), newLogout(a), newStatus(a), newToken(a), newDoctor(a))
	root.AddCommand(newLink(a), newUnlink(a), newRelease(a), newExplain(a), newHistory(a), newState(a))
	root.SetOut(a.Stdout) // which the completion command takes as it is now
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
	return &usageError{text: fmt.Sprintf("there is no command %q", args[0]), hint: hint}
}

// wrapArgs turns cobra's complaints about arguments into usage errors.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return &usageError{text: err.Error(), hint: "See: " + c.CommandPath() + " --help"}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return view.Line(a.out, "scim-sync "+a.Version)
		},
	}
}
