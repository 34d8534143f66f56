package cli

import (
	"slices"
	"strings"
)

// Format refuses a --format that is none of those known, before anything is read.
func Format(given string, known ...string) error {
	if slices.Contains(known, given) {
		return nil
	}
	last := len(known) - 1
	return Usagef("--format %q: use %s or %s", given, strings.Join(known[:last], ", "), known[last])
}

// TextOrJSON is [Format] for what most commands know.
func TextOrJSON(given string) error { return Format(given, "text", "json") }
