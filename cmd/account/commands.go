// Package account holds the commands about who is signed in to Attio: login,
// logout, token and status.
package account

import (
	"context"

	"github.com/spf13/cobra"

	"scim-sync/attio/auth"
	"scim-sync/cmd/internal/cli"
)

// Commands are the commands of this room.
func Commands(p *cli.Program) []*cobra.Command {
	return []*cobra.Command{newLogin(p), newLogout(p), newStatus(p), newToken(p)}
}

// signedIn are the workspaces to which a sign-in is stored.
func signedIn(p *cli.Program) cli.Names {
	return func(context.Context, []string) ([]string, error) {
		store, err := cli.CredentialStore(p)
		if err != nil {
			return nil, err
		}
		logins, err := store.Logins()
		return cli.NamesOf(logins, func(l auth.Login) string { return l.WorkspaceSlug }), err
	}
}
