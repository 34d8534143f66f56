package run

import (
	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// course is what a run was asked for, and what it has come to so far: what is told
// of it to people and machines.
type course struct {
	o     applyOptions
	saved *core.Plan // that is carried out; nil: the fresh one
	*sight
	id      string
	journal *state.Run // that holds the lock
	did     core.Report
	sum     state.Summary
}

// draft is the plan, nil while there is none.
func (c *course) draft() *planner.Draft {
	if c.sight == nil {
		return nil
	}
	return c.proposal
}

// reach is how far it has looked.
func (c *course) reach() reach {
	switch {
	case c.sum.ExitCode == cli.ExitInterrupted, c.o.only != "", c.saved != nil:
		return nowhere
	case c.draft() == nil:
		return beforePlan
	}
	return everywhere
}
