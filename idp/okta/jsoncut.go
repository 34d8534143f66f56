package okta

import "context"

// fields say which members of an object are kept; nil keeps a value whole. A
// list keeps them of each element.
type fields map[string]fields

// cut makes a body smaller before it is decoded: a page of a thousand members
// holds a megabyte of which only the ids count. The whole body is checked to be
// one JSON object or list on the way; of one that is not, nothing is cut, and ok
// is false.
func cut(body []byte, keep fields) (small []byte, ok bool) {
	c := cutter{in: body, out: make([]byte, 0, len(body)/8)}
	if c.blanks(); c.peek() != '[' && c.peek() != '{' || !c.value(keep, 0) {
		return body, false
	}
	if c.blanks(); c.at != len(c.in) {
		return body, false
	}
	return c.out, true
}

type fieldsKey struct{}

// keeping says which fields of the answers to requests under ctx are used.
func keeping(ctx context.Context, keep fields) context.Context {
	if keep == nil {
		return ctx
	}
	return context.WithValue(ctx, fieldsKey{}, keep)
}

func keptOf(ctx context.Context) fields {
	keep, _ := ctx.Value(fieldsKey{}).(fields)
	return keep
}

// cutter reads JSON (RFC 8259) at a place and copies what is kept.
type cutter struct {
	in  []byte
	at  int
	out []byte
}

// deepest is how far values may be nested: Okta's are five deep or so.
const deepest = 200

// value copies the value at hand, or those of its fields that are kept.
func (c *cutter) value(keep fields, depth int) bool {
	if keep == nil {
		from := c.at
		if !c.skip(depth) {
			return false
		}
		c.out = append(c.out, c.in[from:c.at]...)
		return true
	}
	switch c.peek() {
	case '{':
		return c.object(keep, depth)
	case '[':
		return c.list(depth, func() bool { return c.value(keep, depth+1) })
	}
	return c.value(nil, depth)
}

func (c *cutter) object(keep fields, depth int) bool {
	c.out = append(c.out, '{')
	first := true
	ok := c.members(depth, func(name []byte) bool {
		inner, kept := keep[string(name[1:len(name)-1])]
		if !kept {
			return c.skip(depth + 1)
		}
		if !first {
			c.out = append(c.out, ',')
		}
		first = false
		c.out = append(append(c.out, name...), ':')
		return c.value(inner, depth+1)
	})
	c.out = append(c.out, '}')
	return ok
}

func (c *cutter) list(depth int, element func() bool) bool {
	c.out = append(c.out, '[')
	first := true
	ok := c.elements(depth, func() bool {
		if !first {
			c.out = append(c.out, ',')
		}
		first = false
		return element()
	})
	c.out = append(c.out, ']')
	return ok
}

// skip goes past the value at hand.
func (c *cutter) skip(depth int) bool {
	switch b := c.peek(); {
	case b == '"':
		return c.text()
	case b == '{':
		return c.members(depth, func([]byte) bool { return c.skip(depth + 1) })
	case b == '[':
		return c.elements(depth, func() bool { return c.skip(depth + 1) })
	case b == '-' || '0' <= b && b <= '9':
		return c.number()
	}
	return c.word("null") || c.word("true") || c.word("false")
}

// members goes through an object; each is called at the value of every name,
// and goes past it. The name comes with its quotes.
func (c *cutter) members(depth int, each func(name []byte) bool) bool {
	c.at++
	if c.blanks(); c.take('}') {
		return true
	}
	if depth >= deepest {
		return false
	}
	for {
		from := c.at
		if c.peek() != '"' || !c.text() {
			return false
		}
		name := c.in[from:c.at]
		if c.blanks(); !c.take(':') {
			return false
		}
		if c.blanks(); !each(name) {
			return false
		}
		if c.blanks(); c.take('}') {
			return true
		}
		if !c.take(',') {
			return false
		}
		c.blanks()
	}
}

// elements goes through a list.
func (c *cutter) elements(depth int, each func() bool) bool {
	c.at++
	if c.blanks(); c.take(']') {
		return true
	}
	if depth >= deepest {
		return false
	}
	for {
		if !each() {
			return false
		}
		if c.blanks(); c.take(']') {
			return true
		}
		if !c.take(',') {
			return false
		}
		c.blanks()
	}
}

// text goes past a text.
func (c *cutter) text() bool {
	in := c.in
	for i := c.at + 1; i < len(in); i++ {
		b := in[i]
		if b > '\\' || b > '"' && b < '\\' || b == ' ' || b == '!' {
			continue
		}
		switch b {
		case '"':
			c.at = i + 1
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
func (c *cutter) number() bool {
	c.take('-')
	if !c.take('0') && !c.digits() {
		return false
	}
	if c.take('.') && !c.digits() {
		return false
	}
	if c.take('e') || c.take('E') {
		_ = c.take('+') || c.take('-')
		return c.digits()
	}
	return true
}

func (c *cutter) digits() bool {
	from := c.at
	for b := c.peek(); '0' <= b && b <= '9'; b = c.peek() {
		c.at++
	}
	return c.at > from
}

func (c *cutter) word(w string) bool {
	if rest := c.in[c.at:]; len(rest) < len(w) || string(rest[:len(w)]) != w {
		return false
	}
	c.at += len(w)
	return true
}

// peek is the byte at hand, 0 at the end.
func (c *cutter) peek() byte {
	if c.at < len(c.in) {
		return c.in[c.at]
	}
	return 0
}

func (c *cutter) take(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.at++
	return true
}

func (c *cutter) blanks() {
	for c.at < len(c.in) {
		switch c.in[c.at] {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return
		}
	}
}
