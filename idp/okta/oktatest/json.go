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

// moment appends a time as Okta writes it, null for none. Okta's times are
// whole seconds with three zeros behind.
func moment(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	return append(seconds(append(b, '"'), t), `.000Z"`...)
}

// mappingMoment appends a time as it is in push mappings: without a fraction.
func mappingMoment(b []byte, t time.Time) []byte {
	return append(seconds(append(b, '"'), t), `Z"`...)
}

// seconds appends "2006-01-02T15:04:05".
func seconds(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	two := func(n int, before byte) { b = append(b, before, byte('0'+n/10), byte('0'+n%10)) }
	b = append(b, byte('0'+year/1000%10), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10))
	two(int(month), '-')
	two(day, '-')
	two(hour, 'T')
	two(minute, ':')
	two(second, ':')
	return b
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
