package view

import (
	"strings"

	core "scim-sync/sync"
)

// Clean makes a value from outside fit for a line of text: characters that
// control a terminal, hide, or turn the direction of writing become visible
// escapes. Cleaning twice changes nothing.
func Clean(value string) string { return clean(value) }

// Line writes text and a newline, wrapped on a terminal. Newlines in it begin
// new lines; everything else that could act on a terminal is escaped. Values
// from outside go through [Clean] before they become part of it.
func Line(s Stream, text string) error {
	out := newPrinter(s)
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		out.line(0, 2, plain(clean(line)))
	}
	return out.flush()
}

// Ask writes a question, wrapped on a terminal, and leaves the cursor behind it.
func Ask(s Stream, question string) error {
	var b strings.Builder
	whole := s
	whole.W = &b
	lines := newPrinter(whole)
	lines.line(0, 2, seg{text: clean(question), paint: lines.bold})
	if err := lines.flush(); err != nil {
		return err
	}
	out := newPrinter(s)
	out.put(strings.TrimRight(b.String(), " \n") + " ")
	return out.flush()
}

// Describe puts a step into a few words for a sentence, clean and not too
// long: "provision ada@acme.com (Ada Lovelace, member, will be added)".
func Describe(s core.Step) string {
	r := voice{short: true}.row(s)
	text := r.verb + " " + r.subject
	if r.what != "" {
		text += " (" + r.what + ")"
	}
	return text
}
