// Package jsonscan goes through JSON (RFC 8259) from place to place without copying
// anything. It takes exactly what encoding/json takes, but for values that are nested
// deeper than [Deepest].
package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// Scanner stands at a place in a text. Its methods go past what they are named after,
// and are false where that is not there or not well-formed.
type Scanner struct {
	In []byte
	At int
}

// Deepest is how far values may be nested: those of Okta and Attio are five deep or so.
const Deepest = 200

// Skip goes past the value at hand.
func (s *Scanner) Skip(depth int) bool {
	switch b := s.Peek(); {
	case b == '"':
		return s.Text()
	case b == '{':
		return s.Members(depth, func([]byte) bool { return s.Skip(depth + 1) })
	case b == '[':
		return s.Elements(depth, func() bool { return s.Skip(depth + 1) })
	case b == '-' || '0' <= b && b <= '9':
		return s.number()
	}
	return s.word("null") || s.word("true") || s.word("false")
}

// Members goes through an object; each is called at the value of every name,
// and goes past it. The name comes with its quotes.
func (s *Scanner) Members(depth int, each func(name []byte) bool) bool {
	s.At++
	if s.Blanks(); s.Take('}') {
		return true
	}
	if depth >= Deepest {
		return false
	}
	for {
		from := s.At
		if s.Peek() != '"' || !s.Text() {
			return false
		}
		name := s.In[from:s.At]
		if s.Blanks(); !s.Take(':') {
			return false
		}
		if s.Blanks(); !each(name) {
			return false
		}
		if s.Blanks(); s.Take('}') {
			return true
		}
		if !s.Take(',') {
			return false
		}
		s.Blanks()
	}
}

// Elements goes through a list.
func (s *Scanner) Elements(depth int, each func() bool) bool {
	s.At++
	if s.Blanks(); s.Take(']') {
		return true
	}
	if depth >= Deepest {
		return false
	}
	for {
		if !each() {
			return false
		}
		if s.Blanks(); s.Take(']') {
			return true
		}
		if !s.Take(',') {
			return false
		}
		s.Blanks()
	}
}

// Text goes past a text; the byte at hand is its quote.
func (s *Scanner) Text() bool {
	in := s.In
	for i := s.At + 1; i < len(in); i++ {
		for i+8 <= len(in) {
			n := plainBytes(binary.LittleEndian.Uint64(in[i:]))
			if i += n; n < 8 {
				break
			}
		}
		if i >= len(in) {
			return false
		}
		switch b := in[i]; {
		case b == '"':
			s.At = i + 1
			return true
		case b == '\\':
			n := escape(in[i:])
			if n == 0 {
				return false
			}
			i += n - 1
		case b < ' ':
			return false // a control character
		}
	}
	return false
}

// plainBytes is how many of eight bytes, from the lowest, come before one that means
// something in a text: a quote, a backslash, a control character.
func plainBytes(x uint64) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, slash := x^(ones*'"'), x^(ones*'\\')
	// A high bit is set where a byte is zero, or less than a blank; above the first
	// such byte it may be set for nothing.
	found := ((quote - ones) &^ quote) | ((slash - ones) &^ slash) | ((x - ones*' ') &^ x)
	return bits.TrailingZeros64(found&highs) / 8
}

// escape is the length of the escape that b begins with, 0 if it is none.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, x := range b[2:6] {
			if ('0' > x || x > '9') && ('a' > x || x > 'f') && ('A' > x || x > 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// number goes past a number.
func (s *Scanner) number() bool {
	s.Take('-')
	if !s.Take('0') && !s.digits() {
		return false
	}
	if s.Take('.') && !s.digits() {
		return false
	}
	if s.Take('e') || s.Take('E') {
		_ = s.Take('+') || s.Take('-')
		return s.digits()
	}
	return true
}

func (s *Scanner) digits() bool {
	from := s.At
	for b := s.Peek(); '0' <= b && b <= '9'; b = s.Peek() {
		s.At++
	}
	return s.At > from
}

func (s *Scanner) word(w string) bool {
	if rest := s.In[s.At:]; len(rest) < len(w) || string(rest[:len(w)]) != w {
		return false
	}
	s.At += len(w)
	return true
}

// Peek is the byte at hand, 0 at the end.
func (s *Scanner) Peek() byte {
	if s.At < len(s.In) {
		return s.In[s.At]
	}
	return 0
}

// Take goes past one byte.
func (s *Scanner) Take(b byte) bool {
	if s.Peek() != b {
		return false
	}
	s.At++
	return true
}

// Blanks goes past white space, of which there may be none.
func (s *Scanner) Blanks() {
	for s.At < len(s.In) {
		switch s.In[s.At] {
		case ' ', '\t', '\r', '\n':
			s.At++
		default:
			return
		}
	}
}
