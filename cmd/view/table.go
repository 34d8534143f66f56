package view

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// column is one of a table. Where a terminal is too narrow for all, the one of the
// highest rank goes first; those of rank 0 stay, and the widest of them is shortened in
// the end. One with a least width may be shortened to that before.
type column struct {
	title string
	rank  int
	least int
}

// grid is a table of clean cells.
type grid struct {
	columns []column
	rows    [][]string
	// wide shows all of it, in as many lines as that takes.
	wide bool
}

// gap is between two columns.
const gap = 2

// table writes one line a row: separated by tabs and whole, and on a terminal what
// has room, with a word on how the rest is shown.
func (p *printer) table(g grid) {
	widths := g.natural()
	switch {
	case p.wrap == 0:
		g.tabs(p)
	case total(widths) <= p.wrap:
		g.aligned(p, widths)
	case g.wide:
		g.records(p)
	default:
		missing := g.fit(widths, p.wrap)
		g.aligned(p, widths)
		text := "Some of it is shortened: --wide shows all."
		if len(missing) > 0 {
			text = "No room for: " + strings.Join(missing, ", ") + ". --wide shows all."
		}
		p.line(0, 2, seg{text: text, paint: p.faint})
	}
}

func (g grid) tabs(p *printer) {
	titles := make([]string, len(g.columns))
	for i, c := range g.columns {
		titles[i] = c.title
	}
	for _, r := range append([][]string{titles}, g.rows...) {
		p.put(strings.Join(r, "\t"))
		p.put("\n")
	}
}

// records is a table for a narrow screen: each row a line, or a few, that begins
// with its first cell. What one may want to copy is in one piece.
func (g grid) records(p *printer) {
	for _, r := range g.rows {
		line := []seg{{text: r[0], paint: p.bold}}
		for i, text := range r[1:] {
			if text != "" {
				line = append(line, seg{text: "  " + strings.ToLower(g.columns[i+1].title) + " ", paint: p.faint}, plain(text))
			}
		}
		p.line(0, 2, line...)
	}
}

// aligned writes the columns that have a width.
func (g grid) aligned(p *printer, widths []int) {
	titles := make([]string, len(g.columns))
	for i, c := range g.columns {
		titles[i] = c.title
	}
	p.put(p.bold.text(alignedRow(titles, widths)) + "\n")
	for _, r := range g.rows {
		p.put(alignedRow(r, widths) + "\n")
	}
}

func alignedRow(cells []string, widths []int) string {
	var b strings.Builder
	for i, text := range cells {
		if widths[i] > 0 {
			b.WriteString(pad(cutTo(text, widths[i]), widths[i]+gap))
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// natural are the widths of columns that hold every cell whole.
func (g grid) natural() []int {
	widths := make([]int, len(g.columns))
	for i, c := range g.columns {
		widths[i] = width(c.title)
		for _, r := range g.rows {
			widths[i] = max(widths[i], width(r[i]))
		}
	}
	return widths
}

// total is the width of a table; a column without any is not shown.
func total(widths []int) int {
	sum := -gap
	for _, w := range widths {
		if w > 0 {
			sum += w + gap
		}
	}
	return sum
}

// fit makes the widths fit into room, and names the columns that are left out.
func (g grid) fit(widths []int, room int) (missing []string) {
	whole := slices.Clone(widths)
	for i, c := range g.columns {
		if c.least > 0 {
			widths[i] = min(widths[i], max(c.least, width(c.title)))
		}
	}
	for _, i := range g.byRank() {
		if total(widths) <= room {
			break
		}
		if g.columns[i].rank == 0 {
			widest := slices.Index(widths, slices.Max(widths))
			widths[widest] = max(1, widths[widest]-total(widths)+room)
			continue
		}
		widths[i] = 0
		missing = append(missing, g.columns[i].title)
	}
	for i := range widths { // what is left is for those that were shortened
		if widths[i] > 0 {
			widths[i] += max(0, min(whole[i]-widths[i], room-total(widths)))
		}
	}
	return missing
}

// byRank are the columns, those first that go first.
func (g grid) byRank() []int {
	order := make([]int, len(g.columns))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.columns[b].rank, g.columns[a].rank) })
	return order
}

// cutTo shortens clean text to so many columns.
func cutTo(text string, columns int) string {
	if width(text) <= columns {
		return text
	}
	for text != "" && width(text) >= columns {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return strings.TrimRight(text, " ") + "…"
}
