package run

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/internal/atomicfile"
	"scim-sync/sync/planner"
)

type accessOptions struct {
	format string
	out    string
	full   bool
}

func newReport(p *cli.Program) *cobra.Command {
	return cli.Parent("report", "Write documents about how things stand", newReportAccess(p))
}

func newReportAccess(p *cli.Program) *cobra.Command {
	var o accessOptions
	c := &cobra.Command{
		Use:   "access",
		Short: "List everybody in the workspace, with role, teams and the reason",
		Long: `access lists everybody who has a place in the workspace, managed or not: members,
invited and suspended ones; with role, teams, since when they are managed, why Okta
has them there, and what was last changed about them, by which run and on what
proof. It is what a review of access asks for.

It reads both sides, the state and the journal; it writes nothing, waits for no
lock and works with a token that may only read. The columns are in
docs/access-report.md and only grow.`,
		Example: `  scim-sync report access --out access.csv
  scim-sync report access --format html --out access.html
  scim-sync report access --sandbox
  scim-sync report access --format json | jq '.people[].email'`,
		Annotations: cli.EndsAfterReading(),
		Args:        cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("out") && o.out == "" {
				return cli.Usagef("--out names no file")
			}
			return reportAccess(c.Context(), p, o)
		},
	}
	f := c.Flags()
	cli.Format(c, &o.format, "csv", "json", "html")
	f.StringVar(&o.out, "out", "", "write it into this `FILE`, readable by its owner only")
	f.BoolVar(&o.full, "full", false, "read everything from Okta, trusting no cache")
	return c
}

func reportAccess(ctx context.Context, p *cli.Program, o accessOptions) error {
	if err := cli.CanHold("--out", o.out); err != nil {
		return err
	}
	write := map[string]func(io.Writer, view.AccessReport) error{"csv": view.AccessCSV, "json": view.AccessJSON, "html": view.AccessHTML}[o.format]
	s, err := openReadPropose(ctx, p, request{full: o.full})
	if err != nil {
		return err
	}
	defer s.Close()
	places, err := planner.AccessOf(s.proposal)
	if err != nil {
		return err
	}
	changes, err := lastChanges(ctx, s.Store)
	if err != nil {
		return err
	}
	plan := &s.proposal.Plan
	r := view.AccessReport{Workspace: plan.Workspace, Source: plan.Source, At: plan.CreatedAt, ScimSync: p.Version, Places: places, Last: changes.of}
	p.Say(s.Footer(p.Now()).String())
	if o.out == "" {
		return write(p.Stdout, r)
	}
	return atomicfile.WriteBy(o.out, 0o600, func(f *os.File) error { return write(scrubbed{f, p}, r) })
}
