// Package serve holds the command that serves a sandbox to others.
package serve

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/sandbox"
	"scim-sync/cmd/view"
	"scim-sync/internal/atomicfile"
	core "scim-sync/sync"
	"scim-sync/sync/state"
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
func Command(p *cli.Program) *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve a small Okta and Attio on loopback until stopped",
		Long: `sandbox serves Okta, and Attio's API, SCIM and sign-in pages, on the loopback
interface until it is stopped. With --env-file it writes the variables that
point scim-sync at it. Each side has a page: open the addresses it prints in a
browser to look around and to change things by hand.`,
		Example: `  scim-sync sandbox --unlimited --env-file sandbox.env   in one shell
  . ./sandbox.env && scim-sync plan                      in another`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return serve(c.Context(), p, o) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "", "address of Okta, 127.0.0.1:PORT; Attio gets the next port (default: free ports)")
	f.StringVar(&o.world, "world", "", "world file (default: the company that --sandbox shows)")
	f.StringVar(&o.envFile, "env-file", "", "write a list of export lines here; settings and state are put beside it")
	f.StringVar(&o.redirect, "redirect-url", "", "address that a sign-in comes back to (default: what the world's app has, else http://localhost:8910/callback)")
	f.BoolVar(&o.free, "unlimited", false, "no rate limits on either side (else those that one token gets)")
	f.DurationVar(&o.latency, "latency", 0, "time that every answer takes, such as 20ms")
	return c
}

func serve(ctx context.Context, p *cli.Program, o options) error {
	s, err := cli.StartSandbox(ctx, p, o.world, sandbox.Options{Listen: o.listen, Latency: o.latency, Unlimited: o.free, RedirectURI: o.redirect})
	if err != nil {
		return err
	}
	defer s.Close()
	site := s.Attio.Snapshot().Workspace
	lines := []string{
		"Okta      " + s.OktaURL + "/sandbox",
		"Attio     " + s.AttioURL + "/sandbox",
		"SCIM      " + s.AttioURL + "/scim/v2",
		"workspace " + site.Slug,
	}
	if o.envFile != "" {
		if err := writeEnv(ctx, p, s, o.envFile); err != nil {
			return err
		}
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

// writeEnv writes the variables that point scim-sync at the sandbox, and
// beside them the world's settings and state. The variables come last: who
// waits for the file finds everything ready.
func writeEnv(ctx context.Context, p *cli.Program, s *sandbox.Sandbox, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if st, err := os.Stat(filepath.Dir(path)); err != nil || !st.IsDir() {
		return cli.Usagef("--env-file %s: there is no folder %s", path, filepath.Dir(path))
	}
	settings, err := s.Settings()
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path+".yaml", settings, 0o600); err != nil {
		return err
	}
	location := state.Location{Path: filepath.Join(path+".state", "state.json")}
	if err := os.RemoveAll(filepath.Dir(location.Path)); err != nil {
		return err
	}
	if s.HasState {
		if err := writeState(ctx, p, s, location); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, "# Points scim-sync at the sandbox. Its credentials open nothing else.")
	for _, v := range s.Environment() {
		fmt.Fprintf(&b, "export %s=%s\n", v.Name, core.Quote(v.Value))
	}
	fmt.Fprintf(&b, "export SCIM_SYNC_CONFIG=%s\n", core.Quote(path+".yaml"))
	fmt.Fprintf(&b, "export SCIM_SYNC_STATE_URL=%s\n", core.Quote("file://"+filepath.ToSlash(location.Path)))
	return atomicfile.Write(path, b.Bytes(), 0o600)
}

// writeState writes down what the world says was managed before.
func writeState(ctx context.Context, p *cli.Program, s *sandbox.Sandbox, at state.Location) error {
	store, err := state.Open(ctx, at)
	if err != nil {
		return err
	}
	info := state.RunInfo{RunID: cli.RunID(p.Now()), Command: "sandbox", ToolVersion: p.Version, Now: p.Now}
	code := func(err error) int { return cli.Code(ctx, err) }
	return store.WriteThrough(ctx, info, code, func(run *state.Run) error {
		m := s.Managed
		if err := run.Bind(ctx, m.WorkspaceID, m.OrgURL, m.AppID); err != nil {
			return err
		}
		for _, e := range m.People {
			if err := run.Learn(ctx, nil, core.Change{Person: &e}); err != nil {
				return err
			}
		}
		for _, t := range m.Teams {
			if err := run.Learn(ctx, nil, core.Change{Teams: []core.ManagedTeam{t}}); err != nil {
				return err
			}
		}
		return nil
	})
}
