package state

import (
	"context"
	"fmt"
	"time"

	"scim-sync/internal/group"
)

// saver replaces the snapshot. One goroutine at a time uses it.
type saver struct {
	writer   BackendWriter
	now      func() time.Time
	interval time.Duration // the least time between two of them

	serial   uint64 // of the present one, 0 without one
	outdated []byte // the present one in a former format, until it is backed up
	stored   int
	kept     bool          // the one that was there first is among the previous ones
	pause    time.Duration // until the next one
}

// save writes a snapshot. When it fails, the journal still holds everything.
func (s *saver) save(ctx context.Context, snap snapshot) (err error) {
	defer group.Recover(&err)
	began := s.now()
	raw, err := snap.encode()
	if err != nil {
		return err
	}
	if s.outdated != nil {
		if err := s.writer.Backup(ctx, s.stored, s.outdated); err != nil {
			return fmt.Errorf("keep the state of format %d: %w", s.stored, err)
		}
		s.outdated = nil
	}
	keep := s.serial > 0 && !s.kept
	if err := s.writer.Swap(ctx, Next{Was: s.serial, Body: raw, Keep: keep}); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	s.serial, s.kept = snap.Serial, true
	// A large snapshot takes its time; nine tenths of it belong to the work.
	s.pause = max(s.interval, 10*s.now().Sub(began))
	return nil
}

// save takes a snapshot, if the last one does not say all that there is.
func (r *Run) save(ctx context.Context) error {
	snap, due := r.due()
	if !due {
		return nil
	}
	err := r.snaps.save(ctx, snap)
	if err != nil {
		r.mu.Lock()
		r.dirty = true
		r.mu.Unlock()
	}
	return err
}

// due gives what a snapshot says now, and false when the last one says it all.
func (r *Run) due() (snapshot, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.dirty {
		return snapshot{}, false
	}
	r.replay.forget(r.now())
	r.dirty = false
	return snapshotOf(r.replay, r.snaps.serial+1), true
}
