package state

import (
	"context"
	"errors"
	"fmt"
)

// start is where a replay begins.
type start struct {
	part   int // len(parts) when the journal holds nothing
	offset int64
	base   *replay // what to carry the lines out on
}

// findStart finds the place from which to go on from what the snapshot holds:
// right after its line where that is in the last part, else the beginning of
// the newest part that reaches back far enough. Without a snapshot that is one
// which begins with the first line of all or with a state in it, which then is
// the base.
func (s *reader) findStart(ctx context.Context, parts []Part, base *replay, hasSnapshot bool) (start, error) {
	seen := base.pos
	last := len(parts) - 1
	if last >= 0 && seen.Offset > 0 {
		fits, err := s.endsWith(ctx, parts[last].Name, seen)
		if err != nil || fits {
			return start{last, seen.Offset, base}, err
		}
	}
	short := "" // the oldest part that does not reach back far enough
	for i := last; i >= 0; i-- {
		name := parts[i].Name
		first, ok, err := s.firstLine(ctx, name)
		switch {
		case err != nil:
			return start{}, err
		case !ok && i != last:
			return start{}, s.journalError(name, "its first line is not intact")
		case !ok: // empty, or one torn line
		case hasSnapshot && first.Seq <= seen.Seq+1:
			return start{i, 0, base}, nil
		case !hasSnapshot && first.Rotated != nil:
			base, err := s.beginWith(first, name)
			return start{i, 0, base}, err
		case !hasSnapshot && first.Seq == 1:
			return start{i, 0, base}, nil
		default:
			short = name
		}
	}
	switch {
	case short != "" && hasSnapshot:
		return start{}, s.journalError(short, fmt.Sprintf("it begins after line %d, at which the snapshot was made", seen.Seq))
	case short != "":
		return start{}, &CorruptError{Place: s.Paths().Snapshot,
			Why: "it is missing, and so are the first parts of the journal", WayBack: "restore one of them from a backup"}
	case last >= 0 && parts[last].Size > 0:
		return start{last, 0, base}, nil // no intact first line: the replay says what it is
	}
	return start{len(parts), 0, base}, nil
}

// beginWith gives the state that a part's first line holds.
func (s *reader) beginWith(first Line, part string) (*replay, error) {
	snap, _, err := decodeSnapshot(first.Rotated.State, s.migrations)
	var format *FormatError
	switch {
	case errors.As(err, &format):
		return nil, &FormatError{Place: part, Have: format.Have, Know: format.Know}
	case err != nil:
		return nil, s.journalError(part, fmt.Sprintf("the state in its first line: %v", err))
	}
	base := snap.replay()
	base.pos = Position{Seq: first.Seq - 1, Hash: first.Prev}
	return base, nil
}
