package state

import (
	"context"
	"fmt"
)

// Verify checks every line of every part: its own hash, that it follows from
// the one before, and that the line which the snapshot has seen is there. It
// takes no lock and changes nothing. A bad line is in the verdict, no error.
func (s *reader) Verify(ctx context.Context) (Verdict, error) {
	raw, err := s.from.Snapshot(ctx)
	if err != nil {
		return Verdict{}, fmt.Errorf("read the state: %w", err)
	}
	var seen Position
	if raw != nil {
		snap, _, err := s.decode(raw)
		if err == nil && snap.Moved != nil {
			err = s.movedError(snap.Moved)
		}
		if err != nil {
			return Verdict{}, err
		}
		seen = snap.Journal
	}
	v, err := s.check(ctx, seen)
	if err == nil && v.moved != nil {
		err = s.movedError(v.moved)
	}
	return v, err
}

// check is Verify with the line that the snapshot has seen.
func (s *reader) check(ctx context.Context, seen Position) (Verdict, error) {
	met := ""
	v, err := s.walk(ctx, nil, func(l Line) bool {
		if l.Seq == seen.Seq {
			met = l.Hash
		}
		if l.Seq == seen.Seq+1 && met == "" {
			met = l.Prev
		}
		return true
	})
	if err == nil && v.Bad == nil && met != seen.Hash {
		v.Bad = &BadLine{Part: s.Paths().Journal, Line: v.Lines, Why: fmt.Sprintf(
			"the snapshot was made at line %d, and that line is missing or another one", seen.Seq)}
	}
	return v, err
}
