package transport

import (
	"io"
	"math/bits"
	"sync"
)

// scratch lends room for bodies, whose length is mostly not known beforehand. They
// are read piece by piece, and put together in a room of their size, so that the
// pieces and rooms of one page serve for all pages of a list.
type scratch struct {
	pieces sync.Pool
	rooms  [sizes]sync.Pool
	poison bool // as Options.Poison
}

// piece is how much is read into at once.
const piece = 64 << 10

// room is lent to one body at a time.
type room struct{ bytes []byte }

// Rooms are of 4 KiB and up, in steps of a quarter.
const (
	smallest = 12
	sizes    = 4 * (30 - smallest)
)

// sizeOf is the size of rooms that hold n bytes, as its number and in bytes.
func sizeOf(n int) (number, room int) {
	n = max(n, 1<<smallest)
	step := bits.Len(uint(n-1)) - 3 // of the quarters between two powers of two
	quarters := (n + 1<<step - 1) >> step
	return 4*(step+2-smallest) + quarters - 4, quarters << step
}

// lend gives empty room for n bytes at least.
func (s *scratch) lend(n int) *room {
	number, size := sizeOf(n)
	if number < sizes {
		if r, ok := s.rooms[number].Get().(*room); ok {
			return r
		}
	}
	return &room{make([]byte, 0, size)}
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
	if number, size := sizeOf(cap(r.bytes)); number < sizes && size == cap(r.bytes) {
		s.rooms[number].Put(r)
	}
}

// readAll reads to the end, and gives what was read whatever came of it.
func (s *scratch) readAll(from io.Reader) (*room, error) {
	var pieces []*[piece]byte
	n := 0
	var err error
	for err == nil {
		if n == len(pieces)*piece {
			p, ok := s.pieces.Get().(*[piece]byte)
			if !ok {
				p = new([piece]byte)
			}
			pieces = append(pieces, p)
		}
		var m int
		m, err = from.Read(pieces[len(pieces)-1][n%piece:])
		n += m
	}
	r := s.lend(n)
	for _, p := range pieces {
		r.bytes = append(r.bytes, p[:min(n-len(r.bytes), piece)]...)
		s.pieces.Put(p)
	}
	if err == io.EOF { //nolint:errorlint // the very end, and nothing that wraps it
		err = nil
	}
	return r, err
}
