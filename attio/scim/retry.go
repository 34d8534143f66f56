package scim

import (
	"context"
	"time"
)

// retries is how often something is looked for that should be there, or gone.
const retries = 3

// retryFind looks several times, with pauses between.
func retryFind[T any](ctx context.Context, settle time.Duration, find func(context.Context) (T, bool, error), times int) (T, bool, error) {
	for n := 1; ; n++ {
		v, ok, err := find(ctx)
		if err != nil || ok || n >= times {
			return v, ok, err
		}
		pause(ctx, settle)
	}
}

// pause waits before something is looked for or sent once more.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
