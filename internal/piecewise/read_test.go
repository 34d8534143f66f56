package piecewise_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/piecewise"
	"scim-sync/internal/sample"
)

type listed struct {
	A    string   `json:"a"`
	List []entry  `json:"list"`
	More []string `json:"more"`
}

func readListed(text string) (l listed, err error) {
	none := func(*entry) error { return nil }
	err = piecewise.Read(strings.NewReader(text), &l, map[string]func(*json.Decoder) error{
		"list": piecewise.Into(&l.List, none),
		"more": piecewise.Into(&l.More, func(*string) error { return nil }),
	})
	return l, err
}

// TestAnObjectIsReadAsEncodingJSONReadsIt, whole or damaged at any place.
func TestAnObjectIsReadAsEncodingJSONReadsIt(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		raw, err := json.Marshal(rapid.Make[listed]().Draw(t, "document"))
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "damaged") {
			from := rapid.IntRange(0, len(raw)).Draw(t, "from")
			to := rapid.IntRange(from, min(from+3, len(raw))).Draw(t, "to")
			more := rapid.SampledFrom([]string{"", ",", "null", "{", "]", `"`, " ", "x", "0", `"b":[],`, `"A":"",`}).Draw(t, "more")
			raw = slices.Concat(raw[:from], []byte(more), raw[to:])
		}
		var want listed
		wrong := json.Unmarshal(raw, &want)
		got, err := readListed(string(raw))
		if (err == nil) != (wrong == nil) {
			t.Fatalf("%v, want %v, of\n%s", err, wrong, raw)
		}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nwant\n%+v\nof\n%s", got, want, raw)
		}
	})
}

func TestWhatIsNoObjectIsNotRead(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "7", "{} {}", "{}x", `{"list":7}`, `{"list":{}}`, `{"list":[`, `{"list":[]`, `{"a":"x"`, `{"a" "x"}`} {
		if l, err := readListed(text); err == nil {
			t.Errorf("%s: %+v", text, l)
		}
	}
}

func TestAnEntryThatIsRefusedEndsTheReading(t *testing.T) {
	var l listed
	no, seen := errors.New("no"), 0
	err := piecewise.Read(strings.NewReader(`{"list":[{},{},{}]}`), &l, map[string]func(*json.Decoder) error{
		"list": piecewise.Into(&l.List, func(*entry) error {
			if seen++; seen == 2 {
				return no
			}
			return nil
		}),
	})
	if !errors.Is(err, no) || seen != 2 {
		t.Errorf("%v after %d", err, seen)
	}
}
