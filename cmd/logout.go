package cmd

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/cmd/view"
)

func newLogout(a *app) *cobra.Command {
	var workspace string
	var force bool
	c := &cobra.Command{
		Use:   "logout",
		Short: "Forget the workspace's token",
		Long: `logout removes the token that login stored, from the keyring or the file where
it is. What is managed stays managed: the state is not touched.

Attio documents no way to revoke a token from here. To end it for good, remove
the app or delete the token in Attio: Workspace settings > Apps, or Developers.

When the token is in a keyring that is gone, --force forgets the sign-in all the
same; what the keyring holds stays in it.`,
		Example: "  scim-sync logout\n  scim-sync logout --workspace acme\n  scim-sync logout --force            the keyring is gone for good",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.logout(c.Context(), workspace, force) },
	}
	c.Flags().StringVar(&workspace, "workspace", "", "slug or id of the workspace (default: attio.workspace, else the only one)")
	c.Flags().BoolVar(&force, "force", false, "forget the sign-in although the keyring cannot be reached")
	return c
}

func (a *app) logout(ctx context.Context, workspace string, force bool) error {
	if a.global.sandbox {
		return view.Line(a.out, "A sandbox keeps no token: there is nothing to forget.")
	}
	c, err := a.settings()
	if err != nil {
		return err
	}
	v, err := a.mendedVault(ctx)
	if err != nil {
		return err
	}
	l, err := v.Find(cmp.Or(workspace, c.Attio.Workspace))
	if attio.Is(err, attio.NotSignedIn) {
		var known *attio.Error
		_ = errors.As(err, &known)
		err = view.Line(a.out, "Nothing to forget: "+view.Clean(known.Detail)+".")
		a.warnOfSetToken(c.Attio.Token.Given(), c.Origin("attio.token").String())
		return err
	}
	if several, ok := errors.AsType[*auth.AmbiguousError](err); ok {
		return &usageError{text: several.Error(), hint: "Name one of them: scim-sync logout --workspace " + several.Logins[0].WorkspaceSlug}
	}
	if err != nil {
		return err
	}
	words := "the token is gone from the " + view.Clean(v.Where(l))
	err = v.Forget(ctx, l)
	if unsure, ok := errors.AsType[*auth.StoreError](err); ok && unsure.InKeyring && force {
		words = "the sign-in is forgotten here.\nThe keyring could not be asked and may still hold the token, as entry " + view.Clean(l.WorkspaceID) + " of scim-sync"
		err = v.Abandon(ctx, l)
	}
	if err != nil {
		return err
	}
	a.warnOfSetToken(c.Attio.Token.Given(), c.Origin("attio.token").String())
	return view.Line(a.out, "Signed out of "+view.Clean(cmp.Or(l.WorkspaceName, l.WorkspaceSlug))+": "+words+
		".\nIn Attio it stays valid until it is deleted there (Workspace settings > Developers).")
}

func (a *app) warnOfSetToken(given bool, origin string) {
	if given {
		a.say("Warning: attio.token is still set (" + view.Clean(origin) + ").")
	}
}

// ambiguous makes the question of which sign-in is meant a matter of usage.
func ambiguous(err error) error {
	if several, ok := errors.AsType[*auth.AmbiguousError](err); ok {
		return &usageError{text: several.Error(), hint: several.Hint()}
	}
	return err
}
