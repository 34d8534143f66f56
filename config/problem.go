package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with the settings, and where.
type Problem struct {
	File   string // as the user named it; empty when it is not in a file
	Line   int    // from 1; 0: the whole file
	Column int    // from 1; 0: the whole line
	// Variable is the environment variable or flag it lies in.
	Variable string
	// Key is the path of the setting, as okta.org_url; empty: none in particular.
	Key string
	// Missing: the setting is needed and not there. Why says what the
	// settings name instead, if anything.
	Missing bool
	Why     string
	// Message says what is wrong and what would be right. It holds no secret.
	Message string
}

// String gives the problem on one line: place, key, message.
func (p Problem) String() string {
	var b strings.Builder
	switch {
	case p.File != "":
		b.WriteString(p.File)
		for _, n := range []int{p.Line, p.Column} {
			if n == 0 {
				break
			}
			b.WriteString(":" + strconv.Itoa(n))
		}
		b.WriteString(": ")
	case p.Variable != "":
		b.WriteString(p.Variable + ": ")
	}
	b.WriteString(p.Key)
	switch {
	case p.Missing:
		b.WriteString(" is missing")
		if p.Why != "" {
			b.WriteString(" (" + p.Why + ")")
		}
		if p.Message != "" {
			b.WriteString("; ")
		}
	case p.Key != "":
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Error are all problems that were found, in the order of their places.
type Error struct{ Problems []Problem }

// Error gives each problem on its own line.
func (e *Error) Error() string { return strings.Join(e.Lines(), "\n") }

// Hint says how to go on.
func (e *Error) Hint() string {
	return "Correct the settings file or the variables, and check them: scim-sync config validate"
}

// Lines gives the problems one by one.
func (e *Error) Lines() []string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return lines
}

// asError gives the problems as an error, sorted and each once; nil for none.
func asError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Error{Problems: slices.Compact(problems)}
}
