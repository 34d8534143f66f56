package manage

import (
	"context"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
)

func newStateRebuild(p *cli.Program) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "rebuild",
		Short: "Make a missing or damaged snapshot again from the journal",
		Long: `rebuild makes the snapshot of the state again from the journal, where it is
missing or damaged. The damaged one is kept beside the state. Where the journal
is not whole either, restore a backup instead.`,
		Example: `  scim-sync state rebuild
  scim-sync state rebuild --reason 'the disk was full' --lock-timeout 5m`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return rebuildState(c.Context(), p, reason) },
	}
	cli.Reason(c, &reason)
	cli.LockTimeout(p, c)
	return c
}

func rebuildState(ctx context.Context, p *cli.Program, reason string) error {
	store, err := cli.OpenState(ctx, p)
	if err != nil {
		return err
	}
	defer store.Close()
	done, err := store.Rebuild(ctx, cli.RunInfoAlone(p, store.Settings, "state rebuild", reason), codeIn(ctx))
	if done.Aside != "" {
		p.Say("What was there is kept in " + core.Quote(done.Aside) + ".")
	}
	if err != nil {
		return err
	}
	r, err := cli.ReadState(ctx, p, store.Store)
	switch {
	case err != nil:
		return err
	case !r.Info.Exists:
		return p.Tell("Nothing to do: there is no state yet.")
	case done.Needless:
		return p.Tell("Nothing to do: the snapshot is whole and fits the journal.")
	}
	return p.Tell("The state was made again from the journal: "+countWords(len(r.Managed.People), len(r.Managed.Teams))+".", "Look before the next run: scim-sync plan")
}
