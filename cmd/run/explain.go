package run

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/sync/planner"
)

func newExplain(p *cli.Program) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:        "explain EMAIL|TEAM",
		SuggestFor: []string{"why", "describe"},
		Short:      "Say why somebody or a team is as it is, and what comes next",
		Long: `explain reads both sides as a plan does and shows one page about one person or
one team: what Okta says and how the assignment came about, what Attio has,
what the state holds, what past runs did, and what the next run would do and
why. It writes nothing, and it knows people whom nobody manages, too.

EMAIL is an address or an Okta id. TEAM is a team's present name, its group's
name, or either id.`,
		Example: `  scim-sync explain elif.demir@fernwood.example --sandbox
  scim-sync explain ada@acme.com
  scim-sync explain Sales
  scim-sync explain ada@acme.com --format json`,
		Annotations:       cli.EndsAfterReading(),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cli.CompleteOpen(p, explainable),
		RunE:              func(c *cobra.Command, args []string) error { return explain(c.Context(), p, args[0], format) },
	}
	cli.Format(c, &format, "text", "json")
	return c
}

func explain(ctx context.Context, p *cli.Program, name, format string) error {
	s, err := openReadPropose(ctx, p, request{Options: planner.Options{WhoDid: true}})
	if err != nil {
		return err
	}
	defer s.Close()
	e, err := planner.Explain(s.proposal, name)
	if unknown, ok := errors.AsType[*planner.UnknownNameError](err); ok {
		return &cli.UsageError{Text: unknown.Error(), Advice: unknown.Hint()}
	}
	if err != nil {
		return err
	}
	past, err := pastOf(ctx, s.Store, e)
	if err != nil {
		return err
	}
	if format == "json" {
		return view.ExplainJSON(p.Stdout, e, past)
	}
	return view.ExplainText(p.Out, e, past)
}

// explainable are the names that an explanation may be asked for by: addresses
// are worth showing although Attio does not list its teams in time.
func explainable(ctx context.Context, s *cli.Session) ([]string, error) {
	people, err := cli.ManagedAddresses(ctx, s)
	if err != nil {
		return nil, err
	}
	if teams, err := cli.TeamNames(ctx, s); err == nil {
		people = append(people, teams...)
	}
	return people, nil
}
