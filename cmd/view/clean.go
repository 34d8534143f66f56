package view

import (
	"cmp"
	"io"
	"unicode/utf8"

	"scim-sync/internal/shown"
)

// clean makes a value from outside fit to be shown; see [shown.Clean].
func clean(s string) string { return shown.Clean(s) }

// shorten keeps the head and the tail of a value of more than limit characters.
func shorten(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	tail := limit / 4
	head := limit - tail - 1
	return s[:byteOf(s, head)] + "…" + s[tailOf(s, tail):]
}

// byteOf gives the offset of the n-th character.
func byteOf(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// tailOf gives the offset of the n-th character from the end.
func tailOf(s string, n int) int {
	i := len(s)
	for ; n > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return i
}

// Limits of what text shows of one value; JSON, Markdown and HTML show all.
const (
	longestName   = 72
	longestDetail = 600
)

// voice is how values from outside are put into sentences.
type voice struct {
	short bool // text: very long values are cut
	// all names every member of a step.
	all bool
	// technical tells HTTP statuses and milliseconds too.
	technical bool
	// from is what people call the identity provider; empty: Okta.
	from  string
	scrub func(string) string // nil: nothing is known that is secret
}

// voiceOn is the voice for what is written to w. A stream that takes secrets out
// has a method Scrub for whoever cuts or encodes a text before: half a secret,
// or one in another form, is not found any more.
func voiceOn(w io.Writer, short bool) voice {
	if s, ok := w.(interface{ Scrub(string) string }); ok {
		return voice{short: short, scrub: s.Scrub}
	}
	return voice{short: short}
}

// secretless takes out what is secret.
func (v voice) secretless(s string) string {
	if v.scrub == nil {
		return s
	}
	return v.scrub(s)
}

// okta is the identity provider in people's word for it.
func (v voice) okta() string { return v.name(cmp.Or(v.from, "Okta")) }

// name shows an address, a name or an id.
func (v voice) name(s string) string { return v.say(s, longestName) }

// detail shows a sentence that may hold values from outside.
func (v voice) detail(s string) string { return v.say(s, longestDetail) }

func (v voice) say(s string, limit int) string {
	if !v.short || len(s) > limit { // what is not short becomes HTML
		s = v.secretless(s)
	}
	if v.short && len(s) > 8*limit {
		// Not even read to the end: an escape takes at most ten characters.
		s = s[:byteOf(s, limit)] + "…" + s[tailOf(s, limit):]
	}
	s = clean(s)
	if v.short {
		s = shorten(s, limit)
	}
	return s
}
