package run

import (
	"io"

	"scim-sync/cmd/internal/cli"
)

// scrubbed takes secrets out of what is written to a file, as the program's streams
// do.
type scrubbed struct {
	w io.Writer
	p *cli.Program
}

// Write is given whole lines.
func (s scrubbed) Write(lines []byte) (int, error) {
	if _, err := io.WriteString(s.w, s.p.Scrub(string(lines))); err != nil {
		return 0, err
	}
	return len(lines), nil
}

// Scrub is asked before a value is put into another form.
func (s scrubbed) Scrub(text string) string { return s.p.Scrub(text) }
