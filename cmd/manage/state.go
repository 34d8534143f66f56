package manage

import (
	"context"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

func newState(p *cli.Program) *cobra.Command {
	return cli.Parent("state", "Show, move, back up and repair the memory between runs", newStateShow(p), newStateRebind(p),
		newStateMove(p), newStateBackup(p), newStateRestore(p), newStateRebuild(p), newStateUnlock(p))
}

func newStateShow(p *cli.Program) *cobra.Command {
	var format string
	var wide bool
	c := &cobra.Command{
		Use:   "show",
		Short: "Show what is managed, and what counts against the caps",
		Long: `show prints the state: where it is and who holds its lock, which Okta org, app
and Attio workspace it belongs to, who and which teams are managed, released or
unlinked, what counts against the caps, and which writes of a run that was cut
off are still to be looked after. Okta is not asked.`,
		Example:     "  scim-sync state show\n  scim-sync state show --wide\n  scim-sync state show --format json",
		Annotations: cli.EndsAfterReading(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return showState(c.Context(), p, format, wide) },
	}
	cli.Format(c, &format, "text", "json")
	c.Flags().BoolVar(&wide, "wide", false, "every column, however narrow the terminal is")
	return c
}

func showState(ctx context.Context, p *cli.Program, format string, wide bool) error {
	store, err := cli.OpenState(ctx, p)
	if err != nil {
		return err
	}
	defer store.Close()
	r, err := cli.ReadState(ctx, p, store.Store)
	if err != nil {
		return err
	}
	lock, err := store.Standing(ctx)
	if err != nil {
		return err
	}
	if format == "json" {
		return view.StateJSON(p.Stdout, r.Managed, r.Unfinished, r.Info, lock)
	}
	held := "free"
	if lock != nil {
		held = "held by " + cli.HolderWords(lock.Holder)
		if lease := cli.LeaseWords(*lock); lease != "" {
			held += "; it " + lease
		}
	}
	return view.StateText(p.Out, r.Managed, r.Unfinished, r.Info, held, wide)
}
