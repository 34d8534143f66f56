package scim

import (
	"context"
	"net/http"

	"scim-sync/attio"
	"scim-sync/internal/transport"
)

// createAttempts is how often a creation is sent at most, when each answer was lost
// and each look-up found nothing.
const createAttempts = 3

// idempotentCreate is a POST: what it sends, and how to see whether it has happened.
type idempotentCreate[T any] struct {
	call
	what string // "team"
	// read takes what was made from the answer; false if that does not show it.
	read func(answer) (T, bool)
	// byID reads what the answer shows as it is by now.
	byID func(context.Context, T) (T, error)
	// find looks for it by filter, search in the whole list.
	find, search func(context.Context) (T, bool, error)
}

// create sends a creation and never repeats it without looking first. On a
// conflict it gives what is in the way, with the error.
func create[T any](ctx context.Context, c *change, k idempotentCreate[T]) (T, attio.Receipt, error) {
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
		v, ok, lookErr := retryFind(ctx, c.w.settle, k.find, 2)
		switch {
		case lookErr != nil, !ok && try == createAttempts, ctx.Err() != nil:
			return none, c.done(), err
		case ok:
			return v, c.found(), nil
		}
	}
}

// created gives what an answer 2xx has made, as Attio has it: servers are known
// that answer 201 and make nobody, and a linked account may keep its own names.
// What is there under no id and by no look-up is an error of kind NotMade.
func created[T any](ctx context.Context, c *change, k idempotentCreate[T], a answer) (T, attio.Receipt, error) {
	times := retries
	shown, ok := k.read(a)
	if ok {
		times = 1 // it was waited for under its id
		v, there, err := retryFind(ctx, c.w.settle, func(ctx context.Context) (T, bool, error) {
			v, err := k.byID(ctx, shown)
			if attio.Is(err, attio.Gone) {
				return v, false, nil
			}
			return v, err == nil, err
		}, retries)
		switch {
		case there:
			return v, c.done(), nil
		case err != nil:
			return shown, c.done(), nil //nolint:nilerr // it was made, by the answer; that it cannot be read now says nothing else
		}
	}
	v, ok, err := retryFind(ctx, c.w.settle, k.find, times)
	if err == nil && !ok {
		v, ok, err = k.search(ctx)
	}
	if err == nil && !ok {
		err = c.notMade(k.call, k.what)
	}
	return v, c.done(), err
}

// inTheWay tells an earlier creation of ours, whose answer was lost, from
// something that somebody else has made.
func inTheWay[T any](ctx context.Context, c *change, k idempotentCreate[T], ours bool, conflict error) (T, attio.Receipt, error) {
	v, ok, err := k.find(ctx)
	if err == nil && !ok {
		v, ok, err = k.search(ctx)
	}
	if err == nil && ok && ours {
		return v, c.found(), nil
	}
	return v, c.done(), conflict
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
		_, is, lookErr := retryFind(ctx, c.w.settle, find, 2)
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
