// Package run holds the commands of a run: plan and apply, and explain and
// history, which tell of runs to come and of past ones.
package run

import (
	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
)

// Commands are the commands of this room.
func Commands(p *cli.Program) []*cobra.Command {
	return []*cobra.Command{newPlan(p), newApply(p), newShow(p), newWatch(p), newExplain(p), newHistory(p), newReport(p)}
}
