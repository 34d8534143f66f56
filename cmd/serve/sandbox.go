// Package serve holds the command that serves a sandbox to others.
package serve

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/sandbox"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
)

type options struct {
	listen  string
	world   string
	envFile string
	latency time.Duration
	free    bool // of rate limits
	// redirect is the address that a sign-in comes back to.
	redirect string
}

// Command is the command of this room.
func Command(p *cli.Program, execute Execute) *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:        "sandbox",
		SuggestFor: []string{"demo", "try"},
		Short:      "Serve a small Okta and Attio on loopback until stopped",
		Long: `sandbox serves Okta, and Attio's API, SCIM and sign-in pages, on the loopback
interface until it is stopped. With --env-file it writes the variables that
point scim-sync at it. Each side has a page: open the addresses it prints in a
browser to look around, to change things by hand, to see what a plan says, and to
begin anew.

--world takes a world file (docs/sandbox.md), or one that is built in: startup (8
people), company (300 before their first sync), bad-day (everything is refused).`,
		Example: `  scim-sync sandbox --unlimited --env-file sandbox.env   in one shell
  . ./sandbox.env && scim-sync plan                      in another
  scim-sync sandbox --world bad-day --env-file sandbox.env`,
		Annotations: cli.Ends(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return serve(c.Context(), p, o, execute) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "", "`ADDRESS` of Okta, as 127.0.0.1:8080; Attio gets the next port (default: free ports)")
	f.StringVar(&o.world, "world", "", "world `FILE`, or startup, company or bad-day (default: the company that --sandbox shows)")
	_ = c.RegisterFlagCompletionFunc("world", cobra.FixedCompletions(sandbox.WorldNames(), cobra.ShellCompDirectiveDefault)) // or a file
	f.StringVar(&o.envFile, "env-file", "", "write a list of export lines into this `FILE`; settings and state are put beside it; replaces only what a sandbox wrote")
	f.StringVar(&o.redirect, "redirect-url", "", "`ADDRESS` that a sign-in comes back to (default: what the world's app has, else http://localhost:8910/callback)")
	f.BoolVar(&o.free, "unlimited", false, "no rate limits on either side (else those that one token gets)")
	cli.Duration(c, &o.latency, "latency", 0, "time that every answer takes, such as 20ms")
	return c
}

func serve(ctx context.Context, p *cli.Program, o options, execute Execute) error {
	file, err := newEnvFile(o.envFile)
	if err != nil {
		return err
	}
	if o.envFile != "" {
		if err := file.mayReplace(); err != nil {
			return err
		}
	}
	if o.envFile == "" { // the pages' plan needs settings and a state
		dir, err := os.MkdirTemp("", "scim-sync-sandbox-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if file, err = newEnvFile(filepath.Join(dir, "sandbox.env")); err != nil {
			return err
		}
	}
	s, err := cli.StartSandbox(ctx, p, o.world, sandbox.Options{Listen: o.listen, Latency: o.latency, Unlimited: o.free, RedirectURI: o.redirect,
		Planner: planner(p, file, execute), OnReset: func(s *sandbox.Sandbox) error { return file.write(ctx, p, s) }})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := file.write(ctx, p, s); err != nil {
		return err
	}
	site := s.Attio.Snapshot().Workspace
	lines := []string{
		"Okta      " + s.OktaURL + "/sandbox",
		"Attio     " + s.AttioURL + "/sandbox",
		"SCIM      " + s.AttioURL + "/scim/v2",
		"workspace " + site.Slug,
	}
	if o.envFile != "" {
		lines = append(lines, "", "In another shell: . "+core.Quote(sourced(o.envFile))+" && scim-sync plan")
	}
	lines = append(lines, "", "Serving until stopped (Ctrl-C).")
	if err := view.Line(p.Out, strings.Join(lines, "\n")); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// sourced gives a file as a shell's dot takes it: a name without a slash is
// looked for in $PATH.
func sourced(path string) string {
	if strings.ContainsRune(path, filepath.Separator) {
		return path
	}
	return "." + string(filepath.Separator) + path
}
