package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// start is where a replay begins.
type start struct {
	part   int
	offset int64
}

// findStart finds the place from which to replay: right after the snapshot's
// line where that is in the last part, else the beginning of the newest part
// that reaches back far enough. Without a snapshot that is one which begins
// with the first line of all or with a state in it, which then is the ledger.
// part is len(l.parts) when the journal holds nothing.
func (s *Store) findStart(ctx context.Context, l *loaded) (start, error) {
	seen := l.ledger.pos
	last := len(l.parts) - 1
	if last >= 0 && seen.Offset > 0 {
		fits, err := s.endsWith(ctx, l.parts[last].Name, seen)
		if err != nil || fits {
			return start{last, seen.Offset}, err
		}
	}
	short := "" // the oldest part that does not reach back far enough
	for i := last; i >= 0; i-- {
		name := l.parts[i].Name
		first, ok, err := s.firstLine(ctx, name)
		switch {
		case err != nil:
			return start{}, err
		case !ok && i != last:
			return start{}, s.journalError(name, "its first line is not intact")
		case !ok: // empty, or one torn line
		case l.snapshot != nil && first.Seq <= seen.Seq+1:
			return start{i, 0}, nil
		case l.snapshot == nil && (first.Seq == 1 || first.Rotated != nil):
			return start{i, 0}, s.beginWith(l, first, name)
		default:
			short = name
		}
	}
	switch {
	case short != "" && l.snapshot != nil:
		return start{}, s.journalError(short, fmt.Sprintf("it begins after line %d, at which the snapshot was made", seen.Seq))
	case short != "":
		return start{}, &CorruptError{Place: s.medium.Places().Snapshot,
			Why: "it is missing, and so are the first parts of the journal", WayBack: "restore one of them from a backup"}
	case last >= 0 && l.parts[last].Size > 0:
		return start{last, 0}, nil // no intact first line: the replay says what it is
	}
	return start{len(l.parts), 0}, nil
}

// beginWith makes the state that a first line holds the ledger to start from.
func (s *Store) beginWith(l *loaded, first Line, part string) error {
	if first.Rotated == nil {
		return nil
	}
	snap, _, err := decodeSnapshot(first.Rotated.State, s.migrations)
	var format *FormatError
	switch {
	case errors.As(err, &format):
		return &FormatError{Place: part, Have: format.Have, Know: format.Know}
	case err != nil:
		return s.journalError(part, fmt.Sprintf("the state in its first line: %v", err))
	}
	l.ledger = snap.ledger()
	l.ledger.pos = position{Seq: first.Seq - 1, Hash: first.Prev}
	return nil
}

// endsWith says whether the line that ends at the position is the one that
// the position names.
func (s *Store) endsWith(ctx context.Context, part string, p position) (bool, error) {
	want := hashOpen + p.Hash + hashClose + "\n"
	from := p.Offset - int64(len(want))
	if from < 0 {
		return false, nil
	}
	body, err := s.medium.Open(ctx, part, from)
	if err != nil {
		return false, fmt.Errorf("read the journal: %w", err)
	}
	defer body.Close()
	have := make([]byte, len(want))
	_, err = io.ReadFull(body, have)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return false, nil
	}
	return string(have) == want, err
}

// firstLine gives a part's first line, and false when it has no intact one.
func (s *Store) firstLine(ctx context.Context, part string) (Line, bool, error) {
	body, err := s.medium.Open(ctx, part, 0)
	if err != nil {
		return Line{}, false, fmt.Errorf("read the journal: %w", err)
	}
	defer body.Close()
	raw, err := readLine(bufio.NewReader(body))
	if errors.Is(err, io.EOF) {
		return Line{}, false, nil
	}
	if err != nil {
		return Line{}, false, fmt.Errorf("read the journal %s: %w", part, err)
	}
	line, bad := decodeLine(raw)
	return line, bad == nil, nil
}
