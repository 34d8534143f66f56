package okta

import (
	"context"
	"fmt"

	"scim-sync/internal/jsonscan"
)

// fields say which members of an object are kept; nil keeps a value whole. A
// list keeps them of each element.
type fields []field

type field struct {
	name string
	kept fields
}

// whole are members that are kept as they are.
func whole(names ...string) fields {
	f := make(fields, len(names))
	for i, n := range names {
		f[i].name = n
	}
	return f
}

// find gives what is kept of the member of a name.
func (f fields) find(name []byte) (kept fields, ok bool) {
	for i := range f {
		if string(name) == f[i].name {
			return f[i].kept, true
		}
	}
	return nil, false
}

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
	f := jsonFilter{Scanner: jsonscan.Scanner{In: body}, shape: s}
	f.Blanks()
	switch f.Peek() {
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
	if f.Blanks(); !ok || f.At != len(f.In) {
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
	return f.Elements(0, func() bool {
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

// jsonFilter goes through JSON and copies what is kept.
type jsonFilter struct {
	jsonscan.Scanner
	out []byte

	shape shape
	odd   string // what no such list has
}

// value copies the value at hand, or those of its fields that are kept.
func (f *jsonFilter) value(keep fields, depth int) bool {
	if keep == nil {
		from := f.At
		if !f.Skip(depth) {
			return false
		}
		f.out = append(f.out, f.In[from:f.At]...)
		return true
	}
	switch f.Peek() {
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
	ok := f.Members(depth, func(name []byte) bool {
		inner, kept := keep.find(name[1 : len(name)-1])
		if !kept {
			return f.Skip(depth + 1)
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
	ok := f.Elements(depth, func() bool {
		if !first {
			f.out = append(f.out, ',')
		}
		first = false
		return element()
	})
	f.out = append(f.out, ']')
	return ok
}
