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
	ledger *ledger
	// snapshot is the present one's bytes, serial and stored format; nil and
	// zero without one.
	snapshot []byte
	serial   uint64
	stored   int
	parts    []Part
	torn     int64 // bytes at the end of the last part that are no whole line
	embedded int64 // bytes of the state at the beginning of the last part, where that matters
	warnings []string
}

func (l *loaded) exists() bool { return l.snapshot != nil || l.ledger.touched }

// load reads the snapshot and replays what the journal holds after it.
func (s *Store) load(ctx context.Context) (*loaded, error) {
	raw, err := s.medium.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	l := &loaded{snapshot: raw, ledger: newLedger()}
	if raw != nil {
		snap, stored, err := decodeSnapshot(raw, s.migrations)
		if err != nil {
			return nil, s.snapshotError(err)
		}
		l.ledger, l.serial, l.stored = snap.ledger(), snap.Serial, stored
	}
	if l.parts, err = s.medium.Parts(ctx); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	if err := s.replay(ctx, l); err != nil {
		return nil, err
	}
	return l, nil
}

// snapshotError says what is wrong with the snapshot and how to go on.
func (s *Store) snapshotError(err error) error {
	p := s.medium.Places()
	if format, ok := errors.AsType[*FormatError](err); ok {
		return &FormatError{Place: p.Snapshot, Have: format.Have, Know: format.Know}
	}
	way := "move it away, and the state is made again from the journal " + p.Journal
	if p.Previous != "" {
		way += "; if that is not whole either, put the newest file of " + p.Previous + " in its place"
	}
	return &CorruptError{Place: p.Snapshot, Why: err.Error(), WayBack: way}
}

// journalError says what is wrong with a part of the journal and how to go on.
func (s *Store) journalError(part, why string) error {
	return &CorruptError{Place: part, Why: why, WayBack: "nothing is guessed: restore it and " +
		s.medium.Places().Snapshot + " from the same backup, or move the whole journal away to go on from the snapshot alone"}
}

// replay carries out the lines after the snapshot's position on l.ledger.
func (s *Store) replay(ctx context.Context, l *loaded) error {
	from, err := s.findStart(ctx, l)
	if err != nil {
		return err
	}
	seen := l.ledger.pos
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
		l.ledger.pos.Offset = 0
		if seen.Seq > 0 {
			l.warnings = append(l.warnings, fmt.Sprintf("the journal %s is missing; the snapshot speaks for itself, "+
				"but writes made after it and the history are not known", s.medium.Places().Journal))
		}
	case at.seq < seen.Seq:
		return s.journalError(l.parts[len(l.parts)-1].Name,
			fmt.Sprintf("it ends at line %d, but the snapshot was made at line %d", at.seq, seen.Seq))
	}
	return nil
}

// chain is how far the lines have been checked. A zero chain has seen nothing
// and takes the first line as it is.
type chain struct {
	seq  uint64
	hash string
}

// fits says whether the line is the next one.
func (c chain) fits(l Line) error {
	switch {
	case c.seq == 0 && c.hash == "":
		if l.Seq == 1 && l.Prev != "" {
			return errors.New("it is the first line, but names one before it")
		}
		return nil
	case l.Seq != c.seq+1:
		return fmt.Errorf("it has seq %d where %d should be", l.Seq, c.seq+1)
	case l.Prev != c.hash:
		return errors.New("it does not follow from the line before it")
	}
	return nil
}

// replayPart replays one part from the offset on and returns how far the chain
// goes. Only the last part may end in something torn.
func (s *Store) replayPart(ctx context.Context, l *loaded, name string, offset int64, at chain, seen position, last bool) (chain, error) {
	body, err := s.medium.Open(ctx, name, offset)
	if err != nil {
		return at, fmt.Errorf("read the journal: %w", err)
	}
	defer body.Close()
	g := l.ledger
	g.pos.Offset = offset
	lines := bufio.NewReaderSize(body, 64<<10)
	for {
		raw, err := readLine(lines)
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
	}
}

// step carries a line out, or only checks it where the snapshot has seen it.
func (s *Store) step(g *ledger, line Line, size int, seen position, name string) error {
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

// readLine gives the next line without its newline, and io.EOF with what is
// left when there is no newline any more.
func readLine(r *bufio.Reader) ([]byte, error) {
	raw, err := r.ReadBytes('\n')
	if err == nil {
		raw = raw[:len(raw)-1]
	}
	return raw, err
}

// next reads a line as it came from readLine and checks that it is the next one.
func (c chain) next(raw []byte, end error) (Line, error) {
	if errors.Is(end, io.EOF) {
		return Line{}, errors.New("it is not whole")
	}
	line, err := decodeLine(raw)
	if err != nil {
		return Line{}, err
	}
	return line, c.fits(line)
}

// drainTorn reads to the end after a bad line and says how many bytes, that
// line included, are what a crash leaves: a line without its newline, or one
// in which a lost page reads as zeros, and no whole line after it. None of it
// was ever acknowledged. It gives 0 for everything else: that was whole once
// and was spoilt later, which must not be cut off.
func drainTorn(r *bufio.Reader, bad []byte, end error) int64 {
	size := int64(len(bad))
	if errors.Is(end, io.EOF) {
		return size
	}
	size++
	torn := bytes.IndexByte(bad, 0) >= 0
	for {
		raw, err := readLine(r)
		size += int64(len(raw))
		if _, bad := hashOf(raw); bad == nil && err == nil {
			torn = false
		}
		if err != nil {
			break
		}
		size++
	}
	if !torn {
		return 0
	}
	return size
}
