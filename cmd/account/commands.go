// Package account holds the commands about who is signed in to Attio: login,
// logout, token and status.
package account

import (
	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
)

// Commands are the commands of this room.
func Commands(p *cli.Program) []*cobra.Command {
	return []*cobra.Command{newLogin(p), newLogout(p), newStatus(p), newToken(p)}
}
