package view

import (
	"bytes"
	"strings"
	"testing"
)

func TestLineAskDescribe(t *testing.T) {
	var b bytes.Buffer
	if err := Line(Stream{W: &b}, "\nA second plan:\x1b[2J\n"); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "\nA second plan:\\x1b[2J\n"; got != want {
		t.Errorf("Line wrote %q, want %q", got, want)
	}
	b.Reset()
	if err := Ask(Stream{W: &b, TTY: true, Width: 50}, "Apply these 3 steps to Acme\n? Only \"yes\" does: "); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), `Apply these 3 steps to Acme\n? Only "yes" does: `; got != want {
		t.Errorf("Ask wrote %q, want %q", got, want)
	}
	for _, colour := range []bool{false, true} { // one that is too long goes on below, at a word
		b.Reset()
		question := "It is not renewed any more. Make sure that this process is gone. Free the lock? Only \"yes\" does: "
		if err := Ask(Stream{W: &b, TTY: true, Width: 80, Colour: colour}, question); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Split(b.String(), "\n"); len(lines) != 2 || width(lines[0]) > 80 || !strings.HasSuffix(lines[1], " ") || plainWords(b.String()) != strings.TrimSpace(question) {
			t.Errorf("Ask wrote %q", b.String())
		}
	}
	if got, want := Describe(fullPlan().Steps[6]), "provision ada@acme.com (Ada Lovelace, member, added)"; got != want {
		t.Errorf("Describe says %q, want %q", got, want)
	}
}
