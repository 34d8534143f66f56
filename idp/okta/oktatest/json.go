package oktatest

import (
	"encoding/json"
	"time"
)

// Answers are appended by hand: a member list of an org of a million
// memberships is the same few fields a million times.

// quote appends a JSON string.
func quote(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			raw, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...)
			}
			return append(b, raw...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// text appends a JSON string, or null for an empty one.
func text(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return quote(b, s)
}

const (
	timeFormat        = `"2006-01-02T15:04:05.000Z"`
	mappingTimeFormat = `"2006-01-02T15:04:05Z"` // push mappings have no fractions
)

// moment appends a time as Okta writes it, null for none.
func moment(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	return t.UTC().AppendFormat(b, timeFormat)
}

// href appends `"name":{"href":"..."}` for a path of the org.
func href(b []byte, name, base string, path ...string) []byte {
	b = append(b, '"')
	b = append(b, name...)
	b = append(b, `":{"href":"`...)
	b = append(b, base...)
	for _, p := range path {
		b = append(b, p...)
	}
	return append(b, `"}`...)
}

// act appends a link that is followed with POST or DELETE.
func act(b []byte, name, method, base string, path ...string) []byte {
	b = href(b, name, base, path...)
	b = append(b[:len(b)-1], `,"method":"`...)
	b = append(b, method...)
	return append(b, `"}`...)
}

// encoded appends a Go value that is written once per answer, not per person.
func encoded(b []byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, raw...)
}
