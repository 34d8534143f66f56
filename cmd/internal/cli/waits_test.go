package cli

import (
	"bytes"
	"testing"
	"time"

	"scim-sync/cmd/view"
	"scim-sync/internal/transport"
)

// drawn is a display that notes what it hears.
type drawn struct{ sides []string }

func (d *drawn) Wait(side string, _ time.Duration, _ string) { d.sides = append(d.sides, side) }

// A wait is a line on standard error, or part of what is drawn there; with
// --quiet it is neither.
func TestWaitsAreSaid(t *testing.T) {
	wait := transport.Wait{Side: "okta", For: 40500 * time.Millisecond, Why: "it asked for a pause"}
	for name, tc := range map[string]struct {
		quiet bool
		drawn bool
		line  string
		told  int
	}{
		"in a pipe":       {line: "Waiting 41 s for Okta: it asked for a pause.\n"},
		"on a terminal":   {drawn: true, told: 1},
		"quiet":           {quiet: true},
		"quiet and drawn": {quiet: true, drawn: true},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			p := &Program{Err: view.Stream{W: &b}}
			p.Flags.Quiet = tc.quiet
			d := &drawn{}
			if tc.drawn {
				p.DrawnBy(d)
			}
			p.waiting(wait)
			p.DrawnBy(nil)
			if b.String() != tc.line || len(d.sides) != tc.told {
				t.Errorf("written %q, told %v", b.String(), d.sides)
			}
		})
	}
}
