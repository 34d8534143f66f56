// Package state keeps what scim-sync manages: a snapshot of it, and the
// journal of every write from which the snapshot can be made again.
//
// A write is announced in the journal before it is made and completed after;
// both are on the disk when the call returns. The snapshot is written at most
// once a second and at the end of a run, and names the journal line up to
// which it speaks. What is managed is therefore always the snapshot and the
// changes of the later lines; an intent without an outcome is a write that may
// or may not have happened ([core.Unfinished]).
//
// A [Store] holds the rules; where the bytes lie is for a [Medium] to know. On
// files, for a snapshot W.json, these lie beside each other:
//
//	W.json               snapshot
//	W.journal.jsonl      journal; W.journal.1.jsonl and so on are older parts
//	W.journal.torn-N     a half written line that a crash left, cut off before line N
//	W.lock               lock, and who holds it
//	W.previous/          snapshots of the last ten runs that changed something
//	W.json.format-N.bak  the snapshot before it was brought to a newer format
//	W.cache.json         for the identity provider's cache; not kept here
//
// Each journal line ends with the SHA-256 of itself without that field, and
// holds the hash of the line before it. To check a line with other tools:
//
//	sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum
package state

import (
	"context"
	"errors"
	"fmt"
	"time"

	core "scim-sync/sync"
)

// Store keeps one state: that of one workspace. It holds no lock and no open
// file; it may be used from several goroutines.
type Store struct {
	medium     Medium
	rotateAt   int64
	interval   time.Duration
	migrations map[int]migration
}

const (
	// rotateAt is the size in bytes from which a journal is set aside when a
	// run begins.
	rotateAt = 32 << 20
	// snapshotInterval is the least time between two snapshots of a run.
	snapshotInterval = time.Second
	// removalsKept is longer than any window in which removals are counted:
	// protect.removals_window is 30 days at most.
	removalsKept = 31 * 24 * time.Hour
	// plansKept must be longer than anybody keeps a saved plan.
	plansKept = 365 * 24 * time.Hour
)

// New gives the store on a medium.
func New(m Medium) *Store {
	return &Store{medium: m, rotateAt: rotateAt, interval: snapshotInterval, migrations: migrations()}
}

// Info is what a reading says about the state itself.
type Info struct {
	// Exists is false where nothing is known yet: no snapshot, and no journal
	// that ever bound the state or changed it.
	Exists bool
	Places Places
	Serial uint64 // of the snapshot; 0 without one
	Seq    uint64 // of the last journal line; 0 without one
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
// Errors: *FormatError (a newer program's state), *CorruptError, *LocationError.
func (s *Store) Read(ctx context.Context) (core.Managed, []core.Unfinished, Info, error) {
	l, err := s.loadPatiently(ctx)
	if err != nil {
		return core.Managed{}, nil, Info{}, err
	}
	return l.ledger.view(everything), l.ledger.unfinished(everything), s.info(l), nil
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

func (s *Store) info(l *loaded) Info {
	return Info{
		Exists:   l.exists(),
		Places:   s.medium.Places(),
		Serial:   l.serial,
		Seq:      l.ledger.pos.Seq,
		LastRun:  l.ledger.lastRun.clone(),
		Warnings: l.warnings,
	}
}

// Places says where things are kept, for messages.
func (s *Store) Places() Places { return s.medium.Places() }

// CachePath is the file beside the state in which the identity provider's
// cache may be kept; empty where there is no such place. It may be deleted at
// any time.
func (s *Store) CachePath() string { return s.medium.Places().Cache }

// WriteThrough makes changes that need no request, such as linking a group or
// releasing a person, as a run of its own: it takes the lock, asks change what
// to do about what is managed at that moment, and writes it down. When change
// fails, nothing is changed and the journal says so.
func (s *Store) WriteThrough(ctx context.Context, info RunInfo, change func(core.Managed) ([]core.Change, error)) error {
	run, err := s.Begin(ctx, info)
	if err != nil {
		return err
	}
	defer run.Close()
	changes, err := change(run.Managed())
	for _, c := range changes {
		if err == nil {
			err = run.Learn(ctx, nil, c)
		}
	}
	sum := Summary{}
	if err != nil {
		sum = Summary{ExitCode: 1, Error: err.Error()}
	}
	return errors.Join(err, run.Finish(ctx, sum))
}

// wait pauses for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the state: %w", context.Cause(ctx))
	}
}
