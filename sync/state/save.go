package state

import (
	"context"
	"errors"
)

// save takes a snapshot, if one is due.
func (r *Run) save(ctx context.Context) error {
	snap, changed, due := r.due()
	if !due {
		return nil
	}
	err := r.snaps.save(ctx, snap, changed)
	if errors.Is(err, ErrLost) {
		r.fail(err)
	}
	if err != nil {
		r.mu.Lock()
		r.dirty, r.stale = r.dirty || changed, true
		r.mu.Unlock()
	}
	return err
}

// due gives what a snapshot says now, and whether the last one says less.
func (r *Run) due() (snap snapshot, changed, due bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.dirty && !r.stale {
		return snapshot{}, false, false
	}
	changed = r.dirty
	r.replay.forget(r.now())
	r.dirty, r.stale = false, false
	return snapshotOf(r.replay, r.snaps.serial+1), changed, true
}
