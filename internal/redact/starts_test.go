package redact

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
)

// TestAGlanceMissesNoSecret: a text is held to have no secret where a search for each
// of its forms finds none, and nowhere else.
func TestAGlanceMissesNoSecret(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		few := rapid.StringOfN(rapid.RuneFrom([]rune("ab-/é")), 1, 12, -1)
		var s Secrets
		s.Add(rapid.SliceOfN(few, 0, 4).Draw(t, "secrets")...)
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab-/é")), 0, 60, -1).Draw(t, "text")
		if len(s.words) > 0 && rapid.Bool().Draw(t, "holds one") {
			text += rapid.SampledFrom(s.words).Draw(t, "which") + text
		}
		want := false
		for _, w := range s.words {
			want = want || strings.Contains(text, w)
		}
		if got := holds(text, s.words, s.starts); got != want {
			t.Errorf("%q in %q: %v", s.words, text, got)
		}
		if got := holds([]byte(text), s.words, s.starts); got != want {
			t.Errorf("%q in the bytes of %q: %v", s.words, text, got)
		}
	})
}

// BenchmarkTextWithoutASecret is what a page that is written costs for four tokens.
func BenchmarkTextWithoutASecret(b *testing.B) {
	var s Secrets
	for _, c := range "abcd" {
		s.Add("00" + strings.Repeat(string(c), 40))
	}
	page := bytes.Repeat([]byte("<li><bdi>person012345@acme.example</bdi></li>\n"), 1<<16/46)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		s.CleanBytes(page)
	}
}
