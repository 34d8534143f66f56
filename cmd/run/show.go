package run

import (
	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

type showOptions struct {
	format    string
	unmanaged bool
}

func newShow(p *cli.Program) *cobra.Command {
	var o showOptions
	c := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved plan again, in any format",
		Long: `show reads a plan that "plan --out" saved and shows it again: on a terminal, as a
page for a review, as Markdown for a pull request, or as JSON. It reads that file
and nothing else: no settings, no credential, neither Okta nor Attio.

A file that is damaged or was changed after it was saved is refused (exit 8), as
"apply FILE" refuses it.`,
		Example: `  scim-sync show plan.json
  scim-sync show plan.json --format html > plan.html
  scim-sync show plan.json --format markdown >> "$GITHUB_STEP_SUMMARY"`,
		Annotations: cli.Ends(cli.ExitStalePlan),
		Args:        cobra.ExactArgs(1),
		RunE:        func(_ *cobra.Command, args []string) error { return show(p, args[0], o) },
	}
	f := c.Flags()
	cli.Format(c, &o.format, planFormats()...)
	f.BoolVar(&o.unmanaged, "unmanaged", false, "list the people and teams that Okta does not manage")
	return c
}

func show(p *cli.Program, file string, o showOptions) error {
	plan, err := readPlan(file)
	if err != nil {
		return err
	}
	if o.format == "text" {
		return view.PlanText(p.Out, *plan, view.PlanOptions{Unmanaged: o.unmanaged, Only: plan.Only, Saved: file, Command: applyLine(p, applyOptions{file: file})})
	}
	return documentIn(o.format)(p.Stdout, *plan)
}
