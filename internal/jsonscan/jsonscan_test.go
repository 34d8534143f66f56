package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"scim-sync/internal/jsonscan"
)

// FuzzSkip: what is gone past is a value exactly when encoding/json says so, and
// the scanner stands behind it.
func FuzzSkip(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":[1,-0.5e+3,{"b":"}\\\""}],"c":null}`, `"é\u00e9\\\"/"`, `[01]`, `[1.]`, `[-]`, `[1e]`, `"\x"`, `"\u12"`, "\"a\nb\"", `nul`, `truex`, `{"a"}`, `{"a":}`, `{1:2}`, `[1 2]`, `{"a":1 "b":2}`,
		`"12345678\"0123456789abcdef"`, "\"1234567\x1f89012345\"", "\"\xff\xfe\x80 12345678901234567890\"", "\"123456789012345\x00\"", `"123456\`, `"1234567`, ``, ` 1`, `1 `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		s := jsonscan.Scanner{In: value}
		whole := s.Skip(0) && s.At == len(value)
		if bytes.Count(value, []byte("["))+bytes.Count(value, []byte("{")) > jsonscan.Deepest {
			return
		}
		if valid := json.Valid(value) && len(value) == len(bytes.Trim(value, " \t\r\n")); whole != valid {
			t.Fatalf("%q: gone past %v, valid %v", value, whole, valid)
		}
	})
}

// TestEveryByteOfATextIsLookedAt, wherever it stands among the eight that are looked
// at together.
func TestEveryByteOfATextIsLookedAt(t *testing.T) {
	for length := range 40 {
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte("x"), length)
				text[at] = byte(c)
				value := append(append([]byte(`"`), text...), '"')
				s := jsonscan.Scanner{In: value}
				if whole, valid := s.Text() && s.At == len(value), json.Valid(value); whole != valid {
					t.Fatalf("byte %#x at %d of %d: %v, want %v", c, at, length, whole, valid)
				}
			}
		}
	}
}
