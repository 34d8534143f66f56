package state

import (
	"context"
	"errors"
)

// WriteThrough makes changes that need no request, such as linking a group or
// releasing a person, as a run of its own: it takes the lock and lets change
// learn what there is to learn from what is managed at that moment. When
// change fails, the journal says so, with the exit code that code gives the
// error; change learns nothing before it knows that it will not fail.
func (s *Store) WriteThrough(ctx context.Context, info RunInfo, code func(error) int, change func(*Run) error) error {
	run, err := s.Begin(ctx, info)
	if err != nil {
		return err
	}
	defer run.Close()
	return run.end(ctx, code, change(run))
}

// end finishes a run that has one thing to do, and did or did not do it.
func (r *Run) end(ctx context.Context, code func(error) int, err error) error {
	sum := Summary{}
	if err != nil {
		sum = Summary{ExitCode: code(err), Error: err.Error()}
	}
	return errors.Join(err, r.Finish(ctx, sum))
}
