package view

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
)

// mostFramed rows are drawn as a table with lines; working out the widths of
// more takes longer than it helps.
const mostFramed = 300

// table writes clean cells: framed on a terminal, separated by tabs elsewhere.
func (p *printer) table(headers []string, rows [][]string) {
	if !p.stream.TTY || len(rows) > mostFramed {
		p.columns(headers, rows)
		return
	}
	cell := p.renderer.NewStyle().Padding(0, 1)
	head := cell.Bold(true)
	t := table.New().Headers(headers...).Rows(rows...).
		Border(lipgloss.RoundedBorder()).
		BorderStyle(p.renderer.NewStyle().Faint(true)).
		StyleFunc(func(row, _ int) lipgloss.Style {
			if row == table.HeaderRow {
				return head
			}
			return cell
		})
	if natural(headers, rows) > p.wrap {
		t = t.Width(p.wrap)
	}
	p.put(t.Render())
	p.put("\n")
}

// natural is the width of a framed table whose cells are not wrapped.
func natural(headers []string, rows [][]string) int {
	total := 1
	for i, h := range headers {
		widest := width(h)
		for _, r := range rows {
			widest = max(widest, width(r[i]))
		}
		total += widest + 3 // padding and line
	}
	return total
}

func (p *printer) columns(headers []string, rows [][]string) {
	p.put(strings.Join(headers, "\t"))
	p.put("\n")
	for _, r := range rows {
		p.put(strings.Join(r, "\t"))
		p.put("\n")
	}
}
