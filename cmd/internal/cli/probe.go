package cli

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
	probeAttempts = 2
	probePatience = 3 * time.Second
	// ProbeTime is how long it waits for an answer at most.
	ProbeTime = 10 * time.Second
)

// Probe runs one question to a service, which has to be answered soon.
func Probe[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	ctx = transport.WithCallOptions(ctx, transport.CallOptions{Attempts: probeAttempts, Patience: probePatience})
	ctx, cancel := context.WithTimeoutCause(ctx, ProbeTime, errors.New("no answer within "+ProbeTime.String()))
	defer cancel()
	v, err := ask(ctx)
	if known, ok := errors.AsType[*attio.Error](err); ok && known.Hint == "" && ctx.Err() != nil {
		e := *known
		e.Hint = "Check the network, the proxy settings and attio.api_url, then run it again."
		return v, &e
	}
	return v, err
}
