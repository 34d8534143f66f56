package manage

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// longestPause is how long nobody may forget that nothing is synced.
const longestPause = 30 * 24 * time.Hour

func newPause(p *cli.Program) *cobra.Command {
	var length time.Duration
	var reason string
	c := &cobra.Command{
		Use:   "pause --for TIME --reason TEXT",
		Short: "Let no run do anything for a while",
		Long: `pause keeps in the state that no run does anything for a while: apply and watch
end at once, well, and say so; plan, status and explain show it. It ends by
itself. Nothing is asked of Okta, nor of Attio where the state's place is known.`,
		Example: `  scim-sync pause --for 4h --reason 'Okta is being migrated'
  scim-sync pause --for 72h --reason 'change freeze'
  scim-sync resume                                    end it before its time`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case length <= 0:
				return &cli.UsageError{Text: "pause needs to know for how long", Advice: "As in: scim-sync pause --for 4h --reason 'Okta is being migrated'"}
			case length > longestPause:
				return cli.Usagef("--for %s: 720h (30 days) at most", length)
			case reason == "":
				return &cli.UsageError{Text: "pause needs a reason, for whoever wonders why nothing is synced", Advice: "As in: scim-sync pause --for 4h --reason 'Okta is being migrated'"}
			}
			return pause(c.Context(), p, length, reason)
		},
	}
	cli.Duration(c, &length, "for", 0, "how long, 720h at most")
	cli.Reason(c, &reason)
	return c
}

func newResume(p *cli.Program) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:         "resume",
		Short:       "End a pause: the next run works again",
		Long:        "resume ends a pause before its time. Without one it does nothing.",
		Example:     "  scim-sync resume\n  scim-sync resume --reason 'the migration is done'",
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return resume(c.Context(), p, reason) },
	}
	cli.Reason(c, &reason)
	return c
}

func pause(ctx context.Context, p *cli.Program, length time.Duration, reason string) error {
	now := p.Now().UTC().Truncate(time.Second)
	it := core.Pause{Since: now, Until: now.Add(length), By: p.User + "@" + p.Host, Reason: p.Scrub(reason)}
	err := alone(ctx, p, "pause", reason, func(run *state.Run) error {
		return run.Learn(ctx, nil, core.Change{Pause: &it})
	})
	if err != nil {
		return err
	}
	return p.Tell(fmt.Sprintf("Paused until %s: no run does anything. End it with: scim-sync resume", view.When(it.Until)))
}

func resume(ctx context.Context, p *cli.Program, reason string) error {
	said := "There is no pause."
	err := alone(ctx, p, "resume", reason, func(run *state.Run) error {
		was, on := run.Managed().Paused(p.Now())
		if !on {
			return nil
		}
		said = fmt.Sprintf("The pause of %s since %s (%s) is over; the next run works again.", was.By, view.When(was.Since), was.Reason)
		return run.Learn(ctx, nil, core.Change{Unpause: true})
	})
	if err != nil {
		return err
	}
	return p.Tell(said)
}

// alone writes to the state that is there, and asks neither side where its place is
// known.
func alone(ctx context.Context, p *cli.Program, command, reason string, do func(*state.Run) error) error {
	store, err := cli.OpenStateUnasked(ctx, p)
	if err == nil && store == nil {
		store, err = cli.OpenState(ctx, p)
	}
	if err != nil {
		return err
	}
	defer store.Close()
	info := state.RunInfo{RunID: cli.RunID(p.Now()), Operator: p.User + "@" + p.Host, Reason: reason, ToolVersion: p.Version, Command: command, Now: p.Now}
	code := func(err error) int { return cli.Code(ctx, err) }
	return store.WriteThrough(ctx, info, code, func(run *state.Run) error {
		if !run.Info().Exists {
			return &cli.UsageError{Text: "there is no state at " + run.Info().Paths.Snapshot + " in which a pause could be kept", Advice: "Check state.url, or make the first run: scim-sync apply"}
		}
		return do(run)
	})
}
