package transport

import (
	"io"
	"math/bits"
	"sync"
)

// scratch lends room for bodies, whose length is mostly not known beforehand. Room
// is of the sizes 64 KiB, 128 KiB and so on, and what grows out of one moves on to
// the next, so that the rooms of one list serve for all of its pages.
type scratch struct {
	sizes  [sizes]sync.Pool
	poison bool // as Options.Poison
}

// room is lent to one body at a time.
type room struct{ bytes []byte }

const (
	smallest = 16 // 64 KiB
	sizes    = 12 // up to 128 MiB
	// announced is the most room that is lent on a header's word alone.
	announced = 1 << 20
)

// lend gives empty room for n bytes at least.
func (s *scratch) lend(n int) *room {
	i := max(bits.Len(uint(max(n, 1)-1)), smallest) - smallest
	if i >= sizes {
		return &room{make([]byte, 0, n)}
	}
	if r, ok := s.sizes[i].Get().(*room); ok {
		return r
	}
	return &room{make([]byte, 0, 1<<(smallest+i))}
}

// giveBack takes room that nobody looks at any more.
func (s *scratch) giveBack(r *room) {
	if s.poison {
		all := r.bytes[:cap(r.bytes)]
		for i := range all {
			all[i] = '#'
		}
	}
	r.bytes = r.bytes[:0]
	if i := bits.Len(uint(cap(r.bytes)-1)) - smallest; i < sizes {
		s.sizes[i].Put(r)
	}
}

// readAll reads to the end, of which it is thought that it comes before so many
// bytes, and gives what was read whatever came of it.
func (s *scratch) readAll(from io.Reader, likely int64) (*room, error) {
	r := s.lend(int(min(likely, announced)))
	for {
		if len(r.bytes) == cap(r.bytes) {
			larger := s.lend(2 * cap(r.bytes))
			larger.bytes = append(larger.bytes, r.bytes...)
			s.giveBack(r)
			r = larger
		}
		n, err := from.Read(r.bytes[len(r.bytes):cap(r.bytes)])
		r.bytes = r.bytes[:len(r.bytes)+n]
		if err == io.EOF { //nolint:errorlint // the very end, and nothing that wraps it
			return r, nil
		}
		if err != nil {
			return r, err
		}
	}
}
