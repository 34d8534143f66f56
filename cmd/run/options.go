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
	file       string
	yes        bool
	format     string
	firstRun   bool
	allowances []allowed
	noRemovals bool
	only       string
	full       bool
	verbose    bool
	service    bool // of a watch: what is done is told as it happens, and what is wrong once
	reason     string
	report     string // takes what became of the run; empty: none is asked for
	// metricsFile takes the figures of the run; empty: what the settings say.
	metricsFile string
}

// command is what the journal calls it.
func (o applyOptions) command() string {
	if o.service {
		return "watch"
	}
	return "apply"
}

// allowed is a flag that lifts caps of the run, when its number is exactly the
// plan's.
type allowed struct {
	flag  string
	lifts string // for the help
	n     int
	given bool
	// tells the plan of it
	tell func(*planner.Options, *int)
}

// eventFormat is the flag --format of what reports event by event.
func eventFormat(c *cobra.Command, to *string) {
	cli.Choice(c, to, "format", ": one event a line", "text", "json")
}

// onlyFlag is the flag --only.
func onlyFlag(p *cli.Program, c *cobra.Command, to *string) {
	cli.Text(c, to, "only", "only the steps of `EMAIL|TEAM` (a person's address, a team's name or id), and those they need", cli.Known(p, cli.KnownPeople, cli.KnownTeams))
}

// allowances are the flags that lift caps.
func allowances() []allowed {
	return []allowed{
		{flag: "allow-removals", lifts: "lift the removal caps for this run, if the plan has exactly `N` removals", tell: func(o *planner.Options, n *int) { o.AllowRemovals = n }},
		{flag: "allow-additions", lifts: "lift the addition caps for this run, if the plan has exactly `N` additions", tell: func(o *planner.Options, n *int) { o.AllowAdditions = n }},
		{flag: "allow-promotions", lifts: "lift the cap on new admins for this run, if the plan has exactly `N`", tell: func(o *planner.Options, n *int) { o.AllowPromotions = n }},
		{flag: "allow-email-changes", lifts: "lift the cap on changes of address for this run, if the plan has exactly `N`", tell: func(o *planner.Options, n *int) { o.AllowEmailChanges = n }},
		{flag: "allow-releases", lifts: "let go of more than half of the teams or people, if the plan lets go of exactly `N`", tell: func(o *planner.Options, n *int) { o.AllowReleases = n }},
	}
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
	add(p.WorkspaceName() != "", "--workspace "+core.Quote(p.WorkspaceName()))
	add(o.only != "", "--only "+core.Quote(o.only))
	add(o.noRemovals, "--no-removals")
	add(o.full, "--full")
	add(o.firstRun, "--first-run")
	for _, a := range o.allowances {
		add(a.given, fmt.Sprintf("--%s %d", a.flag, a.n))
	}
	add(o.reason != "", "--reason "+core.Quote(o.reason))
	return line
}

// options gives what the plan itself has to know.
func (o applyOptions) options() planner.Options {
	opts := planner.Options{Only: o.only, NoRemovals: o.noRemovals}
	for i := range o.allowances {
		if a := &o.allowances[i]; a.given {
			a.tell(&opts, &a.n)
		}
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

// quietText says whether nothing but what is new of troubles is told.
func quietText(p *cli.Program, o applyOptions) bool {
	return (p.Flags.Quiet || o.service) && o.format == "text"
}
