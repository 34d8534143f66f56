package okta

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"scim-sync/internal/jsonscan"
)

var cutSeeds = []string{
	`[]`, `{}`, ` [ {"id":"a","x":[1,{"id":2}],"profile":{"n":"é\u00e9\\\"","z":null}} , {"id":"b"} ] `, `[null,1,-0.5e+3,true,"t",[],{}]`,
	`[{"id":"a",}]`, `[{"id":"a"}`, `[{"id":"a"}] x`, `[01]`, `[1.]`, `[-]`, `[1e]`, `["\x"]`, `["\u12"]`, "[\"a\nb\"]", `[nul]`, `{"id"}`, `{"id":}`, `{1:2}`,
	`{"\u0069d":1}`, `["` + "\xff" + `"]`, ``, `nulll`, `"`, `[1 2]`, `{"a":1 "b":2}`, `{"id":1,"id":2}`,
}

// What cut takes is exactly what encoding/json takes, and what is left decodes
// to the same as the whole.
func FuzzFilterJSON(f *testing.F) {
	for _, s := range cutSeeds {
		f.Add([]byte(s))
	}
	keep := append(whole("id", "profile"), field{"inner", whole("id")})
	type entry struct {
		ID      json.RawMessage            `json:"id"`
		Profile map[string]json.RawMessage `json:"profile"`
		Inner   *struct {
			ID json.RawMessage `json:"id"`
		} `json:"inner"`
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		small, odd, ok := filterJSON(body, shape{keep: keep, entries: 1 << 20, entry: 1 << 20})
		if odd != "" {
			t.Fatalf("%s: %q", odd, body)
		}
		deep := bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > jsonscan.Deepest
		start := bytes.TrimLeft(body, " \t\r\n")
		valid := json.Valid(body) && (start[0] == '[' || start[0] == '{')
		if ok != valid && !deep {
			t.Fatalf("taken %v, valid %v: %q", ok, valid, body)
		}
		var taken entries
		if rest, _, same := filterJSON(body, shape{keep: keep, entries: 1 << 20, entry: 1 << 20, into: &taken}); same != ok {
			t.Fatalf("taken entry by entry: %v, else %v: %q", same, ok, body)
		} else if ok && start[0] == '[' && (len(rest) > 0 || "["+strings.Join(taken, ",")+"]" != string(small)) {
			t.Fatalf("%q was cut to %q, and entry by entry to %q and %q", body, small, taken, rest)
		}
		if !ok {
			return
		}
		if !json.Valid(small) {
			t.Fatalf("%q was cut to %q", body, small)
		}
		if bytes.ContainsAny(body, `\`) || hasOtherCase(body) {
			return // encoding/json takes names in any case and escaped, cut does not
		}
		var whole, part []entry
		errWhole, errPart := json.Unmarshal(body, &whole), json.Unmarshal(small, &part)
		if (errWhole == nil) != (errPart == nil) || errWhole == nil && !reflect.DeepEqual(whole, part) {
			t.Fatalf("%q and %q decode to %+v, %v and %+v, %v", body, small, whole, errWhole, part, errPart)
		}
	})
}

// entries is a sink that keeps copies.
type entries []string

func (e *entries) begin()          { *e = (*e)[:0] }
func (e *entries) take(cut []byte) { *e = append(*e, string(cut)) }
func (e *entries) wrong(int) error { return nil }

// hasOtherCase says whether a kept name may stand there in another case.
func hasOtherCase(b []byte) bool {
	return bytes.ContainsFunc(b, func(r rune) bool { return 'A' <= r && r <= 'Z' || r > 0x7f })
}

// BenchmarkFilterJSON is one page of a thousand members.
func BenchmarkFilterJSON(b *testing.B) {
	var page bytes.Buffer
	page.WriteByte('[')
	for i, m := range members(1000) {
		if i > 0 {
			page.WriteByte(',')
		}
		page.WriteString(m)
	}
	page.WriteByte(']')
	b.SetBytes(int64(page.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := filterJSON(page.Bytes(), shape{keep: whole("id"), entries: 1000, entry: 100, into: new(entries)}); !ok {
			b.Fatal("not taken")
		}
	}
}
