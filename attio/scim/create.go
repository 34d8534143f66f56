package scim

import (
	"context"
	"net/http"

	"scim-sync/attio"
	"scim-sync/internal/transport"
)

// creations is how often a creation is sent at most, when each answer was lost
// and each look-up found nothing.
const creations = 3

// looks is how often something is looked for that should be there, or gone.
const looks = 3

// creation is a POST: what it sends, and how to see whether it has happened.
type creation[T any] struct {
	call
	// read takes what was made from the answer; false if that does not show it.
	read func(answer) (T, bool)
	// find looks for it by filter, search in the whole list.
	find, search func(context.Context) (T, bool, error)
}

// create sends a creation and never repeats it without looking first. On a
// conflict it gives what is in the way, with the error.
func create[T any](ctx context.Context, c *change, k creation[T]) (T, attio.Receipt, error) {
	k.method = http.MethodPost
	var none T
	for try := 1; ; try++ {
		a, err := c.send(ctx, k.call)
		switch {
		case err == nil:
			return created(ctx, c, k, a)
		case attio.Is(err, attio.Conflict):
			return inTheWay(ctx, c, k, try > 1, err)
		case !fateUnknown(err):
			return none, c.done(), err
		}
		// Twice, for it may still be under way at the other end.
		v, ok, lookErr := look(ctx, c, k.find, 2)
		switch {
		case lookErr != nil, !ok && try == creations, ctx.Err() != nil:
			return none, c.done(), err
		case ok:
			return v, c.found(), nil
		}
	}
}

// created gives what an answer 2xx has made, by look-up if it does not show it.
func created[T any](ctx context.Context, c *change, k creation[T], a answer) (T, attio.Receipt, error) {
	if v, ok := k.read(a); ok {
		return v, c.done(), nil
	}
	v, ok, err := look(ctx, c, k.find, looks)
	if err == nil && !ok {
		v, ok, err = k.search(ctx)
	}
	if err == nil && !ok {
		err = c.unchanged(k.call)
	}
	return v, c.done(), err
}

// inTheWay tells an earlier creation of ours, whose answer was lost, from
// something that somebody else has made.
func inTheWay[T any](ctx context.Context, c *change, k creation[T], ours bool, conflict error) (T, attio.Receipt, error) {
	v, ok, err := k.find(ctx)
	if err == nil && !ok {
		v, ok, err = k.search(ctx)
	}
	if err == nil && ok && ours {
		return v, c.found(), nil
	}
	return v, c.done(), conflict
}

// look looks several times, with pauses between.
func look[T any](ctx context.Context, c *change, find func(context.Context) (T, bool, error), times int) (T, bool, error) {
	for n := 1; ; n++ {
		v, ok, err := find(ctx)
		if err != nil || ok || n >= times {
			return v, ok, err
		}
		c.pause(ctx)
	}
}

// remove sends a DELETE and looks whether it took effect. One that is gone is
// done, and so is one that is gone although the answer was lost or 500.
func (c *change) remove(ctx context.Context, k call, gone func(context.Context) (bool, error)) (attio.Receipt, error) {
	k.method = http.MethodDelete
	find := func(ctx context.Context) (struct{}, bool, error) {
		is, err := gone(ctx)
		return struct{}{}, is, err
	}
	var err error
	// One attempt at first: after a failure it is better to look than to repeat.
	for _, attempt := range []context.Context{transport.WithCallOptions(ctx, transport.CallOptions{Attempts: 1}), ctx} {
		_, err = c.send(attempt, k)
		switch {
		case attio.Is(err, attio.Gone):
			return c.done(), nil
		case err != nil && !attio.Is(err, attio.Unavailable):
			return c.done(), err
		}
		_, is, lookErr := look(ctx, c, find, 2)
		switch {
		case is && err != nil:
			return c.found(), nil //nolint:nilerr // the answer was lost, and a look showed that it was done
		case is:
			return c.done(), nil
		case lookErr != nil && err == nil:
			return c.done(), lookErr
		case lookErr != nil:
			return c.done(), err
		case err == nil:
			return c.done(), c.unchanged(k)
		}
	}
	return c.done(), err
}
