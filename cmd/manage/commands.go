// Package manage holds the commands that say what is managed: link, unlink,
// release, pause, resume and state. They write to the state and its journal, never to Attio.
package manage

import (
	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
)

// Commands are the commands of this room.
func Commands(p *cli.Program) []*cobra.Command {
	return []*cobra.Command{newLink(p), newUnlink(p), newRelease(p), newPause(p), newResume(p), newState(p)}
}
