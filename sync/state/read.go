package state

import (
	"context"
	"errors"
	"time"

	core "scim-sync/sync"
)

// Info is what a reading says about the state itself.
type Info struct {
	// Exists is false where nothing is known yet: no snapshot, and no journal
	// that ever bound the state or changed it.
	Exists bool
	Paths  Paths
	Serial uint64 // of the snapshot; 0 without one
	Seq    uint64 // of the last journal line; 0 without one
	// SnapshotSize and JournalSize are in bytes, the latter of all parts.
	SnapshotSize, JournalSize int64
	// LastRun is the last run that the journal holds, nil without one.
	LastRun *RunRecord
	// Warnings are things that stopped nothing and that people should know.
	Warnings []string
}

// Read gives what is managed and which writes were left unfinished. It takes
// no lock, writes nothing and creates nothing, and it may run beside an apply:
// it then sees the state at some moment of it, with the writes under way among
// the unfinished ones. Unfinished removals count in Managed.Removals.
//
// Errors: *FormatError (a newer program's state), *MovedError, *CorruptError, *LocationError.
func (s *Store) Read(ctx context.Context) (core.Managed, []core.Unfinished, Info, error) {
	l, err := s.loadPatiently(ctx)
	if err != nil {
		return core.Managed{}, nil, Info{}, err
	}
	return l.replay.last(), l.replay.unfinished(everything), l.info(s.Paths()), nil
}

// loadPatiently reads again where snapshot and journal do not fit each other,
// as happens when an apply replaces one of them in between.
func (s *Store) loadPatiently(ctx context.Context) (*loaded, error) {
	const tries = 5
	for try := 1; ; try++ {
		l, err := s.load(ctx)
		var corrupt *CorruptError
		if err == nil || try == tries || !errors.As(err, &corrupt) {
			return l, err
		}
		if err := wait(ctx, 5*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (l *loaded) info(at Paths) Info {
	snapshot, journal := l.sizes()
	return Info{
		SnapshotSize: snapshot, JournalSize: journal,
		Exists:   l.exists(),
		Paths:    at,
		Serial:   l.serial,
		Seq:      l.replay.pos.Seq,
		LastRun:  l.replay.lastRun.clone(),
		Warnings: l.warnings,
	}
}
