package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document parses a file of one YAML document. An empty file gives an absent
// node.
func document(data []byte, lookup func(string) (string, bool)) (node, []fault) {
	root, faults := parse(data)
	if len(faults) > 0 || root == nil {
		return node{}, faults
	}
	r := &reader{lookup: lookup}
	n := r.read(root, "", 0)
	return n, r.faults
}

// parse gives the root of the only document, nil for an empty one.
func parse(data []byte) (root *yaml.Node, faults []fault) {
	defer func() {
		// The YAML package reports faults by panics inside; should one ever
		// get out, the file is at fault and not the program.
		if recover() != nil {
			root, faults = nil, []fault{{msg: "is not YAML that can be read"}}
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	switch err := dec.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntax(data, err)
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, []fault{{line: second.Line, col: second.Column, msg: "a second document starts here; settings are one document"}}
	case !errors.Is(err, io.EOF):
		return nil, syntax(data, err)
	}
	if len(first.Content) == 0 {
		return nil, nil
	}
	return first.Content[0], nil
}

// syntax says what is wrong with text that is not YAML. It repeats none of it.
func syntax(data []byte, err error) []fault {
	if tabs := tabFaults(data); len(tabs) > 0 {
		return tabs
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = strings.TrimPrefix(message, m[0])
	}
	if parserSays(message) {
		line++ // these alone are counted from 0
	}
	if m := regexp.MustCompile(`^unknown anchor '(.*)' referenced$`).FindStringSubmatch(message); m != nil {
		if before, _, ok := strings.Cut(string(data), "*"+m[1]); ok {
			line = 1 + strings.Count(before, "\n")
		}
		return []fault{{line: line, msg: "a value that starts with * must be in quotes"}}
	}
	if strings.ContainsAny(message, `'"`+"`") && !strings.Contains(message, "expected") {
		message = "a value or a key is not well formed"
	}
	if line > 0 && strings.Contains(nth(data, line), "${") {
		message += `; inside [ ] and { } a ${VARIABLE} must be in quotes`
	}
	return []fault{{line: line, msg: "is not YAML: " + message}}
}

// parserSays tells the messages of the YAML package's parser, whose lines
// count from 0, from those of its scanner, whose lines count from 1.
func parserSays(message string) bool {
	rest, ok := strings.CutPrefix(message, "did not find expected ")
	return ok && slices.Contains([]string{"key", "node content", "'-' indicator", "',' or ']'", "',' or '}'", "<document start>"}, rest)
}

// tabFaults finds tabs in the indentation.
func tabFaults(data []byte) []fault {
	var faults []fault
	for i, line := range strings.Split(string(data), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 && strings.TrimSpace(line) != "" {
			faults = append(faults, fault{line: i + 1, col: at + 1, msg: "a tab in the indentation; YAML takes spaces only"})
		}
	}
	return faults
}

func nth(data []byte, line int) string {
	lines := strings.Split(string(data), "\n")
	if line > len(lines) {
		return ""
	}
	return lines[line-1]
}
