package scim

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"
)

// group runs functions at once and gives the first error. A panic in one of
// them ends the others and is raised again in Wait, where whoever asked can
// recover it: in a goroutine of its own it would end the program.
type group struct {
	g      *errgroup.Group
	cancel context.CancelFunc
	once   sync.Once
	panic  any
}

// newGroup gives a group of at most limit goroutines, and the context that
// ends with its first error.
func newGroup(ctx context.Context, limit int) (*group, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(limit)
	return &group{g: g, cancel: cancel}, ctx
}

// Go runs f when there is room.
func (g *group) Go(f func() error) {
	g.g.Go(func() error {
		defer func() {
			if p := recover(); p != nil {
				g.once.Do(func() { g.panic = fmt.Sprintf("%v\n%s", p, debug.Stack()) })
				g.cancel()
			}
		}()
		return f()
	})
}

// Wait gives the first error once all have ended.
func (g *group) Wait() error {
	err := g.g.Wait()
	g.cancel()
	if g.panic != nil {
		panic(g.panic)
	}
	return err
}
