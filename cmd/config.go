package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/sync/state"
)

func newConfig(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Check, show and describe the settings",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newConfigValidate(a), newConfigShow(a), newConfigSchema(a))
	return c
}

// settings loads the settings and tells what is odd about them.
func (a *app) settings() (*config.Settings, error) {
	s, err := config.Load(a.sources())
	if err != nil {
		return nil, err
	}
	a.hush.addSettings(s)
	for _, w := range s.Warnings() {
		a.say("Warning: " + view.Clean(w.String()))
	}
	return s, nil
}

// settingsInForce are those a run would have: with --sandbox, the sandbox's.
func (a *app) settingsInForce(ctx context.Context) (*config.Settings, error) {
	if !a.global.sandbox {
		return a.settings()
	}
	var s session
	if err := a.loadSandbox(ctx, &s); err != nil {
		return nil, err
	}
	s.close()
	return s.settings, nil
}

func (a *app) sources() config.Sources {
	return config.Sources{ConfigFlag: a.global.config, Env: config.EnvMap(a.Environ), WorkDir: a.Dir}
}

func newConfigValidate(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the settings file, the variables and what a run needs",
		Long: `validate reads the settings as a run would, and says everything that is wrong
with them at once, with file, line and column. It asks neither Okta nor Attio.`,
		Example: `  scim-sync config validate
  scim-sync config validate --config staging.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.global.sandbox {
				return &usageError{text: "--sandbox takes no settings, so there is nothing to check", hint: "Without it: scim-sync config validate"}
			}
			s, err := a.settings()
			if err != nil {
				return err
			}
			if err := s.Need(config.NeedOkta | config.NeedAttio); err != nil {
				return err
			}
			if s.Okta.ServiceApp.Given() {
				if _, err := a.serviceApp(s, nil); err != nil { // it makes no request
					return err
				}
			}
			if s.State.URL.Given() {
				if _, err := state.Open(c.Context(), state.Location{URL: s.State.URL.Reveal(), Shown: s.State.URL.String()}); err != nil {
					return err
				}
			}
			for _, p := range s.Unusable() {
				a.say("Warning: " + view.Clean(p.String()))
			}
			from := "the environment"
			if s.File() != "" {
				from = s.File()
			}
			return view.Line(a.out, view.Clean(from)+" is right.")
		},
	}
}

func newConfigShow(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "show",
		Short:   "Show every setting as it is in effect, and where it came from",
		Long:    "show prints every setting with its value in effect and where that came from: flag, variable, line of the file, or default. Secrets are masked.",
		Example: "  scim-sync config show\n  scim-sync config show --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return usagef("--format %q: use text or json", format)
			}
			s, err := a.settingsInForce(c.Context())
			if err != nil {
				return err
			}
			if format == "json" {
				return s.ShowJSON(a.Stdout)
			}
			return s.Show(a.Stdout)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func newConfigSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print a JSON Schema of the settings file, for editors",
		Example: "  scim-sync config schema > scim-sync.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.Stdout, "%s\n", config.Schema())
			return err
		},
	}
}
