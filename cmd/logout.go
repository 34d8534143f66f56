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
	c := &cobra.Command{
		Use:   "logout",
		Short: "Forget the workspace's token",
		Long: `logout removes the token that login stored, from the keyring or the file where
it is. What is managed stays managed: the state is not touched.

Attio documents no way to revoke a token from here. To end it for good, remove
the app or delete the token in Attio: Workspace settings > Apps, or Developers.`,
		Example: "  scim-sync logout\n  scim-sync logout --workspace acme",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.logout(c.Context(), workspace) },
	}
	c.Flags().StringVar(&workspace, "workspace", "", "slug or id of the workspace (default: attio.workspace, else the only one)")
	return c
}

func (a *app) logout(ctx context.Context, workspace string) error {
	if a.global.sandbox {
		return view.Line(a.out, "A sandbox keeps no token: there is nothing to forget.")
	}
	c, err := a.settings()
	if err != nil {
		return err
	}
	v, err := a.vault()
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
	if err != nil {
		return ambiguous(err)
	}
	where := v.Where(l)
	if err := v.Forget(ctx, l); err != nil {
		return err
	}
	a.warnOfSetToken(c.Attio.Token.Given(), c.Origin("attio.token").String())
	return view.Line(a.out, "Signed out of "+view.Clean(cmp.Or(l.WorkspaceName, l.WorkspaceSlug))+": the token is gone from the "+view.Clean(where)+
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
