package termsvg

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// Theme is the colours of a terminal's window, each as SVG takes it.
type Theme struct {
	Paper, Bar, Edge, Text, Faint string
	Inks                          [8]string // black, red, green, yellow, blue, magenta, cyan, white
}

// Light is dark text on white.
func Light() Theme {
	return Theme{
		Paper: "#ffffff", Bar: "#f6f8fa", Edge: "#d0d7de", Text: "#1f2328", Faint: "#656d76",
		Inks: [8]string{"#1f2328", "#cf222e", "#1a7f37", "#9a6700", "#0969da", "#8250df", "#1b7c83", "#656d76"},
	}
}

// Dark is light text on near black.
func Dark() Theme {
	return Theme{
		Paper: "#0d1117", Bar: "#161b22", Edge: "#30363d", Text: "#e6edf3", Faint: "#8d96a0",
		Inks: [8]string{"#8d96a0", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#e6edf3"},
	}
}

// In pixels. A column is as wide as most monospaced fonts are at this size; each
// stretch of text says how long it is, so that columns stay below one another with
// any font.
const (
	fontSize = 14
	column   = 8.4
	line     = 20
	ascent   = 15 // from the top of a line down to where its letters stand
	margin   = 22
	bar      = 38 // the window's, with its title
	fonts    = "ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace"
)

// SVG is the screen in a window with a title, in the colours of a theme. The same
// screen gives the same bytes.
func (s *Screen) SVG(title string, theme Theme) string {
	width, height := int(float64(s.columns)*column)+2*margin, bar+2*margin+len(s.rows)*line
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(title))
	b.WriteString(s.css(theme))
	fmt.Fprintf(&b, `<rect class="paper" x=".5" y=".5" width="%d" height="%d" rx="10"/>`+"\n", width-1, height-1)
	fmt.Fprintf(&b, `<path class="bar" d="M.5 %d V10.5 a10 10 0 0 1 10 -10 H%.1f a10 10 0 0 1 10 10 V%[1]d z"/>`+"\n", bar, float64(width)-10.5)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="%.1f" r="6" fill="%s"/>`, 22+i*20, bar/2.0, colour)
	}
	fmt.Fprintf(&b, "\n"+`<text class="faint" x="%d" y="24" text-anchor="middle">%s</text>`+"\n", width/2, html.EscapeString(title))
	for y, row := range s.rows {
		for _, r := range runs(row) {
			fmt.Fprintf(&b, `<text%s x="%.1f" y="%d" textLength="%.1f">%s</text>`+"\n", r.style.class(),
				margin+float64(r.column)*column, bar+margin+y*line+ascent, float64(len(r.text))*column, html.EscapeString(string(r.text)))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// css has a rule for each style that the screen uses.
func (s *Screen) css(theme Theme) string {
	inks := map[int]bool{}
	for _, row := range s.rows {
		for _, c := range row {
			inks[c.style.ink] = true
		}
	}
	rules := []string{
		fmt.Sprintf("text { font: %dpx %s; fill: %s; white-space: pre }", fontSize, fonts, theme.Text),
		fmt.Sprintf(".paper { fill: %s; stroke: %s } .bar { fill: %s; stroke: %[2]s }", theme.Paper, theme.Edge, theme.Bar),
		fmt.Sprintf(".bold { font-weight: 600 } .faint { fill: %s }", theme.Faint),
	}
	for n, colour := range theme.Inks {
		if inks[n+1] {
			rules = append(rules, fmt.Sprintf(".ink%d { fill: %s }", n+1, colour))
		}
	}
	return "<style>\n" + strings.Join(rules, "\n") + "\n</style>\n"
}

// class is the attribute that an element of that style has.
func (s style) class() string {
	names := slices.DeleteFunc([]string{
		map[bool]string{true: "bold"}[s.bold], map[bool]string{true: "faint"}[s.faint], map[bool]string{true: fmt.Sprintf("ink%d", s.ink)}[s.ink > 0],
	}, func(name string) bool { return name == "" })
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" class=%q", strings.Join(names, " "))
}
