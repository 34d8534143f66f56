package okta

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
)

// What passes the check and the SDK's decoder is valid JSON as a whole, and
// nothing that is valid is refused.
func TestOneValueAgreesWithTheParser(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		b := []byte(rapid.OneOf(
			rapid.StringOfN(rapid.RuneFrom([]rune("[]{}\",:\\ \n10a")), 0, 12, -1),
			rapid.Map(rapid.SliceOf(rapid.String()), func(s []string) string {
				raw, _ := json.MarshalIndent(map[string]any{"k": s, "n": []any{1, nil, true}}, " ", "\t")
				return string(raw) + "\n"
			}),
		).Draw(t, "body"))
		passes := oneValue(b) == ""
		var first any
		decodes := json.NewDecoder(bytes.NewReader(b)).Decode(&first) == nil
		trimmed := strings.TrimSpace(string(b))
		container := trimmed != "" && (trimmed[0] == '[' || trimmed[0] == '{')
		if valid := json.Valid(b) && container; (passes && decodes) != valid {
			t.Fatalf("%q: passes %v, decodes %v, valid %v", b, passes, decodes, valid)
		}
	})
}

// Every field of every object is found with its value, whatever it holds.
func TestEachFieldFindsAll(t *testing.T) {
	value := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.SliceOf(rapid.String()), func(s []string) any { return map[string]any{"in": s} }),
	)
	sample.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.String(), value).Draw(t, "object")
		raw, err := json.MarshalIndent(want, "", rapid.SampledFrom([]string{"", "  "}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		clean := map[string]any{}
		if err := json.Unmarshal(raw, &clean); err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		eachField(raw, func(name, value []byte) {
			var v any
			if err := json.Unmarshal(value, &v); err != nil {
				t.Fatalf("%q: %v", value, err)
			}
			got[string(name)] = v
		})
		if !reflect.DeepEqual(got, clean) {
			t.Fatalf("%s: got %v", raw, got)
		}
	})
}

func TestValuesOfAnAttribute(t *testing.T) {
	for raw, want := range map[string][]string{
		``: nil, `null`: nil, `""`: nil, `"  "`: nil, `[]`: nil, `[null," "]`: nil,
		`"admin"`: {"admin"}, `" admin "`: {"admin"}, `"admin,member"`: {"admin,member"}, `"\u0061dmin"`: {"admin"},
		`["member","admin"]`: {"member", "admin"}, `["member",null,7]`: {"member", "7"}, `7`: {"7"}, `true`: {"true"}, `{"a":1}`: {`{"a":1}`},
	} {
		if got := values([]byte(raw)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}
