package cmd

import (
	"cmp"
	"runtime/debug"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

func newVersion(p *cli.Program) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version, and what it was built from",
		Example: `  scim-sync version
  scim-sync --version        the number alone`,
		Annotations: cli.Ends(),
		Args:        cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := view.Line(p.Out, "scim-sync "+p.Version); err != nil {
				return err
			}
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return nil
			}
			return p.Tell(built(info)...)
		},
	}
}

// built says what a program was built from, one thing a line: the commit and its
// date, where the build knew them, and Go.
func built(info *debug.BuildInfo) (lines []string) {
	of := map[string]string{}
	for _, s := range info.Settings {
		of[s.Key] = s.Value
	}
	commit := cmp.Or(of["vcs.revision"], "not known")
	if of["vcs.modified"] == "true" {
		commit += ", with changes"
	}
	lines = append(lines, "commit: "+commit)
	if date := of["vcs.time"]; date != "" {
		lines = append(lines, "date:   "+date)
	}
	return append(lines, "go:     "+info.GoVersion+" "+of["GOOS"]+"/"+of["GOARCH"])
}
