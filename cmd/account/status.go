package account

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
)

func newStatus(p *cli.Program) *cobra.Command {
	var o statusOptions
	c := &cobra.Command{
		Use:        "status",
		SuggestFor: []string{"whoami"},
		Short:      "Show who is signed in, the last run, and what is managed",
		Long: `status says who is signed in to which workspace and with what rights, where the
token is kept, how the last run ended and how old the last good one is, what a
refusal holds back, and how many people and teams are managed. It changes
nothing. It exits with 6 when nobody is signed in.

With --offline nobody is asked, and what is told comes from the state alone. With
--max-age it ends with 1 where the last good run is older than that, or there was
none, and asks nobody either: a check for cron or a monitor.`,
		Example: `  scim-sync status --sandbox
  scim-sync status --max-age 2h --quiet
  scim-sync status --format json | jq .last_good_run`,
		Annotations: cli.EndsAfterReading(),
		Args:        cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.limited = c.Flags().Changed("max-age"); o.limited && o.maxAge <= 0 {
				return &cli.UsageError{Text: "--max-age " + o.maxAge.String() + ": no run is that young", Advice: "Give a time longer than the one between two runs, as --max-age 2h."}
			}
			return status(c.Context(), p, o)
		},
	}
	f := c.Flags()
	cli.Format(c, &o.format, "text", "json")
	cli.Duration(c, &o.maxAge, "max-age", 0, "end with 1 where the last good run is older, as 2h; asks nobody")
	f.BoolVar(&o.offline, "offline", false, "ask nobody: the state alone")
	return c
}

func status(ctx context.Context, p *cli.Program, o statusOptions) error {
	if o.offline || o.limited {
		return offline(ctx, p, o)
	}
	s, err := cli.NewSettings(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	r := &standing{Program: p, s: s}
	owner, signIn := r.token(ctx)
	if signIn != nil {
		r.st.Problem = signIn.Error()
	}
	if r.st.SignedIn == nil && cli.Code(ctx, signIn) != cli.ExitUnavailable {
		r.st.SignedIn = new(false)
	}
	unread := r.state(ctx, owner)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return cmp.Or(r.show(o), signIn, unread)
}
