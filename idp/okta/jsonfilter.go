package okta

import (
	"context"
	"fmt"
)

// fields say which members of an object are kept; nil keeps a value whole. A
// list keeps them of each element.
type fields map[string]fields

// shape is what a list may look like, and what is kept of it.
type shape struct {
	keep    fields
	entries int // at most: as many as were asked for
	entry   int // bytes at most that are kept of one
	// into takes what is kept of each entry; nil: the list is cut down in one piece.
	into sink
}

// sink takes the entries of one list. They count only when the whole list was
// well-formed.
type sink interface {
	// begin comes before the first: what came earlier was of another answer.
	begin()
	// take gets what is kept of one, in room that is used for the next one as well:
	// nothing of it may be kept.
	take(cut []byte)
	// wrong is the error of an answer of which an entry cannot be read or believed.
	wrong(status int) error
}

// filterJSON makes a list smaller before it is decoded: a page of a thousand
// members holds a megabyte of which only the ids count. The whole body is checked
// on the way to be one JSON object or list; of one that is not, nothing is cut, and
// ok is false. odd says what no such list has, before memory is spent on it. Of a
// list whose entries were taken nothing is left.
func filterJSON(body []byte, s shape) (small []byte, odd string, ok bool) {
	f := jsonFilter{in: body, shape: s}
	f.blanks()
	switch f.peek() {
	case '[':
		if s.into == nil {
			f.out = make([]byte, 0, len(body)/8)
		}
		if ok = f.entries(); s.into != nil {
			f.out = nil
		}
	case '{':
		ok = f.value(s.keep, 0)
	}
	if f.odd != "" {
		return nil, f.odd, false
	}
	if f.blanks(); !ok || f.at != len(f.in) {
		return body, "", false
	}
	return f.out, "", true
}

// entries goes through the list itself.
func (f *jsonFilter) entries() bool {
	n := 0
	entry := func() bool {
		from := len(f.out)
		if n++; n > f.shape.entries {
			f.odd = fmt.Sprintf("it holds more entries than the %d that were asked for", f.shape.entries)
			return false
		}
		if !f.value(f.shape.keep, 1) {
			return false
		}
		if size := len(f.out) - from; size > f.shape.entry {
			f.odd = fmt.Sprintf("entry %d is larger than %d KiB", n, f.shape.entry>>10)
		}
		return f.odd == ""
	}
	if f.shape.into == nil {
		return f.list(0, entry)
	}
	f.shape.into.begin()
	return f.elements(0, func() bool {
		f.out = f.out[:0]
		if !entry() {
			return false
		}
		f.shape.into.take(f.out)
		return true
	})
}

type shapeKey struct{}

// shaped says what the answers to requests under ctx look like.
func shaped(ctx context.Context, s shape) context.Context {
	return context.WithValue(ctx, shapeKey{}, s)
}

// shapeOf is the shape of the list that is asked for; not ok: a single thing is.
func shapeOf(ctx context.Context) (s shape, ok bool) {
	s, ok = ctx.Value(shapeKey{}).(shape)
	return s, ok
}

// jsonFilter reads JSON (RFC 8259) at a place and copies what is kept.
type jsonFilter struct {
	in  []byte
	at  int
	out []byte

	shape shape
	odd   string // what no such list has
}

// deepest is how far values may be nested: Okta's are five deep or so.
const deepest = 200

// value copies the value at hand, or those of its fields that are kept.
func (f *jsonFilter) value(keep fields, depth int) bool {
	if keep == nil {
		from := f.at
		if !f.skip(depth) {
			return false
		}
		f.out = append(f.out, f.in[from:f.at]...)
		return true
	}
	switch f.peek() {
	case '{':
		return f.object(keep, depth)
	case '[':
		return f.list(depth, func() bool { return f.value(keep, depth+1) })
	}
	return f.value(nil, depth)
}

func (f *jsonFilter) object(keep fields, depth int) bool {
	f.out = append(f.out, '{')
	first := true
	ok := f.members(depth, func(name []byte) bool {
		inner, kept := keep[string(name[1:len(name)-1])]
		if !kept {
			return f.skip(depth + 1)
		}
		if !first {
			f.out = append(f.out, ',')
		}
		first = false
		f.out = append(append(f.out, name...), ':')
		return f.value(inner, depth+1)
	})
	f.out = append(f.out, '}')
	return ok
}

func (f *jsonFilter) list(depth int, element func() bool) bool {
	f.out = append(f.out, '[')
	first := true
	ok := f.elements(depth, func() bool {
		if !first {
			f.out = append(f.out, ',')
		}
		first = false
		return element()
	})
	f.out = append(f.out, ']')
	return ok
}

// skip goes past the value at hand.
func (f *jsonFilter) skip(depth int) bool {
	switch b := f.peek(); {
	case b == '"':
		return f.text()
	case b == '{':
		return f.members(depth, func([]byte) bool { return f.skip(depth + 1) })
	case b == '[':
		return f.elements(depth, func() bool { return f.skip(depth + 1) })
	case b == '-' || '0' <= b && b <= '9':
		return f.number()
	}
	return f.word("null") || f.word("true") || f.word("false")
}

// members goes through an object; each is called at the value of every name,
// and goes past it. The name comes with its quotes.
func (f *jsonFilter) members(depth int, each func(name []byte) bool) bool {
	f.at++
	if f.blanks(); f.take('}') {
		return true
	}
	if depth >= deepest {
		return false
	}
	for {
		from := f.at
		if f.peek() != '"' || !f.text() {
			return false
		}
		name := f.in[from:f.at]
		if f.blanks(); !f.take(':') {
			return false
		}
		if f.blanks(); !each(name) {
			return false
		}
		if f.blanks(); f.take('}') {
			return true
		}
		if !f.take(',') {
			return false
		}
		f.blanks()
	}
}

// elements goes through a list.
func (f *jsonFilter) elements(depth int, each func() bool) bool {
	f.at++
	if f.blanks(); f.take(']') {
		return true
	}
	if depth >= deepest {
		return false
	}
	for {
		if !each() {
			return false
		}
		if f.blanks(); f.take(']') {
			return true
		}
		if !f.take(',') {
			return false
		}
		f.blanks()
	}
}

// text goes past a text.
func (f *jsonFilter) text() bool {
	in := f.in
	for i := f.at + 1; i < len(in); i++ {
		b := in[i]
		if b > '\\' || b > '"' && b < '\\' || b == ' ' || b == '!' {
			continue
		}
		switch b {
		case '"':
			f.at = i + 1
			return true
		case '\\':
			n := escape(in[i:])
			if n == 0 {
				return false
			}
			i += n - 1
		default:
			return false // a control character
		}
	}
	return false
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
func (f *jsonFilter) number() bool {
	f.take('-')
	if !f.take('0') && !f.digits() {
		return false
	}
	if f.take('.') && !f.digits() {
		return false
	}
	if f.take('e') || f.take('E') {
		_ = f.take('+') || f.take('-')
		return f.digits()
	}
	return true
}

func (f *jsonFilter) digits() bool {
	from := f.at
	for b := f.peek(); '0' <= b && b <= '9'; b = f.peek() {
		f.at++
	}
	return f.at > from
}

func (f *jsonFilter) word(w string) bool {
	if rest := f.in[f.at:]; len(rest) < len(w) || string(rest[:len(w)]) != w {
		return false
	}
	f.at += len(w)
	return true
}

// peek is the byte at hand, 0 at the end.
func (f *jsonFilter) peek() byte {
	if f.at < len(f.in) {
		return f.in[f.at]
	}
	return 0
}

func (f *jsonFilter) take(b byte) bool {
	if f.peek() != b {
		return false
	}
	f.at++
	return true
}

func (f *jsonFilter) blanks() {
	for f.at < len(f.in) {
		switch f.in[f.at] {
		case ' ', '\t', '\r', '\n':
			f.at++
		default:
			return
		}
	}
}
