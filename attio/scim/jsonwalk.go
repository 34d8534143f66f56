package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Large answers are walked through piece by piece: nothing of them is copied
// before it was looked at, so that no answer can be larger in memory than the
// caps allow, and the first bad entry ends the reading. Values are judged by
// encoding/json when they are taken.

var (
	errCut     = errors.New("unexpected end of JSON input")
	errNoValue = errors.New("a value, a comma or a bracket is missing")
)

// name is the name of a member of a JSON object.
type name []byte

// is compares names as encoding/json does, without case.
func (n name) is(field string) bool { return strings.EqualFold(string(n), field) }

// walkObject calls each with every member of a JSON object, the value as it
// stands there.
func walkObject(b []byte, each func(key name, value []byte) error) error {
	return walk(b, '{', '}', func(i int) (int, error) {
		if i < len(b) && b[i] != '"' {
			return 0, errNoValue
		}
		end, err := valueEnd(b, i)
		if err != nil {
			return 0, err
		}
		key := name(b[i+1 : end-1])
		if !isPlain(b[i:end]) {
			text, err := textOf(b[i:end])
			if err != nil {
				return 0, err
			}
			key = name(text)
		}
		if i = blanks(b, end); i >= len(b) {
			return 0, errCut
		}
		if b[i] != ':' {
			return 0, errNoValue
		}
		i = blanks(b, i+1)
		if end, err = valueEnd(b, i); err != nil {
			return 0, err
		}
		return end, each(key, b[i:end])
	})
}

// walkList calls each with every entry of a JSON list, as it stands there.
func walkList(b []byte, each func(entry []byte) error) error {
	return walk(b, '[', ']', func(i int) (int, error) {
		end, err := valueEnd(b, i)
		if err != nil {
			return 0, err
		}
		return end, each(b[i:end])
	})
}

// walk goes through what stands between brackets with commas between; item takes
// what begins at an index and gives where it ends.
func walk(b []byte, open, shut byte, item func(i int) (int, error)) error {
	i := blanks(b, 0)
	if i >= len(b) {
		return errCut
	}
	if b[i] != open {
		return &json.UnmarshalTypeError{Value: kindOf(b[i])}
	}
	for first := true; ; first = false {
		i = blanks(b, i+1) // past a bracket or a comma
		if i < len(b) && b[i] == shut && first {
			break
		}
		var err error
		if i, err = item(i); err != nil {
			return err
		}
		if i = blanks(b, i); i >= len(b) {
			return errCut
		}
		if b[i] == shut {
			break
		}
		if b[i] != ',' {
			return errNoValue
		}
	}
	if rest := blanks(b, i+1); rest < len(b) {
		return fmt.Errorf("there is something after its end, at byte %d", rest)
	}
	return nil
}

// valueEnd is the index after the value that begins at i. What is inside it is
// not judged.
func valueEnd(b []byte, i int) (int, error) {
	if i >= len(b) {
		return 0, errCut
	}
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '{', '[':
		return bracketEnd(b, i)
	case '}', ']', ',', ':':
		return 0, errNoValue
	}
	for ; i < len(b); i++ {
		switch b[i] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return i, nil
		}
	}
	return i, nil
}

func bracketEnd(b []byte, i int) (int, error) {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			end, err := stringEnd(b, i)
			if err != nil {
				return 0, err
			}
			i = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
	}
	return 0, errCut
}

func stringEnd(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			break
		}
		escapes := 0
		for escapes < n && b[i+n-1-escapes] == '\\' {
			escapes++
		}
		if i += n; escapes%2 == 0 {
			return i + 1, nil
		}
	}
	return 0, errCut
}

func blanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// textOf reads a JSON string; null is empty.
func textOf(value []byte) (string, error) {
	if isPlain(value) {
		return string(value[1 : len(value)-1]), nil
	}
	var s string
	err := json.Unmarshal(value, &s)
	return s, err
}

// isPlain says that a value is a string which reads as it stands there.
func isPlain(value []byte) bool {
	if len(value) < 2 || value[0] != '"' {
		return false
	}
	for _, c := range value {
		if c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

func isNull(value []byte) bool { return string(value) == "null" }

// kindOf words a JSON value by its first byte, as encoding/json does.
func kindOf(first byte) string {
	switch first {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	}
	return "number"
}

// inField names the field where an error arose, unless that is named already.
func inField(field name, err error) error {
	if err == nil {
		return nil
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		named := *t
		if named.Field = string(field); t.Field != "" {
			named.Field = string(field) + "." + t.Field
		}
		return &named
	}
	return err
}
