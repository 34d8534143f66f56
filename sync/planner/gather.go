package planner

import (
	"context"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/group"
)

// Gather reads both sides at once. An error of either means that nothing is
// known: a reading is whole or none.
func Gather(ctx context.Context, src idp.Source, r attio.Reader, q idp.Query, progress func(side, what string, n int)) (idp.Directory, attio.Workspace, error) {
	var dir idp.Directory
	var ws attio.Workspace
	g, ctx := group.WithContext(ctx)
	q.Progress = func(what string, n int) { progress("okta", what, n) }
	g.Go(func() (err error) {
		dir, err = src.Directory(ctx, q)
		return err
	})
	g.Go(func() (err error) {
		ws, err = r.Workspace(ctx, func(what string, n int) { progress("attio", what, n) })
		return err
	})
	err := g.Wait()
	return dir, ws, err
}
