package cmd

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/cmd/view"
	"scim-sync/idp/file"
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
	// saveDirectory is where to put what the source said.
	saveDirectory string
}

func newPlan(a *app) *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what apply would do; write nothing",
		Long: `plan reads Okta and Attio and shows what apply would do. It writes nothing at
all: not to Attio, not to the state, not to any cache; it waits for no lock and
works with a token that may only read.`,
		Example: `  scim-sync plan
  scim-sync plan --out plan.json          save it, to apply exactly this later
  scim-sync plan --detailed-exitcode      exit 2 when changes are pending, 3 when a rail refuses
  scim-sync plan --only ada@acme.com
  scim-sync plan --save-directory dir.json   keep what Okta said, to look back at
  scim-sync plan --format markdown >> "$GITHUB_STEP_SUMMARY"`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("only") && strings.TrimSpace(o.only) == "" {
				return onlyNobody()
			}
			for _, flag := range []string{"out", "save-directory"} {
				if c.Flags().Changed(flag) && c.Flag(flag).Value.String() == "" {
					return usagef("--%s names no file", flag)
				}
			}
			return a.plan(c.Context(), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "save the plan as JSON in this file, for apply FILE")
	f.StringVar(&o.format, "format", "text", "text, json, markdown or html")
	f.BoolVar(&o.detailed, "detailed-exitcode", false, "exit 2 when changes are pending, 3 when a safety rail refuses something")
	f.StringVar(&o.only, "only", "", "only the steps of this person (address) or team (name or id), and those they need")
	f.BoolVar(&o.full, "full", false, "read everything from Okta, trusting no cache")
	f.BoolVar(&o.unmanaged, "unmanaged", false, "list the people and teams that Okta does not manage")
	f.BoolVar(&o.noRemovals, "no-removals", false, "hold back everything that takes something away")
	f.StringVar(&o.saveDirectory, "save-directory", "", "save what was read from Okta in this file, for a later plan from it (idp.source: file)")
	return c
}

func (a *app) plan(ctx context.Context, o planOptions) error {
	show, err := a.planFormat(o)
	if err != nil {
		return err
	}
	if err := cmp.Or(canHold("--out", o.out), canHold("--save-directory", o.saveDirectory)); err != nil {
		return err
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	managed, unfinished, info, err := s.store.Read(ctx)
	if err != nil {
		return err
	}
	for _, w := range info.Warnings {
		a.say("Warning: " + w)
	}
	source, recorder := s.source, file.Record(s.source)
	if o.saveDirectory != "" {
		s.source = recorder
	}
	p, err := a.propose(ctx, s, managed, info.Exists, unfinished, planner.Options{Only: o.only, NoRemovals: o.noRemovals}, o.full)
	if err != nil {
		return err
	}
	if s.source = source; o.saveDirectory != "" {
		if err := recorder.Save(o.saveDirectory, a.Now()); err != nil {
			return err
		}
	}
	if !info.Exists {
		a.say(noStateWords)
	}
	if o.out != "" {
		if err := savePlan(o.out, p.Plan); err != nil {
			return err
		}
	}
	if err := show(p.Plan, s.footer(a.Now())); err != nil {
		return err
	}
	return exitOfPlan(p, o.detailed)
}

// canHold refuses a path that cannot be a new file; an empty one is none.
func canHold(flag, path string) error {
	if path == "" {
		return nil
	}
	if st, err := os.Stat(filepath.Dir(path)); err != nil || !st.IsDir() {
		return usagef("%s %s: there is no folder %s", flag, path, filepath.Dir(path))
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return usagef("%s %s: that is a folder; name a file", flag, path)
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

// onlyNobody refuses an empty --only: an unset variable in a script must never
// mean everybody.
func onlyNobody() error {
	return &usageError{text: "--only names nobody and nothing", hint: "Give an address, or a team's or group's name or id; leave --only out for everybody."}
}

const noStateWords = "There is no state for this workspace yet: people found in Attio are adopted, and nobody is suspended until they have been."

// planFormat gives what shows the plan; a wrong name fails before anything is read.
func (a *app) planFormat(o planOptions) (func(core.Plan, view.Footer) error, error) {
	plain := func(show func(io.Writer, core.Plan) error) func(core.Plan, view.Footer) error {
		return func(p core.Plan, f view.Footer) error {
			a.say(f.String())
			return show(a.Stdout, p)
		}
	}
	switch o.format {
	case "text":
		return func(p core.Plan, f view.Footer) error {
			return view.PlanText(a.out, p, view.PlanOptions{Unmanaged: o.unmanaged, Footer: f, Only: o.only, Saved: o.out,
				Command: a.applyLine(o.toApply())})
		}, nil
	case "json":
		return plain(view.PlanJSON), nil
	case "markdown":
		return plain(view.PlanMarkdown), nil
	case "html":
		return plain(view.PlanHTML), nil
	}
	return nil, usagef("--format %q: use text, json, markdown or html", o.format)
}
