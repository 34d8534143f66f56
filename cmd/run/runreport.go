package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/internal/atomicfile"
)

// reportFormats are those of apply's --report, by the ending of the file.
var reportFormats = map[string]func(io.Writer, view.RunReport) error{".html": view.RunReportHTML, ".md": view.RunReportMarkdown, ".json": view.RunReportJSON}

// reportNamed refuses a --report that cannot be written, before anything is read.
func reportNamed(c *cobra.Command, path string) error {
	if !c.Flags().Changed("report") {
		return nil
	}
	if reportFormats[reportEnding(path)] == nil {
		return cli.Usagef("--report %s: the file's ending says the format; use .html, .md or .json", path)
	}
	return canHold("--report", path)
}

func reportEnding(path string) string { return strings.ToLower(filepath.Ext(path)) }

// keepReport writes what became of the run into the file that was asked for,
// readable by its owner only, however the run ended. One that cannot be written
// is the run's error, unless something else went wrong.
func (r *run) keepReport(ctx context.Context, err error) error {
	if r.o.report == "" {
		return err
	}
	doc := view.RunReport{ScimSync: r.Version, RunID: r.id, Began: r.began, Ended: r.Now(), ExitCode: cli.Code(ctx, err), Reason: r.o.reason, Footer: r.cost}
	if r.sight != nil && r.proposal != nil {
		doc.Plan = &r.proposal.Plan
	}
	if r.did.Results != nil {
		doc.Did = &r.did
	}
	switch {
	case err == nil, cli.Told(err), doc.Did != nil && errors.Is(err, context.Canceled):
	case errors.Is(err, context.Canceled):
		doc.Err = errors.New("it was stopped before it wrote anything to Attio")
	default:
		doc.Err = err
	}
	doc.Outcome = r.outcome(doc, err)
	write := reportFormats[reportEnding(r.o.report)]
	late := atomicfile.WriteBy(r.o.report, 0o600, func(f *os.File) error { return write(scrubbed{f, r.Program}, doc) })
	if late != nil {
		late = fmt.Errorf("write the report: %w", late)
	}
	return lateError(err, late)
}

// outcome says in a word or two how the run ended.
func (r *run) outcome(doc view.RunReport, err error) string {
	if _, ok := errors.AsType[*cli.DeclinedError](err); ok {
		return "declined"
	}
	if _, ok := errors.AsType[*cli.PausedError](err); ok {
		return "paused"
	}
	switch {
	case doc.ExitCode == cli.ExitInterrupted:
		return "interrupted"
	case doc.ExitCode == cli.ExitRefused:
		return "refused"
	case doc.ExitCode == cli.ExitLocked:
		return "another run held the lock"
	case doc.ExitCode != cli.ExitOK:
		return cli.Outcome(doc.ExitCode)
	case doc.Did == nil:
		return "nothing to do"
	}
	return "done"
}
