package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Open reads a part from the byte offset on. It asks for an object when it is
// read that far.
func (b *reader) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	n, err := b.partNumber(name)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	c := b.known
	b.mu.Unlock()
	if own := b.held(); own != nil {
		c = own.contents()
	}
	if c.part(n) == nil {
		if c, err = b.view(ctx); err != nil {
			return nil, err
		}
	}
	return &stream{ctx: ctx, b: b, c: c, n: n, at: offset}, nil
}

// part gives the part with the number, nil when there is none.
func (c *contents) part(n uint64) *part {
	for i := range c.Parts {
		if c.Parts[i].N == n {
			return &c.Parts[i]
		}
	}
	return nil
}

// stream reads a part of the journal.
type stream struct {
	ctx  context.Context
	b    *reader
	c    contents
	n    uint64
	at   int64
	left []byte // read, and not given yet
	// again: what the journal is made of was read a second time.
	again bool
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		var err error
		if s.left, err = s.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.left)
	s.left, s.at = s.left[n:], s.at+int64(n)
	return n, nil
}

func (s *stream) Close() error { return nil }

// next gives what stands at the place: what lock.json repeats, or an object.
func (s *stream) next() ([]byte, error) {
	p := s.c.part(s.n)
	if p == nil || s.at < 0 {
		return nil, io.EOF
	}
	size, isLast := p.size(), p == s.c.last()
	switch {
	case s.at >= size && (!isLast || s.at-size >= int64(len(s.c.tail))):
		return nil, io.EOF
	case s.at >= size:
		return s.c.tail[s.at-size:], nil
	case s.at < int64(len(p.Head)):
		return p.Head[s.at:], nil
	case isLast && s.at >= size-int64(len(s.c.End)):
		return s.c.End[s.at-(size-int64(len(s.c.End))):], nil
	}
	for _, o := range p.Objects {
		if s.at < o.From || s.at >= o.From+o.Size {
			continue
		}
		lines, err := s.b.lines(s.ctx, o)
		if errors.Is(err, errGone) && !s.again && s.b.held() == nil {
			// Its holder has merged it since.
			s.again = true
			if s.c, err = s.b.view(s.ctx); err == nil {
				return s.next()
			}
		}
		if errors.Is(err, errGone) {
			err = s.b.at.Broken(o.Name, "it is not there any more")
		}
		if err != nil {
			return nil, err
		}
		return lines[s.at-o.From:], nil
	}
	return nil, s.b.at.Broken(journal, fmt.Sprintf("no object holds byte %d of part %d", s.at, s.n))
}
