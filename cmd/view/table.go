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
	if natural(headers, rows) > p.wrap {
		p.records(headers, rows)
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
	p.put(t.Render())
	p.put("\n")
}

// records is a table for a narrow screen: each row a line, or a few, that begins
// with its first cell. What one may want to copy is in one piece.
func (p *printer) records(headers []string, rows [][]string) {
	for _, r := range rows {
		line := []seg{{text: r[0], paint: p.bold}}
		for i, text := range r[1:] {
			if text != "" {
				line = append(line, seg{text: "  " + strings.ToLower(headers[i+1]) + " ", paint: p.faint}, plain(text))
			}
		}
		p.line(0, 2, line...)
	}
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
