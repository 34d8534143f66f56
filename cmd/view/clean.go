package view

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may follow each other; real writing
// needs fewer, and towers of them reach into other lines.
const maxMarks = 6

// clean makes a value from outside fit to be shown: everything that a
// terminal would act on, that hides, or that turns the direction of writing
// (control characters, escape sequences, newlines, bidirectional and
// zero-width marks) becomes a visible escape such as \n or \u202e. Cleaning
// twice changes nothing.
func clean(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case showable(r) && marks <= maxMarks:
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
		i += size
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// showable says whether r draws something and nothing else. Letters, marks,
// numbers, punctuation, symbols and spaces do; the few letters that draw
// nothing (fillers, joiners) do not.
func showable(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

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
}

// name shows an address, a name or an id.
func (v voice) name(s string) string { return v.say(s, longestName) }

// detail shows a sentence that may hold values from outside.
func (v voice) detail(s string) string { return v.say(s, longestDetail) }

func (v voice) say(s string, limit int) string {
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
