// Package check holds the commands that look whether a run will work: doctor,
// config and notify test.
package check

import (
	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
)

// Commands are the commands of this room.
func Commands(p *cli.Program) []*cobra.Command {
	return []*cobra.Command{newDoctor(p), newConfig(p), newNotify(p)}
}
