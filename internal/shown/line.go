package shown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes one short line of somebody else's words, for errors and logs:
// blanks of any kind and length become one space, what draws nothing or would
// act on a terminal is left out, and what is longer than most characters is cut.
// A secret is to be taken out before: half of one would not be found any more.
func Line(s string, most int) string {
	var b strings.Builder
	blank := false
	for n := 0; len(s) > 0; {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case unicode.IsSpace(r):
			blank = n > 0
			continue
		case !Shows(r), r == utf8.RuneError:
			continue
		}
		if n++; blank {
			n++
		}
		if n > most {
			b.WriteRune('…')
			break
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
