package check

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/config"
)

func newConfig(p *cli.Program) *cobra.Command {
	return cli.Parent("config", "Check, show and describe the settings", newConfigValidate(p), newConfigShow(p), newConfigSchema(p))
}

func newConfigValidate(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the settings file, the variables and what a run needs",
		Long: `validate reads the settings as a run would, and says everything that is wrong
with them at once, with file, line and column. It asks neither Okta nor Attio, and
says when nobody is signed in to Attio, which is no fault of the settings (0).`,
		Example: `  scim-sync config validate
  scim-sync config validate --config staging.yaml`,
		Annotations: cli.Ends(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return validate(c.Context(), p) },
	}
}

func validate(ctx context.Context, p *cli.Program) error {
	if p.Flags.Sandbox {
		return &cli.UsageError{Text: "--sandbox takes no settings, so there is nothing to check", Advice: "Without it: scim-sync config validate"}
	}
	s, err := cli.NewSettings(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Need(config.NeedOkta | config.NeedAttio); err != nil {
		return err
	}
	if s.Okta.ServiceApp.Given() {
		if _, err := cli.ServiceApp(p, s, nil); err != nil { // it makes no request
			return err
		}
	}
	if _, err := cli.NewState(ctx, p, s, ""); err != nil {
		return err
	}
	for _, x := range s.Unusable() {
		p.Warn(x.String())
	}
	if err := p.Tell(s.From() + " is right."); err != nil {
		return err
	}
	if _, err := cli.NewCredential(p, s); err != nil { // no setting is wrong
		return p.Tell("No run can begin, for want of a credential for Attio: "+err.Error()+".", advice(err))
	}
	return nil
}

func newConfigShow(p *cli.Program) *cobra.Command {
	var format string
	var wide bool
	c := &cobra.Command{
		Use:   "show",
		Short: "Show every setting as it is in effect, and where it came from",
		Long: `show prints every setting with its value in effect and where that came from:
flag, variable, line of the file, or default. Secrets are masked.`,
		Example:     "  scim-sync config show\n  scim-sync config show --format json",
		Annotations: cli.Ends(),
		Args:        cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := cli.NewSettings(c.Context(), p)
			if err != nil {
				return err
			}
			defer s.Close()
			if format == "json" {
				return s.ShowJSON(p.Stdout)
			}
			if !p.Out.TTY {
				return s.Show(p.Stdout)
			}
			return view.SettingsText(p.Out, s.File(), s.Rows(), wide)
		},
	}
	cli.Format(c, &format, "text", "json")
	c.Flags().BoolVar(&wide, "wide", false, "every value whole, however narrow the terminal is")
	return c
}

func newConfigSchema(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print a JSON Schema of the settings file, for editors",
		Example: `  scim-sync config schema > scim-sync.schema.json
  scim-sync config schema | jq '.properties | keys'`,
		Annotations: cli.Ends(),
		Args:        cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.Stdout, "%s\n", config.Schema())
			return err
		},
	}
}
