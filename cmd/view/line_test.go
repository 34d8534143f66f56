package view

import (
	"bytes"
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
	if err := Ask(Stream{W: &b, TTY: true, Width: 40}, "Apply these 3 steps to Acme\n? Only \"yes\" does: "); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), `Apply these 3 steps to Acme\n? Only "yes" does: `; got != want {
		t.Errorf("Ask wrote %q, want %q", got, want)
	}
	if got, want := Describe(fullPlan().Steps[6]), "provision ada@acme.com (Ada Lovelace, member, added)"; got != want {
		t.Errorf("Describe says %q, want %q", got, want)
	}
}
