package s3

import (
	"context"
	"net/http"
	"time"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

// OpenFor opens a backend for tests: with another lease, shorter pauses, and
// something between it and the connection.
func OpenFor(at state.Location, lease time.Duration, wrap func(http.RoundTripper) http.RoundTripper) (*Backend, error) {
	b, err := open(at, bucket.Timing{Lease: lease, Poll: 20 * time.Millisecond, Pause: 5 * time.Millisecond, Patience: 300 * time.Millisecond, Tries: 3, Try: 2 * time.Second})
	if err == nil {
		b.at.Wrap = wrap
	}
	return b, err
}

// Put writes an object over whatever is there.
func Put(ctx context.Context, b *Backend, name string, raw []byte) error {
	_, err := b.at.Put(ctx, name, raw, bucket.Anything)
	return err
}
