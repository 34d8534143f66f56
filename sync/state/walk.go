package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
)

// lines streams all lines of all parts, checking that each follows from the
// one before. Lines of runs that wrote nothing are checked and not read where
// skip, which is told whose they are, says so.
func (s *reader) lines(ctx context.Context, skip func(run []byte) bool) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		w, err := s.walk(ctx, skip, func(l Line) bool { return yield(l, nil) })
		switch {
		case err != nil:
			yield(Line{}, err)
		case w.moved != nil && !w.stopped:
			yield(Line{}, s.movedError(w.moved))
		case w.Bad != nil && !w.stopped:
			yield(Line{}, s.journalError(w.Bad.Part, fmt.Sprintf("line %d of it: %s", w.Bad.Line, w.Bad.Why)))
		}
	}
}

// Verdict is what a check of the journal found.
type Verdict struct {
	Parts int `json:"parts"`
	Lines int `json:"lines"` // intact ones before the first bad one
	// First is the seq of the first line that is kept: 1, unless older parts
	// were put away. Last is that of the last intact one.
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
	// Lost says why what came before First is missing, where a run found it so;
	// empty when older parts were put away, or nothing is missing.
	Lost string `json:"lost,omitempty"`
	// Pruned says that what came before First was older than is kept, nil when
	// nothing was removed for that.
	Pruned *Pruned `json:"pruned,omitempty"`
	// Bad is the first line that is not as it was written, nil when all are.
	Bad *BadLine `json:"bad,omitempty"`
	// TornBytes at the end belong to a line that was never finished: a crash,
	// or a run that writes right now. The next run cuts them off.
	TornBytes int64 `json:"torn_bytes,omitempty"`

	chain   chain
	before  string // the hash that the first line names
	skip    func(run []byte) bool
	moved   *Moved // the last line of that kind says so
	stopped bool   // the caller wanted no more
}

// BadLine says which line is bad.
type BadLine struct {
	Part   string `json:"part"`
	Line   int    `json:"line"`   // in that part, from 1
	Offset int64  `json:"offset"` // in that part, in bytes
	Why    string `json:"why"`
}

// walk reads all lines in order until one is bad or each wants no more.
func (s *reader) walk(ctx context.Context, skip func(run []byte) bool, each func(Line) bool) (Verdict, error) {
	parts, err := s.from.Parts(ctx)
	if err != nil {
		return Verdict{}, fmt.Errorf("read the journal: %w", err)
	}
	v := Verdict{Parts: len(parts), skip: skip}
	for i, p := range parts {
		if err := s.walkPart(ctx, &v, p.Name, i == len(parts)-1, each); err != nil {
			return v, err
		}
		if v.Bad != nil || v.stopped {
			break
		}
	}
	return v, nil
}

func (s *reader) walkPart(ctx context.Context, v *Verdict, name string, last bool, each func(Line) bool) error {
	body, err := s.from.Open(ctx, name, 0)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	defer body.Close()
	lines := bufio.NewReaderSize(body, 64<<10)
	at := BadLine{Part: name}
	for {
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("read the journal: %w", err)
		}
		at.Line++
		raw, err := readLine(lines)
		if errors.Is(err, io.EOF) && len(raw) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the journal %s: %w", name, err)
		}
		if v.skips(raw, err) {
			at.Offset += int64(len(raw)) + 1
			continue
		}
		line, bad := v.chain.next(raw, err)
		if bad != nil {
			if torn := drainTorn(lines, raw, err); torn > 0 && last {
				v.TornBytes = torn
			} else {
				v.bad(at, bad)
			}
			return nil
		}
		if !line.legible() {
			return &FormatError{Place: name, Have: max(line.Format, Format+1), Know: Format}
		}
		if bad := v.take(line); bad != nil {
			v.bad(at, bad)
			return nil
		}
		at.Offset += int64(len(raw)) + 1
		if !each(line) {
			v.stopped = true
			return nil
		}
	}
}

// skips takes a line that need not be read.
func (v *Verdict) skips(raw []byte, end error) bool {
	if v.skip == nil {
		return false
	}
	run, to, ok := v.chain.idle(raw, end)
	if !ok || !v.skip(run) {
		return false
	}
	v.Lines, v.Last, v.chain = v.Lines+1, to.seq, to
	return true
}

func (v *Verdict) bad(at BadLine, why error) {
	at.Why = why.Error()
	v.Bad = &at
}

// take counts a line that follows from the one before, and says what is wrong
// with where the journal begins.
func (v *Verdict) take(line Line) error {
	if v.First == 0 {
		v.First, v.before = line.Seq, line.Prev
		if line.Seq > 1 && line.Rotated == nil {
			return fmt.Errorf("it is line %d of the journal and begins no part: the lines before it were taken away", line.Seq)
		}
		if line.Recovered != nil {
			v.Lost = line.Recovered.Note
		}
	}
	switch line.Kind {
	case LineMoved:
		v.moved = line.Moved
	case LineRestored:
		v.moved = nil
	default:
	}
	if line.Rotated != nil && line.Rotated.Pruned != nil && line.Rotated.Pruned.Before == v.First {
		if line.Rotated.Pruned.Hash != v.before {
			return fmt.Errorf("it says that line %d follows another line than that one does", v.First)
		}
		v.Pruned = line.Rotated.Pruned
	}
	v.Lines, v.Last, v.chain = v.Lines+1, line.Seq, chain{seq: line.Seq, hash: line.Hash}
	return nil
}
