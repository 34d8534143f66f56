package view

import (
	"bytes"
	"testing"
)

// TestAMarkFitsItsWords: what was found in doubt claims nothing, what was not looked
// at is not green, and the closing line says so.
func TestAMarkFitsItsWords(t *testing.T) {
	var b bytes.Buffer
	err := ChecksText(Stream{W: &b}, []Check{
		{Title: "Okta answers", Status: CheckGood, Detail: "https://harbour.okta.com"},
		{Title: "seats", Status: CheckSkipped, Detail: "nobody tells"},
	})
	const good = "ok    Okta answers: https://harbour.okta.com\n-     seats: nobody tells\n\nEverything that could be looked at is right.\n"
	if err != nil || b.String() != good {
		t.Errorf("%v:\n%s", err, &b)
	}
	b.Reset()
	err = ChecksText(Stream{W: &b}, []Check{{Title: "the state's store is as it should be", Status: CheckOdd, Detail: "a pooler stands in front", Fix: "See docs/state.md."}})
	const odd = "look  whether the state's store is as it should be: a pooler stands in front\n      → See docs/state.md.\n\nA run will work; 1 thing should be looked at.\n"
	if err != nil || b.String() != odd {
		t.Errorf("%v:\n%s", err, &b)
	}
}
