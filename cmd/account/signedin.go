package account

import (
	"context"

	"scim-sync/attio/auth"
	"scim-sync/cmd/internal/cli"
)

// SignedIn are the workspaces to which a sign-in is stored.
func SignedIn(p *cli.Program) cli.Names {
	return func(context.Context, []string) ([]string, error) {
		store, err := cli.CredentialStore(p)
		if err != nil {
			return nil, err
		}
		logins, err := store.Logins()
		return cli.NamesOf(logins, func(l auth.Login) string { return l.WorkspaceSlug }), err
	}
}
