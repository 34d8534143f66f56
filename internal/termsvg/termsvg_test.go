package termsvg

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestScreenShowsWhatATerminalShows: what was written over or erased is gone, and
// a line that is too long goes on below.
func TestScreenShowsWhatATerminalShows(t *testing.T) {
	for name, c := range map[string]struct{ output, want string }{
		"lines":             {"one\r\n\r\ntwo\r\n", "one\n\ntwo\n"},
		"a progress line":   {"\u280b Reading\r\n\x1b[1A\x1b[JDone\r\n", "Done\n"},
		"written over":      {"abc\rX\r\n", "Xbc\n"},
		"erased":            {"abc\r\x1b[Kd\r\n", "d\n"},
		"erased as a whole": {"abc\x1b[2Kd\r\n", "   d\n"},
		"just as wide":      {"1234567890\r\nx\r\n", "1234567890\nx\n"},
		"too wide":          {"1234567890x\r\n", "1234567890\nx\n"},
		"colours":           {"\x1b[1;31mred\x1b[0m \x1b[2mgrey\x1b[m\r\n", "red grey\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Read(10, c.output)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Text(); got != c.want {
				t.Errorf("the screen shows %q, not %q", got, c.want)
			}
		})
	}
}

// TestWhatCannotBeDrawnIsAnError and is not left out.
func TestWhatCannotBeDrawnIsAnError(t *testing.T) {
	for _, output := range []string{"\x1b[48;5;1mx", "\x1b[2J", "\x1b[", "\x1b]0;title\a", "\a", "\xff", "\x1b[xA"} {
		if _, err := Read(80, output); err == nil {
			t.Errorf("%q is drawn without a word", output)
		}
	}
}

// TestSVGHoldsTheTextInItsPlaceAndColour, in valid XML, markup or not.
func TestSVGHoldsTheTextInItsPlaceAndColour(t *testing.T) {
	s, err := Read(40, "plain \x1b[32m+ add\x1b[0m \x1b[1m<b>&\x1b[0m\r\n")
	if err != nil {
		t.Fatal(err)
	}
	svg := s.SVG("a <title>", Light())
	for _, want := range []string{
		`<text x="22.0" y="75" textLength="42.0">plain</text>`,
		`<text class="ink3" x="72.4" y="75" textLength="42.0">+ add</text>`,
		`<text class="bold" x="122.8" y="75" textLength="33.6">&lt;b&gt;&amp;</text>`,
		`.ink3 { fill: #1a7f37 }`, `<title>a &lt;title&gt;</title>`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("there is no %s in\n%s", want, svg)
		}
	}
	if strings.Contains(svg, ".ink2") {
		t.Error("a colour that nothing has is in it")
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if dark := s.SVG("a <title>", Dark()); dark == svg || !strings.Contains(dark, ".ink3 { fill: #56d364 }") {
		t.Errorf("dark is not dark:\n%s", dark)
	}
}
