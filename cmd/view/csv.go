package view

import (
	"encoding/csv"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// csvTable is written by RFC 4180, UTF-8, the names of its columns first. No cell is
// a formula to a spreadsheet.
type csvTable struct {
	out *lineWriter
	csv *csv.Writer
	voice
}

func newCSV(w io.Writer, columns ...string) *csvTable {
	out := &lineWriter{w: w, escaped: escaped{`\x23`, `\x3a`}}
	t := &csvTable{out, csv.NewWriter(out), voiceOn(w, false)}
	t.csv.UseCRLF = true
	_ = t.csv.Write(columns) // errors come with the flush
	return t
}

func (t *csvTable) row(cells ...string) {
	for i := range cells {
		cells[i] = noFormula(t.detail(cells[i]))
	}
	_ = t.csv.Write(cells)
}

func (t *csvTable) end() error {
	t.csv.Flush()
	return t.out.flush()
}

// noFormula puts an apostrophe before what a spreadsheet would work out, behind
// blanks as well, and in the wide forms that some take for the same
// (https://owasp.org/www-community/attacks/CSV_Injection).
func noFormula(cell string) string {
	first, size := utf8.DecodeRuneInString(strings.TrimLeft(cell, " \u00a0\u3000"))
	if size > 0 && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}

// stamp is a time for programs (RFC 3339), empty for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
