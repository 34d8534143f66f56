package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// stateRead is one reading of the state.
type stateRead struct {
	managed    core.Managed
	unfinished []core.Unfinished
	info       state.Info
}

func newState(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "state",
		Short: "Show what is managed; tie the state to another Okta org or app",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newStateShow(a), newStateRebind(a))
	return c
}

func newStateShow(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "show",
		Short: "Show what is managed: people, teams, and what counts against the caps",
		Long: `show prints the state: which Okta org, app and Attio workspace it belongs to,
who and which teams are managed, released or unlinked, what counts against the
caps, and which writes of a run that was cut off are still to be looked after.
Okta is not asked.`,
		Example: "  scim-sync state show\n  scim-sync state show --format json",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.showState(c.Context(), format) },
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func (a *app) showState(ctx context.Context, format string) error {
	if err := textOrJSON(format); err != nil {
		return err
	}
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	r, err := a.readState(ctx, s.store)
	if err != nil {
		return err
	}
	if format == "json" {
		return view.StateJSON(a.Stdout, r.managed, r.unfinished, r.info)
	}
	return view.StateText(a.out, r.managed, r.unfinished, r.info)
}
