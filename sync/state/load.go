package state

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// loaded is what snapshot and journal say together.
type loaded struct {
	replay *replay
	// snapshot is the present one's bytes, serial and stored format; nil and
	// zero without one.
	snapshot []byte
	serial   uint64
	stored   int
	damaged  bool // a snapshot may be there, and is to be replaced whatever it says
	parts    []Part
	torn     int64 // bytes at the end of the last part that are no whole line
	lines    int   // how many were replayed
	warnings []string
}

// sizes are those of the snapshot and of the whole journal, in bytes.
func (l *loaded) sizes() (snapshot, journal int64) {
	for _, p := range l.parts {
		journal += p.Size
	}
	return int64(len(l.snapshot)), journal
}

func (l *loaded) exists() bool { return l.snapshot != nil || l.replay.touched }

// load reads the snapshot and replays what the journal holds after it. Error:
// *MovedError for a state that is not to be used here, and those of reading.
func (s *reader) load(ctx context.Context) (*loaded, error) {
	l, err := s.loadSnapshot(ctx)
	if err == nil && l.replay.moved == nil {
		err = s.loadJournal(ctx, l)
	}
	if err == nil && l.replay.moved != nil {
		err = s.movedError(l.replay.moved)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// loadMoved is load for a state that may have been moved away, which then is
// what l.replay.moved says.
func (s *reader) loadMoved(ctx context.Context) (*loaded, error) {
	l, err := s.loadSnapshot(ctx)
	if err == nil && l.replay.moved.unfinished() {
		err = s.movedError(l.replay.moved)
	}
	if err == nil {
		err = s.loadJournal(ctx, l)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (s *reader) loadSnapshot(ctx context.Context) (*loaded, error) {
	raw, err := s.from.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	l := &loaded{snapshot: raw, replay: newReplay()}
	if raw == nil {
		return l, nil
	}
	snap, stored, err := s.decode(raw)
	if err != nil {
		return nil, err
	}
	l.replay, l.serial, l.stored = snap.replay(), snap.Serial, stored
	return l, nil
}

func (s *reader) loadJournal(ctx context.Context, l *loaded) (err error) {
	if l.parts, err = s.from.Parts(ctx); err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	return s.replayAll(ctx, l)
}

// replayAll carries out the lines after the snapshot's position on l.replay.
func (s *reader) replayAll(ctx context.Context, l *loaded) error {
	from, err := s.findStart(ctx, l.parts, l.replay, l.snapshot != nil)
	if err != nil {
		return err
	}
	l.replay = from.base
	seen := l.replay.pos
	at := chain{seq: seen.Seq, hash: seen.Hash}
	if from.offset == 0 {
		at = chain{}
	}
	for i := from.part; i < len(l.parts); i++ {
		last := i == len(l.parts)-1
		if at, err = s.replayPart(ctx, l, l.parts[i].Name, from.offset, at, seen, last); err != nil {
			return err
		}
		from.offset = 0
	}
	switch {
	case at == chain{}:
		l.replay.pos.Offset = 0
		if seen.Seq > 0 {
			l.warnings = append(l.warnings, fmt.Sprintf("the journal %s is missing; the snapshot speaks for itself, "+
				"but writes made after it and the history are not known", s.Paths().Journal))
		}
	case at.seq < seen.Seq:
		return s.journalError(l.parts[len(l.parts)-1].Name,
			fmt.Sprintf("it ends at line %d, but the snapshot was made at line %d", at.seq, seen.Seq))
	}
	return nil
}

// replayPart replays one part from the offset on and returns how far the chain
// goes. Only the last part may end in something torn.
func (s *reader) replayPart(ctx context.Context, l *loaded, name string, offset int64, at chain, seen Position, last bool) (chain, error) {
	body, err := s.from.Open(ctx, name, offset)
	if err != nil {
		return at, fmt.Errorf("read the journal: %w", err)
	}
	defer body.Close()
	g := l.replay
	g.pos.Offset = offset
	lines := bufio.NewReaderSize(body, 64<<10)
	var idle, run []byte // the last line, where it was one of a run that wrote nothing
	for {
		raw, err := readLine(lines)
		if r, next, ok := at.idle(raw, err); ok && next.seq > seen.Seq+1 && !bytes.Equal(r, run) {
			g.pos = Position{Seq: next.seq, Hash: next.hash, Offset: g.pos.Offset + int64(len(raw)) + 1}
			at, idle, run = next, raw, r
			l.lines++
			continue
		}
		if why := g.remember(idle); why != nil {
			return at, s.journalError(name, why.Error())
		}
		idle, run = nil, nil
		if errors.Is(err, io.EOF) && len(raw) == 0 {
			return at, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return at, fmt.Errorf("read the journal %s: %w", name, err)
		}
		line, why := at.next(raw, err)
		if why != nil {
			torn := drainTorn(lines, raw, err)
			if torn == 0 || !last {
				return at, s.journalError(name, fmt.Sprintf("the line after line %d: %v", at.seq, why))
			}
			l.torn = torn
			return at, nil
		}
		if err := s.step(g, line, len(raw)+1, seen, name); err != nil {
			return at, err
		}
		at = chain{seq: line.Seq, hash: line.Hash}
		l.lines++
	}
}

// step carries a line out, or only checks it where the snapshot has seen it.
func (s *reader) step(g *replay, line Line, size int, seen Position, name string) error {
	if line.Seq < seen.Seq || line.Seq == seen.Seq && line.Hash == seen.Hash {
		g.pos.Offset += int64(size)
		return nil
	}
	if line.Seq == seen.Seq || line.Seq == seen.Seq+1 && line.Prev != seen.Hash {
		return s.journalError(name, fmt.Sprintf("line %d is not the one that the snapshot has seen", seen.Seq))
	}
	err := g.take(line, size)
	var format *FormatError
	switch {
	case errors.As(err, &format):
		return &FormatError{Place: name, Have: format.Have, Know: format.Know}
	case err != nil:
		return s.journalError(name, err.Error())
	}
	return nil
}
