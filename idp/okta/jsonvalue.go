package okta

import (
	"bytes"
	"encoding/json"
)

// oneValue says what is wrong with a body that should be one JSON object or
// list and nothing after it, or "". It only counts brackets and skips texts,
// which is some ten times faster than parsing: whether what lies between is
// well-formed the decoder says, which in turn would not look behind the end.
func oneValue(b []byte) string {
	b = bytes.Trim(b, " \t\r\n")
	switch {
	case len(b) == 0:
		return "it is empty"
	case string(b) == "null":
		return "it is null"
	case b[0] != '[' && b[0] != '{':
		return "it is not a JSON object or list"
	}
	switch end := valueEnd(b); {
	case end < 0:
		return "it is cut short"
	case end < len(b):
		return "something follows the JSON value"
	}
	return ""
}

// valueEnd is the index after the object, list or text that b starts with,
// -1 when it does not end.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := textEnd(b[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		case '[', '{':
			depth++
			continue
		case ']', '}':
			depth--
		default:
			continue
		}
		if depth <= 0 {
			return i + 1
		}
	}
	return -1
}

// textEnd is the index after the text whose opening quote is b[0], or -1.
func textEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		slashes := 0
		for b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return -1
}

// eachField calls f for every member of an object that is known to be valid
// JSON, with the value as it stands; the name is lent, too. Names are compared
// exactly, unlike with encoding/json, where "Email" would pass for "email".
func eachField(object []byte, f func(name, value []byte)) {
	b := bytes.TrimSpace(object)
	if len(b) == 0 || b[0] != '{' {
		return
	}
	for b = blank(b[1:]); len(b) > 0 && b[0] == '"'; {
		n := textEnd(b)
		if n < 0 {
			return
		}
		name := lentText(b[:n])
		b = blank(b[n:])
		if len(b) == 0 || b[0] != ':' {
			return
		}
		b = blank(b[1:])
		n = fieldEnd(b)
		if n <= 0 {
			return
		}
		f(name, b[:n])
		if b = blank(b[n:]); len(b) > 0 && b[0] == ',' {
			b = blank(b[1:])
		}
	}
}

// eachElement calls f for every element of a list that is known to be valid JSON,
// as long as it says to go on.
func eachElement(list []byte, f func(value []byte) bool) {
	for b := blank(list[1:]); len(b) > 0 && b[0] != ']'; {
		n := fieldEnd(b)
		if n <= 0 || !f(b[:n]) {
			return
		}
		if b = blank(b[n:]); len(b) > 0 && b[0] == ',' {
			b = blank(b[1:])
		}
	}
}

// fieldEnd is the index after the value that b starts with, of any kind.
func fieldEnd(b []byte) int {
	if len(b) == 0 {
		return -1
	}
	switch b[0] {
	case '"', '[', '{':
		return valueEnd(b)
	}
	return bytes.IndexAny(b, ",}] \t\r\n")
}

func blank(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// textOf is the text that a JSON value holds, "" when it holds none.
func textOf(value []byte) string { return string(lentText(value)) }

// lentText is textOf, in the value's own room where it stands there as it is.
func lentText(value []byte) []byte {
	if len(value) < 2 || value[0] != '"' {
		return nil
	}
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return nil
	}
	return []byte(s)
}
