package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/account"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/config"
)

// commandLine runs a command line to its end, and gives its exit code.
type commandLine func(context.Context, *cli.Program) int

// everyWorkspace makes a command run for each workspace that the settings describe,
// one after the other: each as if it had been named, with a lock, a journal and an
// end of its own. All that they share is what was read of Okta.
func everyWorkspace(p *cli.Program, c *cobra.Command, run commandLine) error {
	if p.WorkspaceName() != config.EveryWorkspace {
		return nil
	}
	path := strings.TrimPrefix(c.CommandPath(), "scim-sync ")
	if !slices.Contains(forEach(), path) {
		return &cli.UsageError{Text: path + " is for one workspace at a time", Advice: "Name it: --workspace NAME"}
	}
	for _, flag := range []string{"out", "report", "save-directory", "metrics-file"} {
		if f := c.Flags().Lookup(flag); f != nil && f.Changed {
			return &cli.UsageError{Text: "--" + flag + " names one file, and every workspace would write it anew", Advice: "Run the workspaces one by one: --workspace NAME"}
		}
	}
	if f := c.Flags().Lookup("format"); f != nil && !slices.Contains([]string{"text", "json"}, f.Value.String()) {
		return &cli.UsageError{Text: "--format " + f.Value.String() + " is one document, and every workspace would begin another", Advice: "Use text or json (a document each, one after the other), or --workspace NAME."}
	}
	if path == "apply" && c.Flags().NArg() > 0 {
		return &cli.UsageError{Text: "a saved plan is for one workspace", Advice: "Name it: --workspace NAME"}
	}
	names, err := config.Workspaces(p.Sources())
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return &cli.UsageError{Text: "--workspace all: the settings describe no workspaces beside one another",
			Advice: "List them below workspaces: in the settings file, or name a folder of such files with --config (docs/workspaces.md)."}
	}
	if err := apart(p, names); err != nil {
		return err
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return inTurn(c, p, names, run) }
	return nil
}

// forEach are the commands that make sense for one workspace after the other.
func forEach() []string {
	return []string{"plan", "apply", "status", "doctor", "explain", "history", "pause", "resume",
		"report access", "config show", "config validate", "state show", "notify test"}
}

// apart refuses settings by which one workspace would write over what another has
// just written.
func apart(p *cli.Program, names []string) error {
	files := map[string]string{}
	for _, name := range names {
		src := p.Sources()
		src.Workspace = name
		s, err := config.Load(src)
		if err != nil {
			continue // its own turn says why
		}
		for key, file := range map[string]string{"metrics_file": s.MetricsFile, "state.url": s.State.URL.Reveal()} {
			if file == "" || key == "state.url" && !strings.HasPrefix(file, "file:") { // a store keeps workspaces apart by their ids
				continue
			}
			if other, taken := files[key+file]; taken {
				return &cli.UsageError{Text: fmt.Sprintf("the workspaces %s and %s have one %s: %s", other, name, key, file), Advice: "Give each its own, in its entry below workspaces."}
			}
			files[key+file] = name
		}
	}
	return nil
}

// inTurn runs the command line for each of the workspaces, and ends as the worst of
// them did.
func inTurn(c *cobra.Command, p *cli.Program, names []string, run commandLine) error {
	shared := &cli.Readings{}
	codes := make([]int, 0, len(names))
	for i, name := range names {
		if c.Context().Err() != nil {
			break
		}
		codes = append(codes, run(c.Context(), alone(p, c, name, shared, i > 0)))
	}
	if err := summary(p, c, names, codes); err != nil {
		return err
	}
	return cli.Exit(worst(codes))
}

// alone is the command line for one workspace. What it writes stands below the
// workspace's name.
func alone(p *cli.Program, c *cobra.Command, name string, shared *cli.Readings, more bool) *cli.Program {
	sys := p.System
	head := &heading{text: "Workspace " + view.Clean(name) + "\n", stream: p.Out}
	if more {
		head.text = "\n" + head.text
	}
	if machine(c) {
		head.stream = p.Err
	}
	sys.Args = withWorkspace(p.Args, name)
	sys.Stdout, sys.Stderr = head.over(p.Stdout), head.over(p.Stderr)
	one := cli.New(sys)
	one.Lines, one.Readings = p.Lines, shared
	one.Whole() // what all of them write is read as one
	return one
}

// withWorkspace names the workspace on a command line: the last word counts.
func withWorkspace(args []string, name string) []string {
	at := slices.Index(args, "--")
	if at < 0 {
		at = len(args)
	}
	return slices.Insert(slices.Clone(args), at, "--workspace", name)
}

// machine says whether the command's standard output is not for people.
func machine(c *cobra.Command) bool {
	f := c.Flags().Lookup("format")
	return f != nil && f.Value.String() != "text"
}

// heading writes a text before the first word that follows, and only then.
type heading struct {
	text   string
	stream view.Stream
	done   bool
}

func (h *heading) over(w io.Writer) io.Writer {
	below := headed{h, w}
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		return headedTerminal{below, f}
	}
	return below
}

type headed struct {
	head *heading
	w    io.Writer
}

func (h headed) Write(b []byte) (int, error) {
	if !h.head.done {
		h.head.done = true
		if err := view.Line(h.head.stream, h.head.text); err != nil {
			return 0, err
		}
	}
	return h.w.Write(b)
}

// headedTerminal is a terminal as it was.
type headedTerminal struct {
	headed
	file interface{ Fd() uintptr }
}

func (t headedTerminal) Fd() uintptr { return t.file.Fd() }

// summary says how each workspace ended. With --quiet it is told where one did not
// end well.
func summary(p *cli.Program, c *cobra.Command, names []string, codes []int) error {
	if p.Flags.Quiet && worst(codes) == 0 {
		return nil
	}
	width := 0
	for _, n := range names {
		width = max(width, len(view.Clean(n)))
	}
	lines := []string{"", "All workspaces"}
	for i, n := range names {
		words := "not run"
		if i < len(codes) {
			words = cli.Meaning(codes[i])
		}
		lines = append(lines, fmt.Sprintf("  %-*s  %s", width, view.Clean(n), words))
	}
	stream := p.Out
	if machine(c) || p.Flags.Quiet {
		stream = p.Err
	}
	return view.Line(stream, strings.Join(lines, "\n"))
}

// worst is the code that most has to be seen to. One that is not listed is worse than
// none.
func worst(codes []int) int {
	rank := func(code int) int {
		at := slices.Index([]int{cli.ExitOK, cli.ExitPending, cli.ExitStalePlan, cli.ExitRefused, cli.ExitLocked, cli.ExitUnavailable, cli.ExitUsage,
			cli.ExitCredential, cli.ExitFailed, cli.ExitStepFailed, cli.ExitInternal, cli.ExitInterrupted}, code)
		if at < 0 {
			return math.MaxInt
		}
		return at
	}
	return slices.MaxFunc(append([]int{cli.ExitOK}, codes...), func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
}

// workspaceNames are those that --workspace may name.
func workspaceNames(p *cli.Program) cli.Names {
	return func(ctx context.Context, args []string) ([]string, error) {
		names, err := config.Workspaces(p.Sources())
		if err == nil && len(names) > 0 {
			return append(names, config.EveryWorkspace), nil
		}
		return account.SignedIn(p)(ctx, args)
	}
}
