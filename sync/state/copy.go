package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// copier brings a whole journal, byte for byte and part for part, into a store
// whose journal is empty.
type copier struct {
	from  Source
	parts []Part // as far as they are to be taken along: whole lines
	to    BackendWriter
	held  func() error // whether the run may go on
}

// copyAtOnce is how many bytes of lines are written together.
const copyAtOnce = 1 << 20

// copy gives where the new journal ends.
func (c copier) copy(ctx context.Context) (at Position, err error) {
	for _, p := range c.parts {
		if p.Size == 0 {
			continue // a crash came before its first line
		}
		if at, err = c.part(ctx, p, at); err != nil {
			return at, fmt.Errorf("copy the journal: %w", err)
		}
	}
	return at, nil
}

// part copies one part behind the line at which the journal ends.
func (c copier) part(ctx context.Context, p Part, at Position) (Position, error) {
	body, err := c.from.Open(ctx, p.Name, 0)
	if err != nil {
		return at, err
	}
	defer body.Close()
	lines := bufio.NewReaderSize(io.LimitReader(body, p.Size), 64<<10)
	batch := batch{copier: c, end: at}
	for first := true; ; first = false {
		raw, err := readLine(lines)
		if errors.Is(err, io.EOF) && len(raw) == 0 {
			return batch.end, batch.flush(ctx)
		}
		if err == nil {
			err = batch.add(ctx, raw, first)
		}
		if err != nil {
			return batch.end, fmt.Errorf("%s, after line %d: %w", p.Name, batch.end.Seq, err)
		}
	}
}

// batch are lines that are written together.
type batch struct {
	copier
	lines []byte
	after Position // of the line before them
	end   Position // of the last of them
}

// add takes a line without its newline. The first of a part begins another one.
func (b *batch) add(ctx context.Context, raw []byte, first bool) error {
	hash, err := hashOf(raw)
	if err != nil {
		return err
	}
	seq := b.end.Seq + 1
	if b.end.Seq == 0 {
		line, err := decodeLine(raw)
		if err != nil {
			return err
		}
		seq = line.Seq
	}
	raw = append(raw, '\n')
	if first && b.end.Seq > 0 {
		if err := b.held(); err != nil {
			return err
		}
		err := b.to.Rotate(ctx, b.end, raw)
		b.end = Position{Seq: seq, Hash: hash, Offset: int64(len(raw))}
		return err
	}
	if len(b.lines) == 0 {
		b.after = b.end
	}
	b.lines = append(b.lines, raw...)
	b.end = Position{Seq: seq, Hash: hash, Offset: b.end.Offset + int64(len(raw))}
	if len(b.lines) < copyAtOnce {
		return nil
	}
	return b.flush(ctx)
}

func (b *batch) flush(ctx context.Context) error {
	if len(b.lines) == 0 {
		return nil
	}
	if err := b.held(); err != nil {
		return err
	}
	err := b.to.Append(ctx, b.after, b.lines)
	b.lines = b.lines[:0]
	return err
}

// whole lists the parts as far as they hold whole lines: the last one ends there.
func whole(parts []Part, end Position) []Part {
	list := append([]Part(nil), parts...)
	if n := len(list); n > 0 {
		list[n-1].Size = end.Offset
	}
	return list
}
