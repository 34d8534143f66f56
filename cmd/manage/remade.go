package manage

import (
	"context"
	"errors"
	"slices"

	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
	"scim-sync/internal/group"
	core "scim-sync/sync"
	"scim-sync/sync/manage"
	"scim-sync/sync/state"
)

type remadeOptions struct {
	yes    bool
	dryRun bool
	reason string
}

// remade hands the accounts of all who were made anew in the source over to
// their new ids.
func remade(ctx context.Context, p *cli.Program, o remadeOptions) error {
	s, m, err := openManaged(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := cli.Decides(s.Okta.Source, "state rebind"); err != nil {
		return err
	}
	dir, err := s.Okta.Source.Directory(ctx, s.Policy.Query())
	if err != nil {
		return err
	}
	list, err := gone(ctx, s.Okta.Source, manage.FindRemade(m, dir))
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return p.Tell("Nothing to do: nobody managed has a new id in " + dir.Origin.Name + " under the old address.")
	}
	if err := p.Tell(remadeWords(list, dir.Origin.Name)...); err != nil {
		return err
	}
	if o.dryRun {
		return p.Tell("A dry run: nothing was written.")
	}
	if !o.yes {
		if err := p.Confirm(ctx, "Hand them over? Only \"yes\" does: ", cli.Declined); err != nil {
			return err
		}
	}
	err = journalled(ctx, p, s, "state rebind --remade", o.reason, func(run *state.Run) error {
		shown := map[string]bool{}
		for _, r := range list {
			shown[r.Was.OktaID] = true
		}
		now := slices.DeleteFunc(manage.FindRemade(run.Managed(), dir), func(r manage.Remade) bool { return !shown[r.Was.OktaID] })
		if len(now) != len(list) {
			return errors.New("the state was changed by another run meanwhile; nothing was written: look again")
		}
		return record(ctx, s, run, nil, manage.HandOver(now))
	})
	if err != nil {
		return err
	}
	return p.Tell(core.Counted(len(list), "account is", "accounts are") + " handed over. Look before the next run: scim-sync plan")
}

// gone leaves those whose former id the source says, asked for it, it has no more.
func gone(ctx context.Context, src idp.Source, list []manage.Remade) ([]manage.Remade, error) {
	standings := make([]idp.Standing, len(list))
	g, gctx := group.WithContext(ctx)
	g.SetLimit(4)
	for i, r := range list {
		g.Go(func() (err error) {
			standings[i], err = src.Person(gctx, r.Was.OktaID)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var left []manage.Remade
	for i, r := range list {
		if !standings[i].Listed || standings[i].Access == idp.Revoked {
			left = append(left, r)
		}
	}
	return left, nil
}

// remadeWords name all of them: each account passes to somebody.
func remadeWords(list []manage.Remade, source string) []string {
	words := []string{core.Counted(len(list), "managed person has", "managed people have") + " a new id in " + source + " under the old address, and nobody the old one:"}
	for _, r := range list {
		words = append(words, "  "+r.Was.Email+": "+r.Was.OktaID+" → "+r.Now.ID+" ("+r.Now.GivenName+" "+r.Now.FamilyName+")")
	}
	return append(words, "Their accounts in Attio, with role and teams, pass to the new ids.")
}
