package cmd

import (
	"context"
	"errors"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/transport"
)

// What only looks does not wait: not for a service that fails or is silent, nor
// for a rate limit to have room again.
const (
	briefAttempts = 2
	briefPatience = 3 * time.Second
	briefDeadline = 10 * time.Second
)

// briefly runs one question to a service, which has to be answered soon.
func briefly[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	ctx = transport.WithCallOptions(ctx, transport.CallOptions{Attempts: briefAttempts, Patience: briefPatience})
	ctx, cancel := context.WithTimeoutCause(ctx, briefDeadline, errors.New("no answer within "+briefDeadline.String()))
	defer cancel()
	v, err := ask(ctx)
	if known, ok := errors.AsType[*attio.Error](err); ok && known.Hint == "" && ctx.Err() != nil {
		e := *known
		e.Hint = "Check the network, the proxy settings and attio.api_url, then run it again."
		return v, &e
	}
	return v, err
}

// probed makes a question of one that has no answer but its error.
func probed(ask func(context.Context) error) func(context.Context) (struct{}, error) {
	return func(ctx context.Context) (struct{}, error) { return struct{}{}, ask(ctx) }
}
