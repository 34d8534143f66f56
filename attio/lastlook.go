package attio

import "context"

type lastLookKey struct{}

// WithLastLook gives a context whose writes ask look when all that they wait
// for (their turn, a limit) is over, just before each request leaves. Its error
// keeps the request from leaving, and is in the chain of the one that the write
// gives, which says Unsent unless an attempt before it may have been carried out.
func WithLastLook(ctx context.Context, look func(context.Context) error) context.Context {
	return context.WithValue(ctx, lastLookKey{}, look)
}

// LastLook is what writes under ctx ask before they leave, nil: nothing.
func LastLook(ctx context.Context) func(context.Context) error {
	look, _ := ctx.Value(lastLookKey{}).(func(context.Context) error)
	return look
}
