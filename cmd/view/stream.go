// Package view shows plans, reports and progress: as text for people, as JSON
// for programs, as Markdown and HTML for reviews. It writes to the streams it
// is given and knows nothing of networks or files.
package view

import (
	"io"

	"golang.org/x/term"
)

// Stream is a place to write text to and what it can show.
type Stream struct {
	W io.Writer
	// TTY: a terminal, so lines are wrapped to Width. Elsewhere each step
	// stays on one line, for grep and logs.
	TTY bool
	// Width in columns; 0 on a terminal means 80.
	Width int
	// Colour as [UseColour] decided it.
	Colour bool
	// Technical tells statuses of HTTP and how long a request took.
	Technical bool
	// Always are flags that a command to copy needs, whatever it is: which settings
	// and which workspace are meant.
	Always string
}

const (
	usualWidth    = 80
	smallestWidth = 40
)

// wrapAt is the column at which lines are broken, 0 for never.
func (s Stream) wrapAt() int {
	switch {
	case !s.TTY:
		return 0
	case s.Width <= 0:
		return usualWidth
	case s.Width < smallestWidth:
		return smallestWidth
	}
	return s.Width
}

// Env looks an environment variable up, as os.LookupEnv does.
type Env = func(name string) (value string, ok bool)

// UseColour decides for one stream whether it is coloured. The first that
// speaks wins: the flag, NO_COLOR (any value but the empty one,
// https://no-color.org), CLICOLOR_FORCE (any value but 0,
// https://bixense.com/clicolors), CLICOLOR=0, TERM=dumb, whether it is a
// terminal.
func UseColour(flagNoColor bool, env Env, isTTY bool) bool {
	get := func(name string) string { v, _ := env(name); return v }
	switch force := get("CLICOLOR_FORCE"); {
	case flagNoColor, get("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	case get("CLICOLOR") == "0", get("TERM") == "dumb":
		return false
	}
	return isTTY
}

// UseProgress decides whether a live progress line is drawn on a stream:
// only on a terminal that can move its cursor, and neither when quiet, nor in
// a machine format, nor in CI.
func UseProgress(quiet, machine bool, env Env, isTTY bool) bool {
	if quiet || machine || !isTTY {
		return false
	}
	if v, _ := env("TERM"); v == "dumb" {
		return false
	}
	v, _ := env("CI")
	return v == "" || v == "0" || v == "false"
}

// Probe finds out what w is: a terminal when it has a file descriptor that
// is one. Give W another value afterwards to write through a filter.
func Probe(w io.Writer, flagNoColor bool, env Env) Stream {
	s := Stream{W: w}
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		fd := int(f.Fd())
		s.TTY = term.IsTerminal(fd)
		if width, _, err := term.GetSize(fd); err == nil {
			s.Width = width
		}
	}
	s.Colour = UseColour(flagNoColor, env, s.TTY)
	return s
}
