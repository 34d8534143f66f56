package state

import (
	"context"
	"errors"
	"fmt"
)

// Rebuilt is what Rebuild has done.
type Rebuilt struct {
	Needless bool   // the snapshot was whole: nothing was done
	Aside    string // where the damaged snapshot is kept; empty: there was none
}

// Rebuild makes the snapshot again from the journal alone, where it is missing or
// damaged. Errors: *LockedError, and those of Read where the journal does not say
// it all.
func (s *Store) Rebuild(ctx context.Context, info RunInfo, code func(error) int) (done Rebuilt, err error) {
	info = s.scrub.info(info)
	w, err := s.hold(ctx, &info)
	if err != nil {
		return done, err
	}
	damage, err := s.damage(ctx)
	if err != nil || damage.why == "" {
		done.Needless = err == nil
		return done, errors.Join(err, w.Release(context.WithoutCancel(ctx)))
	}
	run, err := s.beginWith(ctx, w, info, func(ctx context.Context) (*loaded, error) { return s.loadFromJournal(ctx, damage.raw) })
	if err != nil {
		return done, err
	}
	defer run.Close()
	if damage.raw != nil {
		name := "damaged-" + info.Began.UTC().Format("20060102T150405Z")
		if done.Aside, err = w.Aside(ctx, name, damage.raw); err != nil {
			return done, run.end(ctx, code, fmt.Errorf("keep the damaged state: %w", err))
		}
	}
	_, err = run.submit(ctx, Line{Kind: LineRecovered, Recovered: &Recovered{Aside: done.Aside, Note: "the snapshot " + damage.why + "; it was made again from the journal"}})
	return done, run.end(ctx, code, err)
}

// damage is what was found in the place of the snapshot.
type damage struct {
	raw []byte // nil: nothing
	why string // empty: it is whole, or there is no state at all
}

func (s *Store) damage(ctx context.Context) (found damage, err error) {
	l, err := s.loadMoved(ctx)
	corrupt, is := errors.AsType[*CorruptError](err)
	if err != nil && (!is || corrupt.Place != s.Paths().Snapshot) {
		return found, err
	}
	switch {
	case err != nil:
		found.why = "could not be read: " + corrupt.Why
		if found.raw, err = s.from.Snapshot(ctx); errors.As(err, &corrupt) {
			err = nil // there is none any more
		}
		return found, err
	case l.replay.moved != nil:
		return found, s.movedError(l.replay.moved)
	case l.snapshot == nil && l.exists():
		found.why = "was missing"
	}
	return found, nil
}

// loadFromJournal is load without the snapshot. No serial is less than those
// before: each snapshot was made for at least one line.
func (s *reader) loadFromJournal(ctx context.Context, damaged []byte) (*loaded, error) {
	l := &loaded{replay: newReplay(), damaged: true}
	err := s.loadJournal(ctx, l)
	switch {
	case err != nil:
		return nil, err
	case l.replay.moved != nil:
		return nil, s.movedError(l.replay.moved)
	case !l.exists():
		return nil, &CorruptError{Place: s.Paths().Snapshot, Why: "it is damaged, and there is no journal to make it from",
			WayBack: "restore a backup: scim-sync state restore FILE"}
	}
	h, _ := leading(damaged)
	l.serial = max(h.Serial, l.replay.pos.Seq)
	return l, nil
}
