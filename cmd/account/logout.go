package account

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

func newLogout(p *cli.Program) *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:        "logout",
		SuggestFor: []string{"signout", "sign-out"},
		Short:      "Forget the workspace's token",
		Long: `logout removes the token that login stored, from the keyring or the file where
it is. What is managed stays managed: the state is not touched.

Attio documents no way to revoke a token from here. To end it for good, remove
the app or delete the token in Attio: Workspace settings > Apps, or Developers.

When the token is in a keyring that is gone, --force forgets the sign-in all the
same; what the keyring holds stays in it.`,
		Example: `  scim-sync logout
  scim-sync logout --workspace acme
  scim-sync logout --force            the keyring is gone for good`,
		Annotations: cli.Ends(cli.ExitCredential, cli.ExitLocked),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return logout(c.Context(), p, force) },
	}
	c.Flags().BoolVar(&force, "force", false, "forget the sign-in although the keyring cannot be reached")
	return c
}

func logout(ctx context.Context, p *cli.Program, force bool) error {
	if p.Flags.Sandbox {
		return view.Line(p.Out, "A sandbox keeps no token: there is nothing to forget.")
	}
	s, err := cli.NewSettings(ctx, p)
	if err != nil {
		return err
	}
	store, err := cli.RepairedCredentialStore(ctx, p)
	if err != nil {
		return err
	}
	l, err := store.Find(s.Attio.Workspace)
	if attio.Is(err, attio.NotSignedIn) {
		var known *attio.Error
		_ = errors.As(err, &known)
		err = view.Line(p.Out, "Nothing to forget: "+view.Clean(known.Detail)+".")
		warnOfSetToken(p, s)
		return err
	}
	if several, ok := errors.AsType[*auth.AmbiguousError](err); ok {
		return &cli.UsageError{Text: several.Error(), Advice: "Name one of them: scim-sync logout --workspace " + several.Logins[0].WorkspaceSlug}
	}
	if err != nil {
		return err
	}
	words := "the token is gone from the " + view.Clean(store.Where(l))
	err = store.Forget(ctx, l)
	if unsure, ok := errors.AsType[*auth.StoreError](err); ok && unsure.InKeyring && force {
		words = "the sign-in is forgotten here.\nThe keyring could not be asked and may still hold the token, as entry " + view.Clean(l.WorkspaceID) + " of scim-sync"
		err = store.Abandon(ctx, l)
	}
	if err != nil {
		return err
	}
	warnOfSetToken(p, s)
	return view.Line(p.Out, "Signed out of "+view.Clean(cmp.Or(l.WorkspaceName, l.WorkspaceSlug))+": "+words+
		".\nIn Attio it stays valid until it is deleted there (Workspace settings > Developers).")
}

func warnOfSetToken(p *cli.Program, s *cli.Settings) {
	if s.Attio.Token.Given() {
		p.Warn("attio.token is still set (" + s.Origin("attio.token").String() + ").")
	}
}
