package view

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"scim-sync/internal/shown"
)

// writeJSON writes one document. HTML is not escaped: the document is no page.
func writeJSON(w io.Writer, document any, indent string) error {
	return writeJSONPieces(w, indent, func(pieces io.Writer) error {
		enc := json.NewEncoder(pieces)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(document); err != nil {
			return fmt.Errorf("encode JSON: %w", err)
		}
		return nil
	})
}

// writeJSONPieces writes one document that comes as JSON without white space, in
// pieces that end between two tokens. A short one is one Write, of a long one
// each ends behind a comma, and with it the line where there is an indent.
func writeJSONPieces(w io.Writer, indent string, document func(pieces io.Writer) error) error {
	// ## only occurs within strings, too.
	t := &jsonText{out: lineWriter{w: w, escaped: escaped{`\u0023`, `\u003a`}}, indent: indent}
	if err := document(t); err != nil {
		return err
	}
	t.out.put("\n")
	return t.out.flush()
}

// jsonText lays JSON out as [json.Indent] does, and writes the characters that
// encoding/json leaves as they are and that hide, turn the direction of writing
// or control a terminal as \u escapes: they only occur within strings, where
// these mean the same.
type jsonText struct {
	out    lineWriter
	indent string // of one level; empty: all on one line
	depth  int
	margin string // a line's end and the indent of the next, and more
	owed   bool   // a new line is, unless a bracket is closed at once
}

// Write implements [io.Writer].
func (t *jsonText) Write(piece []byte) (int, error) {
	for i := 0; i < len(piece); {
		c := piece[i]
		i++
		if c == '\n' { // an encoder's end
			continue
		}
		closes := c == '}' || c == ']'
		if closes {
			t.depth--
		}
		if t.owed != closes {
			t.newline()
		}
		t.owed = false
		t.out.text = append(t.out.text, c)
		switch c {
		case '"':
			end, plain := stringEnd(piece, i)
			if plain {
				t.out.text = append(t.out.text, piece[i:end]...)
			} else {
				t.out.text = appendVisible(t.out.text, piece[i:end])
			}
			i = end
		case '{', '[':
			t.depth++
			t.owed = true
		case ':':
			if t.indent != "" {
				t.out.text = append(t.out.text, ' ')
			}
		case ',':
			t.owed = true
			if len(t.out.text) >= manyBytes {
				_ = t.out.flush() // its error comes at the end
			}
		}
	}
	return len(piece), t.out.err
}

func (t *jsonText) newline() {
	if t.indent == "" {
		return
	}
	n := 1 + t.depth*len(t.indent)
	if len(t.margin) < n {
		t.margin = "\n" + strings.Repeat(t.indent, 2*t.depth)
	}
	t.out.text = append(t.out.text, t.margin[:n]...)
}

// stringEnd gives the place behind a string that has begun before from, and
// whether it holds nothing but plain ASCII.
func stringEnd(text []byte, from int) (end int, plain bool) {
	plain = true
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return i + 1, plain
		case c == '\\':
			i++
		case c >= 0x7f: // the encoder has escaped the other control characters
			plain = false
		}
	}
	return len(text), plain
}

// appendVisible appends what stands in a string.
func appendVisible(out, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r < 0x7f || shown.Shows(r):
			out = append(out, text[i:i+size]...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		i += size
	}
	return out
}
