package view

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"scim-sync/internal/shown"
)

// printer writes lines to one stream, wrapped on a terminal. The first error
// of the stream is kept by its lineWriter and given back by flush.
type printer struct {
	w        *lineWriter
	stream   Stream
	wrap     int
	renderer *lipgloss.Renderer
	palette
	voice
}

func newPrinter(s Stream) *printer {
	r := rendererOf(s)
	p := &printer{
		w: &lineWriter{w: s.W, escaped: inText(s)}, stream: s, wrap: s.wrapAt(), renderer: r,
		palette: paletteOf(r), voice: voiceOn(s.W, true),
	}
	p.technical = s.Technical
	return p
}

func (p *printer) flush() error { return p.w.flush() }

// put writes text as it is; flush tells whether that failed.
func (p *printer) put(text string) { p.w.put(text) }

// seg is a piece of a line in one style. Its text is clean already.
type seg struct {
	text  string
	paint paint
	// whole pieces begin a new line rather than be broken on this one.
	whole bool
}

func plain(text string) seg { return seg{text: text} }

// blank ends a paragraph.
func (p *printer) blank() { p.put("\n") }

// line writes one line from column indent; on a terminal what does not fit
// goes on below, from column hang.
func (p *printer) line(indent, hang int, segs ...seg) {
	p.spaces(indent)
	if p.wrap == 0 {
		for _, s := range segs {
			p.put(s.paint.on)
			p.put(s.text)
			p.put(s.paint.off)
		}
		p.put("\n")
		return
	}
	at := cursor{col: indent, hang: hang}
	for _, s := range segs {
		if s.whole && at.col > hang && at.col+at.owed+width(s.text) > p.wrap {
			p.breakLine(&at, hang)
		}
		p.words(&at, s)
	}
	p.put("\n")
}

// cursor is where a wrapped line is. Spaces are owed until a word follows
// them, so that none is left at the end of a line.
type cursor struct {
	col, hang, owed int
	fresh           bool // just after a break: no spaces lead
}

// words writes a piece word by word.
func (p *printer) words(at *cursor, s seg) {
	open := false
	for text := s.text; text != ""; {
		word := nextWord(text)
		text = text[len(word):]
		bare := strings.TrimLeft(word, " ")
		at.owed += len(word) - len(bare)
		if bare == "" {
			break
		}
		w := width(bare)
		// A word that has no room where lines go on begins further to the left.
		hang := at.hang
		if w <= p.wrap {
			hang = min(hang, p.wrap-w)
		}
		if at.col+at.owed > hang && at.col+at.owed+w > p.wrap {
			if open {
				p.put(s.paint.off)
				open = false
			}
			p.breakLine(at, hang)
		}
		if !at.fresh {
			p.spaces(at.owed)
			at.col += at.owed
		}
		at.owed, at.fresh = 0, false
		if !open {
			p.put(s.paint.on)
			open = true
		}
		p.put(bare)
		at.col += w
	}
	if open {
		p.put(s.paint.off)
	}
}

// nextWord is a word with the spaces before it.
func nextWord(s string) string {
	start := 0
	for start < len(s) && s[start] == ' ' {
		start++
	}
	return s[:start+wordEnd(s[start:])]
}

func (p *printer) breakLine(at *cursor, hang int) {
	p.put("\n")
	p.spaces(hang)
	at.col, at.owed, at.fresh = hang, 0, true
}

func (p *printer) spaces(n int) {
	const some = "                                "
	for ; n > len(some); n -= len(some) {
		p.put(some)
	}
	if n > 0 {
		p.put(some[:n])
	}
}

// width is the number of columns that clean text takes.
func width(s string) int {
	if shown.Plain(s) {
		return len(s)
	}
	return lipgloss.Width(s)
}

// pad fills clean text up to n columns.
func pad(s string, n int) string {
	if w := width(s); w < n {
		return s + strings.Repeat(" ", n-w)
	}
	return s
}

// count says "1 person", "3 people".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
