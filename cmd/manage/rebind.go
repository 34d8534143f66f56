package manage

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/manage"
	"scim-sync/sync/state"
)

type rebindOptions struct {
	remadeOptions
	remade bool
}

func newStateRebind(p *cli.Program) *cobra.Command {
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
counts as gone at the next run, and the caps on removals hold for them.

With --remade the state stays where it is, and the accounts of people who were
made anew in Okta (a re-import: another id, the same address) pass to their new
ids, after all of them have been shown.`,
		Example: `  scim-sync state rebind
  scim-sync state rebind --remade --dry-run
  scim-sync state rebind --yes --reason 'moved to the new Okta org'`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return rebind(c.Context(), p, o) },
	}
	f := c.Flags()
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would change, and write nothing")
	f.BoolVar(&o.remade, "remade", false, "hand over the accounts of people who have a new Okta id under their old address")
	cli.Reason(c, &o.reason)
	cli.LockTimeout(p, c)
	return c
}

func rebind(ctx context.Context, p *cli.Program, o rebindOptions) error {
	if !o.yes && !o.dryRun && !p.Interactive {
		return &cli.UsageError{Text: "rebind asks before it writes, and there is no terminal to ask on", Advice: "scim-sync state rebind" + o.flag() + " --yes"}
	}
	if o.remade {
		return remade(ctx, p, o.remadeOptions)
	}
	s, err := cli.Open(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := cli.Decides(s.Okta.Source, "state rebind"); err != nil {
		return err
	}
	r, err := cli.ReadState(ctx, p, s.Store)
	if err != nil {
		return err
	}
	if done, err := nothingToRebind(p, s, r); done || err != nil {
		return err
	}
	dir, err := s.Okta.Source.Directory(ctx, s.Policy.Query())
	if err != nil {
		return err
	}
	re := manage.Rebind(r.Managed, dir, s.Policy)
	if err := p.Tell(rebindWords(r.Managed, dir.Origin.OrgURL, dir.Origin.AppID, dir.Origin.AppLabel, re)...); err != nil {
		return err
	}
	if o.dryRun {
		return p.Tell("A dry run: nothing was written.")
	}
	if !o.yes {
		if err := p.Confirm(ctx, "Tie the state to it? Only \"yes\" does: ", cli.Declined); err != nil {
			return err
		}
	}
	return rebindNow(ctx, p, s, o, r.Managed, re)
}

// flag is what else than a plain rebind was asked for.
func (o rebindOptions) flag() string {
	if o.remade {
		return " --remade"
	}
	return ""
}

// nothingToRebind says when there is no state, or when it belongs there already.
func nothingToRebind(p *cli.Program, s *cli.Session, r cli.StateRead) (bool, error) {
	switch m := r.Managed; {
	case !r.Info.Exists || m.WorkspaceID == "":
		return true, p.Tell("Nothing to do: there is no state yet; the first run ties it to the Okta org and app of the settings.")
	case m.WorkspaceID != s.Attio.Identity.WorkspaceID:
		return true, s.RightSource(r)
	case m.OrgURL == s.Settings.Okta.OrgURL && m.AppID == s.Settings.Okta.AppID:
		return true, p.Tell("Nothing to do: the state belongs to the app " + m.AppID + " of " + m.OrgURL + " already.")
	}
	return false, nil
}

// rebindNow writes, if the state still belongs where it did when it was shown.
func rebindNow(ctx context.Context, p *cli.Program, s *cli.Session, o rebindOptions, shown core.Managed, re manage.Rebinding) error {
	err := journalled(ctx, p, s, "state rebind", o.reason, func(run *state.Run) error {
		now := run.Managed()
		if now.OrgURL != shown.OrgURL || now.AppID != shown.AppID || len(now.People) != len(shown.People) || len(now.Teams) != len(shown.Teams) {
			return errors.New("the state was changed by another run meanwhile; nothing was written: look again")
		}
		return record(ctx, s, run, nil, re.Changes)
	})
	if err != nil {
		return err
	}
	return p.Tell("The state is tied to the app " + s.Settings.Okta.AppID + " of " + s.Settings.Okta.OrgURL + ". Look before the next run: scim-sync plan")
}

// rebindWords show both sources and how far the state fits the new one.
func rebindWords(m core.Managed, org, app, label string, re manage.Rebinding) []string {
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
