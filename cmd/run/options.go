package run

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

type applyOptions struct {
	file           string
	yes            bool
	format         string
	firstRun       bool
	allowRemovals  int
	allowAdditions int
	noRemovals     bool
	only           string
	full           bool
	reason         string

	removalsGiven, additionsGiven bool
}

// applyLine is the apply of these options as a command to copy: what was asked
// for, and nothing more.
func applyLine(p *cli.Program, o applyOptions) string {
	line := "scim-sync apply"
	add := func(yes bool, words string) {
		if yes {
			line += " " + words
		}
	}
	add(o.file != "", core.Quote(o.file))
	add(p.Flags.Sandbox, "--sandbox")
	add(p.Flags.Config != "" && !p.Flags.Sandbox, "--config "+core.Quote(p.Flags.Config))
	add(o.only != "", "--only "+core.Quote(o.only))
	add(o.noRemovals, "--no-removals")
	add(o.full, "--full")
	add(o.firstRun, "--first-run")
	add(o.removalsGiven, fmt.Sprintf("--allow-removals %d", o.allowRemovals))
	add(o.additionsGiven, fmt.Sprintf("--allow-additions %d", o.allowAdditions))
	add(o.reason != "", "--reason "+core.Quote(o.reason))
	return line
}

// options gives what the plan itself has to know.
func (o applyOptions) options() planner.Options {
	opts := planner.Options{Only: o.only, NoRemovals: o.noRemovals}
	if o.removalsGiven {
		opts.AllowRemovals = &o.allowRemovals
	}
	if o.additionsGiven {
		opts.AllowAdditions = &o.allowAdditions
	}
	return opts
}

// onlySomebody refuses an empty --only: an unset variable in a script must never
// mean everybody.
func onlySomebody(c *cobra.Command, only string) error {
	if !c.Flags().Changed("only") || strings.TrimSpace(only) != "" {
		return nil
	}
	return &cli.UsageError{Text: "--only names nobody and nothing", Advice: "Give an address, or a team's or group's name or id; leave --only out for everybody."}
}
