package config

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Setting is one effective setting, fit to be shown: secrets are masked.
type Setting struct {
	Key string `json:"key"`
	// Value is a string, number, boolean or list as the file would have it;
	// empty when nothing is set.
	Value  any    `json:"value"`
	Origin Origin `json:"origin"`
	// Absent says why a key that the settings name has no value.
	Absent string `json:"absent,omitempty"`
}

// Describe gives the effective settings in the order of the file, each with
// its origin. A secret's value is "(secret)" or empty; its file is in Origin.
func (s *Settings) Describe() []Setting {
	var all []Setting
	for _, k := range keys() {
		if k.fileOf == "" {
			all = append(all, Setting{Key: k.path, Value: k.shown(s), Origin: s.Origin(k.path), Absent: s.Absent(k.path)})
		}
	}
	return all
}

// Set says whether anything is set at all, by file, variable or flag.
func (s *Settings) Set() bool {
	return slices.ContainsFunc(s.Describe(), func(x Setting) bool { return x.Origin.From != FromDefault })
}

// Show writes the effective settings as a table for a pipe: each on one line.
func (s *Settings) Show(w io.Writer) error {
	from := "no file"
	if s.File() != "" {
		from = printable(s.File())
	}
	if _, err := fmt.Fprintf(w, "# settings file: %s\n", from); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range s.Rows() {
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", r[0], r[1], r[2]); err != nil {
			return err
		}
	}
	return table.Flush()
}

// Rows gives the effective settings in words fit for a terminal: each key with its
// value and where that came from.
func (s *Settings) Rows() (rows [][]string) {
	for _, each := range s.Describe() {
		origin := each.Origin.String()
		switch {
		case each.Absent != "":
			origin = "absent: " + each.Absent
		case each.Origin.From == FromDefault && !present(each.Value):
			origin = "not set"
		}
		rows = append(rows, []string{each.Key, flow(each.Value), printable(origin)})
	}
	return rows
}

// showVersion is the version of the document that ShowJSON writes. It only grows.
const showVersion = 1

// ShowJSON writes the effective settings as a JSON document.
func (s *Settings) ShowJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		FormatVersion int       `json:"format_version"`
		File          string    `json:"file"`
		Digest        string    `json:"digest"`
		Settings      []Setting `json:"settings"`
	}{showVersion, s.File(), s.Digest(), s.Describe()})
}

// flow writes a value as YAML flow text on one line.
func flow(v any) string {
	switch v := v.(type) {
	case string:
		if v == "" || strings.ContainsAny(v, ",[]{}#'\"\\") || v != strings.TrimSpace(v) {
			return strconv.QuoteToGraphic(v)
		}
		return printable(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = flow(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any: // an item of teams.groups or notify
		var pairs []string
		for _, name := range []string{"group", "team", "url", "url_file", "format", "on"} {
			if item, ok := v[name]; ok {
				pairs = append(pairs, name+": "+flow(item))
			}
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	}
	return fmt.Sprint(v)
}

// printable puts text into quotes when it would do something to a terminal.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) || r == unicode.ReplacementChar }) {
		return strconv.QuoteToGraphic(s)
	}
	return s
}
