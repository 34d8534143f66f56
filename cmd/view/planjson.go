package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"scim-sync/internal/shown"
	core "scim-sync/sync"
)

// PlanJSON writes the plan document, indented, with a final newline. Lists
// are never null. What a terminal could act on stands as a \u escape, so that
// the document may be looked at and still holds the very same values.
func PlanJSON(w io.Writer, p core.Plan) error {
	return writeJSON(w, wholePlan(p), "  ")
}

// wholePlan gives the plan with empty lists in place of missing ones. The
// plan given is not changed.
func wholePlan(p core.Plan) core.Plan {
	p.Steps = orEmpty(p.Steps)
	p.Held = orEmpty(p.Held)
	p.Refusals = orEmpty(p.Refusals)
	p.Notes = orEmpty(p.Notes)
	list := make([]core.Unmanaged, len(p.Unmanaged))
	for i, u := range p.Unmanaged {
		u.Teams = orEmpty(u.Teams)
		list[i] = u
	}
	p.Unmanaged, p.UnmanagedTeams = list, orEmpty(p.UnmanagedTeams)
	return p
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// writeJSON writes one document in one Write. HTML is not escaped: the
// document is no page.
func writeJSON(w io.Writer, document any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(document); err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	// ## only occurs within strings, too.
	_, err := w.Write(shown.NoCommands(visible(b.Bytes()), `\u0023`, `\u003a`))
	return err
}

// visible replaces the characters that encoding/json leaves as they are and
// that hide, turn the direction of writing or control a terminal. In JSON
// they only occur within strings, where a \u escape means the same.
func visible(doc []byte) []byte {
	first := firstHidden(doc)
	if first < 0 {
		return doc
	}
	out := make([]byte, 0, len(doc)+64)
	out = append(out, doc[:first]...)
	for i := first; i < len(doc); {
		r, size := utf8.DecodeRune(doc[i:])
		switch {
		case !hidden(r):
			out = append(out, doc[i:i+size]...)
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

func firstHidden(doc []byte) int {
	for i := 0; i < len(doc); {
		if doc[i] < 0x7f { // the encoder has escaped all control characters here
			i++
			continue
		}
		r, size := utf8.DecodeRune(doc[i:])
		if hidden(r) {
			return i
		}
		i += size
	}
	return -1
}

// hidden leaves the newlines of the layout alone.
func hidden(r rune) bool { return r >= 0x7f && !shown.Shows(r) }
