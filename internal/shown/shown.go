// Package shown makes texts from outside show all that is in them, on a
// terminal and on a page alike.
package shown

import (
	"fmt"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may follow each other; real writing
// needs fewer, and towers of them reach into other lines.
const maxMarks = 6

// Clean makes a value from outside fit to be shown: everything that a
// terminal would act on, that hides, or that turns the direction of writing
// (control characters, escape sequences, newlines, bidirectional and
// zero-width marks) becomes a visible escape such as \n or \u202e. Cleaning
// twice changes nothing.
func Clean(s string) string {
	if Plain(s) {
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
		case Shows(r) && marks <= maxMarks:
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
		i += size
	}
	return b.String()
}

// Plain says whether s is printable ASCII alone.
func Plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// Shows says whether r draws something and nothing else. Letters, marks,
// numbers, punctuation, symbols and spaces do; the few letters that draw
// nothing (fillers, joiners) do not.
func Shows(r rune) bool {
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

// Funcs are what HTML templates show values from outside with: "clean" where
// text alone may stand, "shown" elsewhere: cleaned, and apart from the
// direction of the writing around it.
func Funcs() template.FuncMap {
	return template.FuncMap{"clean": Clean, "shown": func(s string) template.HTML {
		return template.HTML("<bdi>" + template.HTMLEscapeString(Clean(s)) + "</bdi>") //nolint:gosec // just escaped
	}}
}
