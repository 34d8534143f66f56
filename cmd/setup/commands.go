// Package setup holds init, the command that asks what a settings file has to say
// and writes it.
package setup

import (
	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
)

// Command is the command of this room.
func Command(p *cli.Program, doctor Doctor) *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "init",
		Short: "Ask what is needed, and write the settings file",
		Long: `init asks for the Okta org and a token for it, shows the apps that look like
Attio, the roles and groups of the one that is chosen and the teams they would
become, and the workspace with its people. Then it writes scim-sync.yaml, with a
comment on each line and no secret in it, and ends with what doctor says.

It only reads, on both sides, and replaces no file. A token is taken from
OKTA_API_TOKEN, from --token-file, or is asked for and may be kept in a file of
its own. Whatever a flag says is not asked; with --yes nothing is.`,
		Example: `  scim-sync init
  scim-sync init --org https://acme.okta.com --token-file okta-token
  scim-sync init --yes --org https://acme.okta.com --app Attio --workspace acme`,
		Annotations: cli.EndsAfterReading(cli.ExitLocked),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return initialise(c.Context(), p, o, doctor) },
	}
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "`FILE` to write (default: what --config names, else scim-sync.yaml)")
	cli.Text(c, &o.org, "org", "`ADDRESS` of the Okta org, such as https://acme.okta.com", nil)
	cli.Text(c, &o.app, "app", "id or `NAME` of the Okta app", nil)
	f.StringVar(&o.tokenFile, "token-file", "", "`FILE` that holds the API token for Okta")
	cli.Text(c, &o.key.clientID, "client-id", "`ID` of the service app to sign in to Okta with, beside --key-id and --key-file", nil)
	cli.Text(c, &o.key.id, "key-id", "`ID` of the service app's key", nil)
	f.StringVar(&o.key.file, "key-file", "", "`FILE` that holds the service app's private key")
	f.StringVar(&o.attioTokenFile, "attio-token-file", "", "`FILE` that holds an access token for Attio (else the one that login keeps)")
	cli.Text(c, &o.roleAttribute, "role-attribute", "`NAME` of the attribute in the app's profile that says who is an admin (default: roles)", nil)
	f.StringSliceVar(&o.adminGroups, "admin-group", nil, "Okta `GROUP` whose people are admins; may be given several times")
	cli.Optional(c, &o.teams, "teams", " (default: assigned_groups): which groups become teams", "assigned_groups", "push_mappings", "none")
	f.BoolVar(&o.yes, "yes", false, "ask nothing: take what flags and variables say, and the usual for all else")
	return c
}
