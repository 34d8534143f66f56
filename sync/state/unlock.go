package state

import (
	"context"
	"time"
)

// Abandoned makes sure that whoever holds a lock does not renew it any more: it
// looks again after the time in which a holder that is there would have done so. It
// gives the lock as it stands, which is for Break; nil when it is free by now.
//
// Error: *LockedError when its holder is there, or another one has it, and for the
// lock of a process that ends with it and so is never abandoned.
func (s *Store) Abandoned(ctx context.Context, at Standing) (*Standing, error) {
	there := &LockedError{Holder: at.Holder, Place: s.Paths().Lock}
	if at.Every <= 0 {
		return nil, there
	}
	if err := wait(ctx, at.Every+at.Every/4+time.Second); err != nil {
		return nil, err
	}
	now, err := s.Standing(ctx)
	if err != nil || now == nil {
		return nil, err
	}
	if now.Mark != at.Mark || now.Holder.RunID != at.Holder.RunID || now.Renewed.After(at.Renewed) {
		there.Holder = now.Holder
		return nil, there
	}
	return now, nil
}
