package transport

import (
	"context"
	"time"
)

// CallOptions change Options for the requests made under a context. Zero values
// leave what holds already; nothing can be raised above the Transport's own.
type CallOptions struct {
	// Attempts at most: for callers that have something better to do after a
	// failure than to repeat it. Waiting told by a 429 stays as it is.
	Attempts int
	// SlowAttempts limits those attempts that a service could not answer in
	// time (500, 504, a time-out): for callers that can ask for less at once.
	// All others are repeated as ever, with the pauses that the service asks for.
	SlowAttempts int
	// Patience for callers that would rather hear of a limit than wait until it
	// is over.
	Patience time.Duration
	// MaxBody is the most bytes of an answer that are read.
	MaxBody int64
	// Waits: requests wait (for the Pacer, or between attempts) only until it
	// has ended. What is on its way by then is finished.
	Waits context.Context
	// Leaves is asked when an attempt has waited for its turn and is about to
	// leave. An error keeps the request here: the *Error is of the kind Withheld,
	// with that one in its chain.
	Leaves func(context.Context) error
}

type callOptionsKey struct{}

// WithCallOptions gives a context whose requests go by o.
func WithCallOptions(ctx context.Context, o CallOptions) context.Context {
	all := callOptions(ctx)
	if o.Attempts > 0 {
		all.Attempts = o.Attempts
	}
	if o.SlowAttempts > 0 {
		all.SlowAttempts = o.SlowAttempts
	}
	if o.Patience > 0 {
		all.Patience = o.Patience
	}
	if o.MaxBody > 0 {
		all.MaxBody = o.MaxBody
	}
	if o.Waits != nil {
		all.Waits = o.Waits
	}
	if o.Leaves != nil {
		all.Leaves = o.Leaves
	}
	return context.WithValue(ctx, callOptionsKey{}, all)
}

func callOptions(ctx context.Context) CallOptions {
	o, _ := ctx.Value(callOptionsKey{}).(CallOptions)
	return o
}

// orMost is n, where it is set and less than most.
func orMost[N int | int64 | time.Duration](n, most N) N {
	if n > 0 {
		return min(n, most)
	}
	return most
}
