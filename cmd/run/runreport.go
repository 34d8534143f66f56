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

// reportFormat is that of apply's --report, by the ending of the file; nil: none is
// called so.
func reportFormat(path string) func(io.Writer, view.RunReport) error {
	return map[string]func(io.Writer, view.RunReport) error{
		".html": view.RunReportHTML, ".md": view.RunReportMarkdown, ".json": view.RunReportJSON,
	}[strings.ToLower(filepath.Ext(path))]
}

// reportNamed refuses a --report that cannot be written, before anything is read.
func reportNamed(c *cobra.Command, path string) error {
	if !c.Flags().Changed("report") {
		return nil
	}
	if reportFormat(path) == nil {
		return cli.Usagef("--report %s: the file's ending says the format; use .html, .md or .json", path)
	}
	return cli.CanHold("--report", path)
}

// keepReport writes what became of a run, readable by its owner only.
func keepReport(p *cli.Program, path string, doc view.RunReport) error {
	err := atomicfile.WriteBy(path, 0o600, func(f *os.File) error { return reportFormat(path)(scrubbed{f, p}, doc) })
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	p.Say("The report is in " + view.Clean(path) + ".")
	return nil
}

// endOf says how a run ended: in a word or two, and by what error, if by one that
// nothing has told yet.
func endOf(code int, err error, begun bool) (outcome string, untold error) {
	stopped := errors.Is(err, context.Canceled)
	switch {
	case err == nil, cli.Told(err), begun && stopped:
	case stopped:
		untold = errors.New("it was stopped before it wrote anything to Attio")
	default:
		untold = err
	}
	if _, ok := errors.AsType[*cli.DeclinedError](err); ok {
		return "declined", untold
	}
	if _, ok := errors.AsType[*cli.PausedError](err); ok {
		return "paused", untold
	}
	switch {
	case code == cli.ExitRefused:
		return "refused", untold
	case code == cli.ExitLocked:
		return "another run held the lock", untold
	case code == cli.ExitOK && !begun:
		return "nothing to do", untold
	}
	return cli.Outcome(code), untold
}
