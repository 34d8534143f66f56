// Package group runs goroutines together, as errgroup does, and turns a panic
// in any of them into an error: a panic that nobody catches would end the
// program with Go's own exit code, in the middle of whatever the others do.
package group

import (
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// Group is a set of goroutines.
type Group struct{ g *errgroup.Group }

// New gives a Group without a limit and without a context of its own.
func New() *Group { return &Group{g: new(errgroup.Group)} }

// WithContext gives a Group whose context ends when the first of its functions
// fails, or when Wait returns.
func WithContext(ctx context.Context) (*Group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	return &Group{g: g}, ctx
}

// SetLimit sets how many run at once.
func (g *Group) SetLimit(n int) { g.g.SetLimit(n) }

// Go runs f in a goroutine, waiting for a place where there is a limit.
func (g *Group) Go(f func() error) { g.g.Go(guard(f)) }

// Wait waits for all and gives the first error.
func (g *Group) Wait() error { return g.g.Wait() }

func guard(f func() error) func() error {
	return func() (err error) {
		defer Recover(&err)
		return f()
	}
}

// PanicError is a panic that became an error.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("internal error: %v", e.Value) }

// Hint says what to do about it.
func (e *PanicError) Hint() string {
	return "This is a fault of scim-sync, not of your settings. What was written is in the journal, and the next run goes on from there. Please report it."
}

// Recover turns a panic into an error: defer group.Recover(&err).
func Recover(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}
