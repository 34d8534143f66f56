package run

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

type planOptions struct {
	out        string
	format     string
	detailed   bool
	only       string
	full       bool
	unmanaged  bool
	noRemovals bool
	verbose    bool
	// saveDirectory is where to put what the source said.
	saveDirectory string
}

func newPlan(p *cli.Program) *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use:        "plan",
		SuggestFor: []string{"diff", "preview", "dry-run"},
		Short:      "Show what apply would do; write nothing",
		Long: `plan reads Okta and Attio and shows what apply would do. It writes nothing at
all: not to Attio, not to the state, not to any cache; it waits for no lock and
works with a token that may only read.`,
		Example: `  scim-sync plan --sandbox                  try it, without an account
  scim-sync plan --out plan.json            save it, to apply exactly this later
  scim-sync plan --detailed-exitcode        2: changes, 3: a rail refuses
  scim-sync plan --only ada@acme.com
  scim-sync plan --save-directory dir.json  keep what Okta said
  scim-sync plan --format markdown >> "$GITHUB_STEP_SUMMARY"`,
		Annotations: cli.EndsAfterReading(cli.ExitPending),
		Args:        cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := onlySomebody(c, o.only); err != nil {
				return err
			}
			for _, flag := range []string{"out", "save-directory"} {
				if c.Flags().Changed(flag) && c.Flag(flag).Value.String() == "" {
					return cli.Usagef("--%s names no file", flag)
				}
			}
			return plan(c.Context(), p, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "save the plan as JSON in this `FILE`, for apply FILE")
	cli.Format(c, &o.format, planFormats()...)
	f.BoolVar(&o.detailed, "detailed-exitcode", false, "exit 2 when changes are pending, 3 when a safety rail refuses something")
	onlyFlag(p, c, &o.only)
	f.BoolVar(&o.full, "full", false, "read everything from Okta, trusting no cache")
	f.BoolVar(&o.unmanaged, "unmanaged", false, "list the people and teams that Okta does not manage")
	f.BoolVar(&o.noRemovals, "no-removals", false, "hold back everything that takes something away")
	f.BoolVar(&o.verbose, "verbose", false, "show every step with its reason, and what was asked")
	f.StringVar(&o.saveDirectory, "save-directory", "", "save what was read from Okta in this `FILE`, for a later plan from it (idp.source: file)")
	return c
}

func plan(ctx context.Context, p *cli.Program, o planOptions) error {
	show := planFormat(p, o)
	if err := cmp.Or(cli.CanHold("--out", o.out), cli.CanHold("--save-directory", o.saveDirectory)); err != nil {
		return err
	}
	s, err := openReadPropose(ctx, p, request{Options: planner.Options{Only: o.only, NoRemovals: o.noRemovals}, full: o.full, saveDirectory: o.saveDirectory})
	if err != nil {
		return err
	}
	defer s.Close()
	if !s.state.Info.Exists {
		p.Say(noStateWords)
	}
	if o.out != "" {
		if err := savePlan(o.out, s.proposal.Plan); err != nil {
			return err
		}
	}
	if err := show(s.proposal.Plan, s.Footer(p.Now())); err != nil {
		return err
	}
	return exitOfPlan(s.proposal, o.detailed)
}

// exitOfPlan gives the exit code of a plan that was only looked at.
func exitOfPlan(p *planner.Draft, detailed bool) error {
	switch {
	case !detailed:
		return nil
	case len(p.Plan.Refusals) > 0:
		return cli.Exit(cli.ExitRefused)
	case p.Changes():
		return cli.Exit(cli.ExitPending)
	}
	return nil
}

// toApply are the options of the apply that carries this plan out: a saved plan
// is carried out from its file.
func (o planOptions) toApply() applyOptions {
	if o.out != "" {
		return applyOptions{file: o.out, noRemovals: o.noRemovals}
	}
	return applyOptions{only: o.only, noRemovals: o.noRemovals}
}

// document is a format of a plan, of plan and show alike, beside its text.
type document struct {
	format string
	write  func(io.Writer, core.Plan) error
}

func documents() []document {
	return []document{{"json", view.PlanJSON}, {"markdown", view.PlanMarkdown}, {"html", view.PlanHTML}}
}

// documentIn is that of a format, which has been found to be one.
func documentIn(format string) func(io.Writer, core.Plan) error {
	all := documents()
	return all[slices.IndexFunc(all, func(d document) bool { return d.format == format })].write
}

// planFormats are those of plan and show.
func planFormats() []string {
	formats := []string{"text"}
	for _, d := range documents() {
		formats = append(formats, d.format)
	}
	return formats
}

// planFormat gives what shows the plan.
func planFormat(p *cli.Program, o planOptions) func(core.Plan, view.Footer) error {
	if o.format == "text" {
		return func(plan core.Plan, f view.Footer) error {
			return view.PlanText(p.Out, plan, view.PlanOptions{Unmanaged: o.unmanaged, Footer: f, Only: o.only, Saved: o.out, Verbose: o.verbose,
				Command: applyLine(p, o.toApply())})
		}
	}
	show := documentIn(o.format)
	return func(plan core.Plan, f view.Footer) error {
		p.Say(f.String())
		return show(p.Stdout, plan)
	}
}
