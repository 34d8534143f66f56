package state

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

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

// idle says whether a line as it came from readLine is the next one, whole, and
// that of a run that wrote nothing; whose, and how far the chain then goes. All
// others are for next.
func (c chain) idle(raw []byte, end error) (run []byte, to chain, ok bool) {
	h, ok := headOf(raw)
	if end != nil || !ok || !h.idle() || c.seq == 0 || h.seq != c.seq+1 || string(h.prev) != c.hash {
		return nil, c, false
	}
	hash, err := hashOf(raw)
	return h.run, chain{seq: h.seq, hash: hash}, err == nil
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
