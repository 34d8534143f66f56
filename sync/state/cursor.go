package state

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// cursor goes through JSON as this program writes it. Each method says whether
// it met that; what it did not understand may be JSON all the same, and is for
// encoding/json to read.
type cursor struct {
	raw  []byte
	at   int
	room []byte // for a string without its escapes
}

// done says whether nothing follows but white space, which it skips.
func (c *cursor) done() bool {
	for c.at < len(c.raw) && strings.IndexByte(" \t\r\n", c.raw[c.at]) >= 0 {
		c.at++
	}
	return c.at == len(c.raw)
}

// next takes the byte, if that is the one which follows.
func (c *cursor) next(b byte) bool {
	if c.done() || c.raw[c.at] != b {
		return false
	}
	c.at++
	return true
}

// bytes takes a string, and gives what it says until the next is taken.
func (c *cursor) bytes() ([]byte, bool) {
	if !c.next('"') {
		return nil, false
	}
	from, ascii, escapes := c.at, true, false
	for ; c.at < len(c.raw); c.at++ {
		switch b := c.raw[c.at]; {
		case b == '"':
			said := c.raw[from:c.at]
			c.at++
			if escapes {
				return c.unescaped(said)
			}
			return said, ascii || utf8.Valid(said)
		case b == '\\':
			escapes = true
			c.at++
		case b < ' ':
			return nil, false
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, false
}

// unescaped knows the escapes of what people put into names.
func (c *cursor) unescaped(said []byte) ([]byte, bool) {
	c.room = c.room[:0]
	for len(said) > 0 {
		b := said[0]
		said = said[1:]
		if b == '\\' {
			switch b = said[0]; {
			case b == '"' || b == '\\' || b == '/':
				said = said[1:]
			case b == 'u' && len(said) > 4:
				n, err := strconv.ParseUint(string(said[1:5]), 16, 16)
				if err != nil || n >= utf8.RuneSelf {
					return nil, false
				}
				b, said = byte(n), said[5:]
			default:
				return nil, false
			}
		}
		c.room = append(c.room, b)
	}
	return c.room, utf8.Valid(c.room)
}

// text takes a string.
func text[T ~string](c *cursor, into *T) bool {
	b, ok := c.bytes()
	*into = T(b)
	return ok
}

// word takes a string that is mostly one of a few, which cost no memory each.
func word[T ~string](c *cursor, into *T, known ...T) bool {
	b, ok := c.bytes()
	for _, w := range known {
		if string(b) == string(w) {
			*into = w
			return ok
		}
	}
	*into = T(b)
	return ok
}

// truth takes true or false.
func (c *cursor) truth(into *bool) bool {
	rest := c.raw[c.at:]
	switch {
	case bytes.HasPrefix(rest, []byte("true")):
		*into = true
		c.at += len("true")
		return true
	case bytes.HasPrefix(rest, []byte("false")):
		*into = false
		c.at += len("false")
		return true
	}
	return false
}

// moment takes a time.
func (c *cursor) moment(into *time.Time) bool {
	c.done()
	from := c.at
	_, ok := c.bytes()
	return ok && into.UnmarshalJSON(c.raw[from:c.at]) == nil
}

// object takes an object, whose members each takes by their names.
func (c *cursor) object(member func(name []byte) bool) bool {
	if !c.next('{') {
		return false
	}
	if c.next('}') {
		return true
	}
	for {
		name, ok := c.bytes()
		if !ok || !c.next(':') || !member(name) {
			return false
		}
		if !c.next(',') {
			return c.next('}')
		}
	}
}

// list takes a list.
func (c *cursor) list(entry func() bool) bool {
	if !c.next('[') {
		return false
	}
	if c.next(']') {
		return true
	}
	for entry() {
		if !c.next(',') {
			return c.next(']')
		}
	}
	return false
}

// any takes a value of whatever kind, as encoding/json reads it.
func (c *cursor) any(into any) bool {
	d := json.NewDecoder(bytes.NewReader(c.raw[c.at:]))
	if d.Decode(into) != nil {
		return false
	}
	c.at += int(d.InputOffset())
	return true
}
