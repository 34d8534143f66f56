package shown_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
	"scim-sync/internal/shown"
)

func TestLineIsOneShortLineWithoutWhatActsOnATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "",
		" \t\n":                                "",
		"as it is":                             "as it is",
		"  two\r\n lines\u2028 and\u00a0more ": "two lines and more",
		"\x1b[31mred\x07":                      "[31mred",
		"turned \u202earound":                  "turned around",
		"bad \xff\xfebytes \ufffd":             "bad bytes",
		"zero\u200bwidth":                      "zerowidth",
		"Zoë 李雷 🙂":                             "Zoë 李雷 🙂",
		strings.Repeat("é", 21):                strings.Repeat("é", 20) + "…",
		strings.Repeat("e", 20) + " \n":        strings.Repeat("e", 20),
		"ten chars. ten chars.":                "ten chars. ten chars…",
	} {
		if got := shown.Line(in, 20); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	sample.Check(t, func(t *rapid.T) {
		in, most := rapid.String().Draw(t, "text"), rapid.IntRange(1, 30).Draw(t, "most")
		got := shown.Line(in, most)
		if n := utf8.RuneCountInString(got); n > most+1 || strings.ContainsFunc(got, func(r rune) bool { return !shown.Shows(r) }) || got != strings.TrimSpace(got) {
			t.Errorf("%q: %q", in, got)
		}
	})
}
