// Package piecewise writes and reads JSON objects with long lists, one entry at
// a time, so that the text as a whole is never in memory. What it writes is what
// encoding/json writes of the same values, to the byte.
package piecewise

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Object is a JSON object being written, without white space. Each Write ends
// between two tokens. The first error is kept, and nothing is written after it.
type Object struct {
	w     io.Writer
	piece bytes.Buffer // the next to be written
	enc   *json.Encoder
	begun bool
	err   error
}

// NewObject begins an object. With escapeHTML, <, > and & become escapes, as
// [json.Marshal] has them.
func NewObject(w io.Writer, escapeHTML bool) *Object {
	o := &Object{w: w}
	o.enc = json.NewEncoder(&o.piece)
	o.enc.SetEscapeHTML(escapeHTML)
	return o
}

// Fields writes the fields of a struct as members.
func (o *Object) Fields(v any) {
	if o.encode(v); o.err != nil {
		return
	}
	if o.piece.Len() == len("{}") {
		o.piece.Reset()
		return
	}
	o.piece.Bytes()[0] = o.lead()
	o.piece.Truncate(o.piece.Len() - 1)
	o.write()
}

// List writes a member that is a list; nil is null.
func List[T any](o *Object, name string, list []T) {
	o.name(name)
	if list == nil {
		o.piece.WriteString("null")
		o.write()
		return
	}
	o.piece.WriteByte('[')
	for i := range list {
		if i > 0 {
			o.piece.WriteByte(',')
		}
		if o.encode(&list[i]); o.err != nil {
			return
		}
		o.write()
	}
	o.piece.WriteByte(']')
	o.write()
}

// Object writes a member that is an object of its own, which encode writes.
func (o *Object) Object(name string, encode func(io.Writer) error) {
	o.name(name)
	if o.write(); o.err == nil {
		o.err = encode(o.w)
	}
}

// End closes the object and gives the first error.
func (o *Object) End() error {
	if !o.begun {
		o.piece.WriteByte('{')
	}
	o.piece.WriteByte('}')
	o.write()
	return o.err
}

func (o *Object) name(name string) {
	o.piece.WriteByte(o.lead())
	o.piece.WriteString(`"` + name + `":`)
}

// lead is what comes before a member.
func (o *Object) lead() byte {
	if o.begun {
		return ','
	}
	o.begun = true
	return '{'
}

func (o *Object) encode(v any) {
	if o.err != nil {
		return
	}
	if err := o.enc.Encode(v); err != nil {
		o.err = fmt.Errorf("encode JSON: %w", err)
		return
	}
	o.piece.Truncate(o.piece.Len() - 1) // the newline
}

func (o *Object) write() {
	if o.err == nil {
		_, o.err = o.w.Write(o.piece.Bytes())
	}
	o.piece.Reset()
}
