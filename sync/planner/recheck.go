package planner

import (
	"context"

	"scim-sync/idp"
)

// recheck asks, when a plan would take something away, what all proofs rest on:
// whether the app is switched on, since one that is switched off loses its
// assignments, and whether the credential still sees what it saw. Less sight is
// noted in the reading, and the plan has to be made anew.
func (a asker) recheck(ctx context.Context, d *Draft) error {
	if d.Blocked || !d.takesAway() {
		return nil
	}
	if src, ok := a.src.(idp.AppChecker); ok {
		app, err := src.App(ctx)
		if err != nil {
			return err
		}
		if err := app.MustBeActive(); err != nil {
			return err
		}
	}
	src, ok := a.src.(idp.SightChecker)
	if !ok || a.in.Directory.Sight.Lost() {
		return nil
	}
	sight, err := src.Sight(ctx)
	if err == nil && sight.Lost() {
		a.in.Directory.Sight = sight
	}
	return err
}

// takesAway says whether a step of the plan takes something away from somebody.
func (d *Draft) takesAway() bool {
	for i := range d.Plan.Steps {
		if d.Plan.Steps[i].Action.Removes() {
			return true
		}
	}
	return false
}
