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
	force    bool   // what is there is no snapshot: the next one goes over it
	outdated []byte // the present one in a former format, until it is backed up
	stored   int
	kept     bool          // the one that was there first is among the previous ones
	pause    time.Duration // until the next one
}

// save writes a snapshot. When it fails, the journal still holds everything.
// Unless the run has changed something, the former one is not worth keeping.
func (s *saver) save(ctx context.Context, snap snapshot, changed bool) (err error) {
	defer group.Recover(&err)
	began := s.now()
	raw, err := snap.encode()
	if err != nil {
		return err
	}
	if s.outdated != nil {
		if _, err := s.writer.Aside(ctx, fmt.Sprintf("format-%d.bak", s.stored), s.outdated); err != nil {
			return fmt.Errorf("keep the state of format %d: %w", s.stored, err)
		}
		s.outdated = nil
	}
	keep := changed && !s.kept && s.serial > 0 && !s.force
	if err := s.writer.Swap(ctx, Next{Was: s.serial, Body: raw, Keep: keep, Force: s.force}); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	s.serial, s.kept, s.force = snap.Serial, s.kept || changed, false
	// A large snapshot takes its time; nine tenths of it belong to the work.
	s.pause = max(s.interval, 10*s.now().Sub(began))
	return nil
}
