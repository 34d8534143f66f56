package run

import (
	"io"
	"os"
	"path/filepath"

	"scim-sync/cmd/internal/cli"
)

// canHold refuses a file for a plan that cannot be made.
func canHold(flag, path string) error {
	if path == "" {
		return nil
	}
	if st, err := os.Stat(filepath.Dir(path)); err != nil || !st.IsDir() {
		return cli.Usagef("%s %s: there is no folder %s", flag, path, filepath.Dir(path))
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return cli.Usagef("%s %s: that is a folder; name a file", flag, path)
	}
	return nil
}

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
