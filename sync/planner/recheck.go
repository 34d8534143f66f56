package planner

import (
	"context"

	"scim-sync/idp"
	"scim-sync/internal/group"
)

// recheck asks, when a plan would take something away, what all proofs rest on:
// whether the app is switched on, since one that is switched off loses its
// assignments, and whether the credential still sees what it saw. Less sight is
// noted in the reading, and the plan has to be made anew. It says whether it asked.
func (a asker) recheck(ctx context.Context, d *Draft) (asked bool, err error) {
	if d.Blocked || !d.takesAway() {
		return false, nil
	}
	g, ctx := group.WithContext(ctx)
	g.Go(func() error { return a.app(ctx) })
	g.Go(func() error { return a.sight(ctx) })
	return true, g.Wait()
}

// app is an error where the app is not switched on any more.
func (a asker) app(ctx context.Context) error {
	src, ok := a.src.(idp.AppChecker)
	if !ok {
		return nil
	}
	app, err := src.App(ctx)
	if err != nil {
		return err
	}
	return app.MustBeActive()
}

// sight notes in the reading what the credential sees less of by now.
func (a asker) sight(ctx context.Context) error {
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
