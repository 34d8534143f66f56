package e2e

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"scim-sync/cmd"
)

// TestDocsNameWhatThereIs: every command line of scim-sync in the documents is
// one that the program understands, and every link inside the project leads
// somewhere.
func TestDocsNameWhatThereIs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, file := range append(files, filepath.Join(root, "README.md"), filepath.Join(root, "CHANGELOG.md")) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range commandLines(string(b)) {
			lines++
			understood(t, file, args)
		}
		links(t, file, string(b))
	}
	if lines < 5 {
		t.Errorf("only %d command lines were found: the test no longer reads the documents", lines)
	}
}

// commandLines finds the command lines in the fenced blocks of a document.
func commandLines(doc string) (found [][]string) {
	inside := false
	for line := range strings.Lines(doc) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			inside = !inside
			continue
		}
		line = strings.TrimPrefix(strings.TrimPrefix(line, "- run: "), "$ ")
		rest, ok := strings.CutPrefix(strings.TrimPrefix(line, "./"), "scim-sync ")
		if !inside || !ok {
			continue
		}
		rest, _, _ = strings.Cut(rest, "  #")
		rest, _, _ = strings.Cut(rest, " #")
		rest = strings.FieldsFunc(rest, func(r rune) bool { return r == '|' || r == '>' || r == '&' || r == '<' })[0]
		found = append(found, strings.Fields(rest))
	}
	return found
}

// understood asks for help on the command line with all its flags: an unknown
// command or flag fails, and nothing is carried out.
func understood(t *testing.T, file string, args []string) {
	t.Helper()
	var complaints bytes.Buffer
	code := cmd.Execute(t.Context(), cmd.System{
		Args: append(args, "--help"), Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &complaints,
		Now: time.Now, Version: "test", DefaultWorld: defaultWorld,
	})
	if code != 0 {
		t.Errorf("%s: scim-sync %s: exit %d: %s", file, strings.Join(args, " "), code, complaints.String())
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func links(t *testing.T, file, doc string) {
	t.Helper()
	for _, m := range link.FindAllStringSubmatch(doc, -1) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
			t.Errorf("%s: the link %s leads nowhere", file, m[1])
		}
	}
}
