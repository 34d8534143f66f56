package view

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// paint is a style as the sequences that begin and end it; both are empty on
// a stream without colour. Sequences are worked out once, since a plan may
// have a hundred thousand lines.
type paint struct{ on, off string }

func (p paint) text(s string) string {
	if p.on == "" || s == "" {
		return s
	}
	return p.on + s + p.off
}

// palette holds the styles of one stream. The sixteen colours of the terminal
// are used, so that its own theme decides what they look like. No meaning
// hangs on them: the sigil and the word say it as well.
type palette struct {
	bold, faint             paint
	add, change, cut, known paint
	alarm                   paint
}

// rendererOf makes the one renderer of a stream. Its profile is set, never
// guessed from the environment.
func rendererOf(s Stream) *lipgloss.Renderer {
	profile := termenv.Ascii
	if s.Colour {
		profile = termenv.ANSI
	}
	r := lipgloss.NewRenderer(s.W, termenv.WithProfile(profile), termenv.WithTTY(s.TTY))
	r.SetColorProfile(profile)
	r.SetHasDarkBackground(true)
	return r
}

func paletteOf(r *lipgloss.Renderer) palette {
	ink := func(colour string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(colour)) }
	return palette{
		bold:   paintOf(r.NewStyle().Bold(true)),
		faint:  paintOf(r.NewStyle().Faint(true)),
		add:    paintOf(ink("2")),
		change: paintOf(ink("3")),
		cut:    paintOf(ink("1")),
		known:  paintOf(ink("6")),
		alarm:  paintOf(ink("1").Bold(true)),
	}
}

func paintOf(style lipgloss.Style) paint {
	on, off, _ := strings.Cut(style.Render("x"), "x")
	return paint{on, off}
}

// tone is the kind of change a line tells of.
type tone int

const (
	toneChange tone = iota
	toneAdd
	toneCut
	toneKnown
)

func (p palette) tone(t tone) paint {
	switch t {
	case toneAdd:
		return p.add
	case toneCut:
		return p.cut
	case toneKnown:
		return p.known
	}
	return p.change
}
