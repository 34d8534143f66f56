package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// reader reads a state.
type reader struct {
	from       Source
	migrations map[int]migration
}

// Paths says where things are kept, for messages.
func (s *reader) Paths() Paths { return s.from.Paths() }

// decode reads the snapshot. stored is the format that it had.
func (s *reader) decode(raw []byte) (snap snapshot, stored int, err error) {
	snap, stored, err = decodeSnapshot(raw, s.migrations)
	if err != nil {
		return snapshot{}, stored, s.snapshotError(err)
	}
	return snap, stored, nil
}

// snapshotError says what is wrong with the snapshot and how to go on.
func (s *reader) snapshotError(err error) error {
	p := s.Paths()
	if format, ok := errors.AsType[*FormatError](err); ok {
		return &FormatError{Place: p.Snapshot, Have: format.Have, Know: format.Know}
	}
	way := "make it again from the journal: scim-sync state rebuild; if that is not whole either, restore a backup (scim-sync state restore FILE)"
	switch {
	case p.Kind == fileKind:
		way += ", or put the newest file of " + p.Previous + " in its place"
	case p.Previous != "":
		way += ", or copy the newest object of " + p.Previous + " over it"
	}
	return &CorruptError{Place: p.Snapshot, Why: err.Error(), WayBack: way}
}

// movedError says that the state is not to be used here.
func (s *reader) movedError(m *Moved) error { return &MovedError{Place: s.Paths().Snapshot, Moved: *m} }

// journalError says what is wrong with a part of the journal and how to go on.
func (s *reader) journalError(part, why string) error {
	way := "nothing is guessed: restore a backup (scim-sync state restore FILE)"
	if s.Paths().Kind == fileKind { // elsewhere the lock names what the journal is made of
		way += ", or move the whole journal away to go on from the snapshot alone"
	}
	return &CorruptError{Place: part, Why: why, WayBack: way}
}

// firstLine gives a part's first line, and false when it has no intact one.
func (s *reader) firstLine(ctx context.Context, part string) (Line, bool, error) {
	body, err := s.from.Open(ctx, part, 0)
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

// endsWith says whether the line that ends at the position is the one that
// the position names.
func (s *reader) endsWith(ctx context.Context, part string, p Position) (bool, error) {
	want := hashOpen + p.Hash + hashClose + "\n"
	from := p.Offset - int64(len(want))
	if from < 0 {
		return false, nil
	}
	body, err := s.from.Open(ctx, part, from)
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
