package state

import (
	"context"
	"errors"
)

// Finish writes the run's last line, takes a last snapshot if anything
// changed, and gives up the lock, whatever goes wrong on the way. It works
// although ctx is cancelled.
func (r *Run) Finish(ctx context.Context, s Summary) error {
	ctx = context.WithoutCancel(ctx)
	_, err := r.submit(ctx, Line{Kind: LineEnd, Summary: &s})
	if errors.Is(err, ErrClosed) {
		return ErrClosed
	}
	return errors.Join(err, r.close(ctx, true))
}

// Close gives up the lock without a last line, as when the run fails midway:
// the journal holds all that was done, and the next run goes on from there.
// After Finish it does nothing.
func (r *Run) Close() error { return r.close(context.Background(), false) }

func (r *Run) close(ctx context.Context, save bool) (err error) {
	r.once.Do(func() {
		close(r.quit)
		<-r.ended
		if save && !errors.Is(r.whyClosed(), ErrLost) {
			err = r.save(ctx)
		}
		err = errors.Join(err, r.writer.Release(ctx))
	})
	return err
}
