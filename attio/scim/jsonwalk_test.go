package scim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/internal/sample"
)

// FuzzWalk: what is walked through is JSON exactly when encoding/json says so, and
// its members are those that encoding/json finds.
func FuzzWalk(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"b":[{"c":"}\\\""}],"d":null}`, `{"a" : "\u0041\\" , "":{}}`, `{null:1}`, `{"a":1}x`, `{"a":1,}`, `{"a"1}`, `{"a":}`, `{"a":[1}`, `{"a":tru}`, "{\"a\":\"\n\"}", `[1]`, ` {"A":1,"a":2} `, `{"a":"\ud800"}`, `{"a":"`, `{"\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		found := map[string]string{}
		err := walkObject(body, func(key name, value []byte) error {
			found[string(key)] = string(value)
			return valid(value)
		})
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(body, &want)
		if string(bytes.TrimSpace(body)) == "null" {
			return // no object, and encoding/json lets it pass
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, and encoding/json: %v", body, err, wantErr)
		}
		for key, value := range want {
			if found[key] != string(value) {
				t.Fatalf("%q: %q is %s, want %s", body, key, found[key], value)
			}
		}
	})
}

// TestMemoryOfAnAnswer: no answer within the cap of 64 MiB, whatever it is made of,
// costs more memory than 200 MiB with the answer itself, whether it is believed or
// not: nothing that Attio sends can end the program.
func TestMemoryOfAnAnswer(t *testing.T) {
	sample.Long(t)
	const size = 57 << 20
	// fill repeats an entry, # in it being its number.
	fill := func(head, entry, tail string) []byte {
		b := append(make([]byte, 0, size+1<<20), head...)
		before, after, numbered := strings.Cut(entry, "#")
		for i := int64(0); len(b) < size; i++ {
			if i > 0 {
				b = append(b, ',')
			}
			if b = append(b, before...); numbered {
				b = append(strconv.AppendInt(b, i, 36), after...)
			}
		}
		return append(b, tail...)
	}
	const empty, ref = "{}", `{"value":"#"}`
	const list = `{"totalResults":9,"Resources":[`
	r := &Reader{}
	users := func(a answer) error { _, err := r.users(nil, nil).parse(a); return err }
	groups := func(a answer) error { _, err := r.groups(nil, nil).parse(a); return err }
	member := func(a answer) error { _, err := a.member(""); return err }
	joined := func(a answer) error { _, _, err := a.joined(); return err }
	refused := func(a answer) error { return redactor{}.refusal(call{method: http.MethodPost}, 400, "", a.body) }
	cases := map[string]struct {
		head, entry, tail string
		read              func(answer) error
	}{
		"users, empty":           {list, empty, "]}", users},
		"a user of many emails":  {list + `{"id":"1","emails":[`, empty, "]}]}", users},
		"a user of many roles":   {`{"id":"1","userName":"a","roles":[`, empty, "]}", member},
		"what is not looked at":  {`{"totalResults":0,"Resources":[],"more":[`, empty, "]}", users},
		"a group of many":        {list + `{"id":"1","displayName":"a","members":[`, ref, "]}]}", groups},
		"groups of many":         {list, `{"id":"#","displayName":"a","members":[` + strings.Repeat(`{"value":"1"},`, 50_000) + `{"value":"2"}]}`, "]}", groups},
		"joined, empty":          {`{"data":[`, empty, "]}", joined},
		"joined":                 {`{"data":[`, `{"id":{"workspace_member_id":"#"},"email_address":"a","access_level":"m"}`, "]}", joined},
		"a token of many scopes": {`{"active":true,"scope":[`, `""`, "]}", func(a answer) error { return a.decode(new(json.RawMessage)) }},
		"an error of many":       {`{"errors":[`, empty, "]}", refused},
		"an error of one word":   {`{"detail":"`, "x", `"}`, refused},
	}
	for _, name := range sample.Keys(cases, 7) {
		c := cases[name]
		t.Run(name, func(t *testing.T) {
			a := answer{status: 200, body: fill(c.head, c.entry, c.tail)}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := c.read(a)
			runtime.ReadMemStats(&after)
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 200-size>>20 {
				t.Errorf("it took %d MiB beside the answer", used)
			}
			if err != nil && !attio.Is(err, attio.Untrusted) && !attio.Is(err, attio.Refused) {
				t.Errorf("got %v", err)
			}
		})
	}
}
