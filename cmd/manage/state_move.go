package manage

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/config"
)

type moveOptions struct {
	passwordFile string
	reason       string
}

func newStateMove(p *cli.Program) *cobra.Command {
	var o moveOptions
	c := &cobra.Command{
		Use:   "move TO",
		Short: "Move the state, with its journal, to another store",
		Long: `move brings the state with its whole journal to another store, and marks this
one as moved: whatever still runs with the former setting ends with 5 and says
where the state went. Nothing in Attio is written or read.

TO is an address as in the setting state.url: file:///path, postgres://… or
s3://…. There must be no state. Both locks are held; what was copied is read
back before this place is marked. A move that was cut off is carried out again
by the same command. To go back, move it back with the new setting.`,
		Example: `  scim-sync state move postgres://scim@db.acme.internal/scim
  scim-sync state move file:///var/lib/scim-sync/acme.json`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.ExactArgs(1),
		RunE:        func(c *cobra.Command, args []string) error { return moveState(c.Context(), p, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.passwordFile, "password-file", "", "a `FILE` with the password for TO (default: the setting state.password_file)")
	cli.Reason(c, &o.reason)
	cli.LockTimeout(p, c)
	return c
}

func moveState(ctx context.Context, p *cli.Program, address string, o moveOptions) error {
	to := config.NewStateURL(address)
	p.Secret(to.Secrets()...)
	if p.Flags.Sandbox || !to.Given() {
		return &cli.UsageError{Text: "there is nothing to move: name the new place, without --sandbox, whose state is in memory", Advice: "scim-sync state move file:///path/of/state.json"}
	}
	from, err := cli.OpenState(ctx, p)
	if err != nil {
		return err
	}
	defer from.Close()
	if o.passwordFile == "" {
		o.passwordFile = from.Settings.State.PasswordFile
	}
	target, err := cli.StoreAt(ctx, p, from.Settings, to, o.passwordFile)
	if err != nil {
		return err
	}
	info := cli.RunInfoAlone(p, from.Settings, "state move", o.reason)
	if err := from.MoveTo(ctx, target, to.String(), info, codeIn(ctx)); err != nil {
		return err
	}
	r, err := cli.ReadState(ctx, p, target)
	if err != nil {
		return err
	}
	return p.Tell(
		fmt.Sprintf("The state of the workspace %s is now at %s: %s, journal line %d.", r.Managed.WorkspaceID, to, countWords(len(r.Managed.People), len(r.Managed.Teams)), r.Info.Seq),
		"Put that into the settings of everything that runs scim-sync, secrets as they are there now:",
		"  state:",
		"    url: "+to.String(),
		"What runs with the former setting ends with 5 and names the new place.")
}

// codeIn gives the exit code of errors, for the journal.
func codeIn(ctx context.Context) func(error) int {
	return func(err error) int { return cli.Code(ctx, err) }
}

func countWords(people, teams int) string {
	return view.Count(people, "person", "people") + " and " + view.Count(teams, "team", "teams")
}
