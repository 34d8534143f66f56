package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

type rebindOptions struct {
	yes    bool
	dryRun bool
	reason string
}

func newStateRebind(a *app) *cobra.Command {
	var o rebindOptions
	c := &cobra.Command{
		Use:   "rebind",
		Short: "Tie the state to the Okta org and app of the settings",
		Long: `rebind ties the state to the Okta org and app that the settings name, after
showing both and how far the people of the state are known there. It is what
goes on after wrong-source, when people have really moved. State and journal
are written, nothing in Attio.

In the same org, people and groups keep their ids. In another org they have
other ones: there a person's tie passes to the one person with the same
address, and a team to the one group with its name. Who is not assigned there
counts as gone at the next run, and the caps on removals hold for them.`,
		Example: `  scim-sync state rebind
  scim-sync state rebind --yes --reason 'moved to the new Okta org'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.rebind(c.Context(), o) },
	}
	f := c.Flags()
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would change, and write nothing")
	f.StringVar(&o.reason, "reason", "", "why, kept in the journal")
	return c
}

func (a *app) rebind(ctx context.Context, o rebindOptions) error {
	if !o.yes && !o.dryRun && !a.Interactive {
		return &usageError{text: "rebind asks before it writes, and here is nobody to ask", hint: "scim-sync state rebind --yes"}
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	r, err := a.readState(ctx, s.store)
	if err != nil {
		return err
	}
	if done, err := a.nothingToRebind(s, r.managed, r.info); done || err != nil {
		return err
	}
	dir, err := s.source.Directory(ctx, s.policy.Query())
	if err != nil {
		return err
	}
	re := core.Rebind(r.managed, dir, s.policy)
	if err := a.tell(rebindWords(r.managed, dir.Origin.OrgURL, dir.Origin.AppID, dir.Origin.AppLabel, re)); err != nil {
		return err
	}
	if o.dryRun {
		return a.tell([]string{"A dry run: nothing was written."})
	}
	if !o.yes {
		if err := a.confirm(ctx, "Tie the state to it? Only \"yes\" does: "); err != nil {
			return err
		}
	}
	return a.rebindNow(ctx, s, o, r.managed, re)
}

// nothingToRebind says when there is no state, or when it belongs there already.
func (a *app) nothingToRebind(s *session, m core.Managed, info state.Info) (bool, error) {
	switch {
	case !info.Exists || m.WorkspaceID == "":
		return true, a.tell([]string{"Nothing to do: there is no state yet; the first run ties it to the Okta org and app of the settings."})
	case m.WorkspaceID != s.identity.WorkspaceID:
		return true, rightSource(m, info.Exists, s)
	case m.OrgURL == s.settings.Okta.OrgURL && m.AppID == s.settings.Okta.AppID:
		return true, a.tell([]string{"Nothing to do: the state belongs to the app " + m.AppID + " of " + m.OrgURL + " already."})
	}
	return false, nil
}

// rebindNow writes, if the state still belongs where it did when it was shown.
func (a *app) rebindNow(ctx context.Context, s *session, o rebindOptions, shown core.Managed, re core.Rebinding) error {
	info := a.runInfo(s, applyOptions{reason: o.reason})
	info.Command = "state rebind"
	err := s.store.WriteThrough(ctx, info, codeOf, func(run *state.Run) error {
		return a.writeRebinding(ctx, s, run, shown, re)
	})
	if err != nil {
		return err
	}
	return a.tell([]string{"The state is tied to the app " + s.settings.Okta.AppID + " of " + s.settings.Okta.OrgURL + ". Look before the next run: scim-sync plan"})
}

func (a *app) writeRebinding(ctx context.Context, s *session, run *state.Run, shown core.Managed, re core.Rebinding) error {
	now := run.Managed()
	if now.OrgURL != shown.OrgURL || now.AppID != shown.AppID || len(now.People) != len(shown.People) || len(now.Teams) != len(shown.Teams) {
		return errors.New("the state was changed by another run meanwhile; nothing was written: look again")
	}
	if err := run.Bind(ctx, s.identity.WorkspaceID, s.settings.Okta.OrgURL, s.settings.Okta.AppID); err != nil {
		return err
	}
	for _, c := range re.Changes {
		if err := run.Learn(ctx, nil, c); err != nil {
			return err
		}
	}
	return nil
}

// rebindWords show both sources and how far the state fits the new one.
func rebindWords(m core.Managed, org, app, label string, re core.Rebinding) []string {
	words := []string{
		fmt.Sprintf("The state was made with the app %s of %s.", m.AppID, m.OrgURL),
		fmt.Sprintf("The settings name the app %s (%s) of %s.", app, label, org),
		fmt.Sprintf("People of the state: %d are assigned there under the same id, %d under another id and the same address, %d are not assigned there.", re.Known, len(re.Moved), len(re.Missing)),
		fmt.Sprintf("Teams of the state: %d groups are there under the same id, %d under another id and the same name, %d yield no team there.", re.TeamsKnown, len(re.TeamsMoved), len(re.TeamsMissing)),
	}
	const most = 20
	for i, e := range re.Missing {
		if i == most {
			words = append(words, fmt.Sprintf("  … and %d more", len(re.Missing)-most))
			break
		}
		words = append(words, "  not assigned there: "+e.Email+" ("+e.OktaID+")")
	}
	if len(re.Missing) > 0 {
		words = append(words, "The next run treats those who are not assigned there as gone; the caps on removals hold for them.")
	}
	return words
}
