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

// documents are the pages that people read, README.md first.
func documents(t *testing.T) []string {
	t.Helper()
	files := []string{filepath.Join(root, "README.md")}
	for _, pattern := range []string{"CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/*.md", ".github/*.md", "findings/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no documents: %s %v", pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

// TestDocsNameWhatThereIs: every command line of scim-sync in the documents, in a
// block or within a line, is one that the program understands.
func TestDocsNameWhatThereIs(t *testing.T) {
	lines := 0
	for _, file := range documents(t) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range append(commandLines(string(b)), inlineCommands(string(b))...) {
			lines++
			understood(t, file, args)
		}
	}
	if lines < 100 {
		t.Errorf("only %d command lines were found: the test no longer reads the documents", lines)
	}
}

// block is a fenced block of a document.
type block struct {
	language, text string
	line           int // of the fence that begins it, from 1
}

func blocks(doc string) (found []block) {
	inside, indent, n := false, "", 0
	for line := range strings.Lines(doc) {
		n++
		fence, ok := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case ok && !inside:
			indent = line[:strings.Index(line, "`")]
			found = append(found, block{language: fence, line: n})
			inside = true
		case ok:
			inside = false
		case inside:
			found[len(found)-1].text += strings.TrimPrefix(line, indent)
		}
	}
	return found
}

// commandLines finds the command lines in the fenced blocks of a document.
func commandLines(doc string) (found [][]string) {
	for _, b := range blocks(doc) {
		for line := range strings.Lines(b.text) {
			line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "- run: "), "$ ")
			found = append(found, words(line)...)
		}
	}
	return found
}

var inline = regexp.MustCompile("`([^`\n]+)`")

// inlineCommands finds the command lines that stand between backticks in a text. One
// in which COMMAND stands for any is left out.
func inlineCommands(doc string) (found [][]string) {
	for _, m := range inline.FindAllStringSubmatch(doc, -1) {
		if !strings.Contains(m[1], "COMMAND") {
			found = append(found, words(m[1])...)
		}
	}
	return found
}

// words are those of a command line, without the program's name; none for a line of
// another program.
func words(line string) [][]string {
	rest, ok := strings.CutPrefix(line, "go run . ")
	if !ok {
		rest, ok = strings.CutPrefix(strings.TrimPrefix(line, "./"), "scim-sync ")
	}
	if !ok {
		return nil
	}
	rest, _, _ = strings.Cut(rest, " #")
	found := strings.Fields(strings.FieldsFunc(rest, func(r rune) bool { return r == '|' || r == '>' || r == '&' || r == '<' })[0])
	for i, word := range found {
		if word == "N" { // any number
			found[i] = "1"
		}
	}
	return [][]string{found}
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
