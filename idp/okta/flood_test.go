package okta

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"scim-sync/idp"
	"scim-sync/internal/idset"
	"scim-sync/internal/sample"
	"scim-sync/internal/transport"
)

// More entries than were asked for, and entries of a size that none has, are found
// before memory is spent on them.
func TestAPageWithMoreThanWasAskedForIsNotTrusted(t *testing.T) {
	person := entryOf("00u1", "ACTIVE", "a@x.org")
	for name, c := range map[string]struct{ path, body, says string }{
		"people":         {appRoot + "/users", strings.Repeat(person+",", 500) + person, "more entries than the 500"},
		"groups":         {appRoot + "/groups", strings.Repeat("{},", 200) + "{}", "more entries than the 200"},
		"members":        {"/api/v1/groups/" + groupIDN(1) + "/users", strings.Repeat(`{"id":"00u1"},`, 1000) + `{"id":"00u1"}`, "more entries than the 1000"},
		"a large member": {"/api/v1/groups/" + groupIDN(1) + "/users", `{"id":"` + strings.Repeat("a", 2000) + `"}`, "entry 1 is larger than 1 KiB"},
		"a large person": {appRoot + "/users", person + `,{"id":"00u2","profile":{"x":"` + strings.Repeat("a", 1<<20) + `"}}`, "entry 2 is larger than 1024 KiB"},
	} {
		o := newOrg(t)
		if strings.HasPrefix(c.path, "/api/v1/groups/") {
			o.on(appRoot+"/groups", serveJSON("["+assignment(1, "Eng")+"]"))
		}
		o.on(c.path, serveJSON("["+c.body+"]"))
		_, err := o.read(t, o.source(t))
		if idp.KindOf(err) != idp.Untrusted || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := newOrg(t)
	o.on(appRoot+"/users", serveJSON("["+strings.TrimSuffix(strings.Repeat(person+",", 500), ",")+"]"))
	if _, err := o.read(t, o.source(t)); err != nil {
		t.Errorf("as many as were asked for: %v", err)
	}
}

// No answer, whatever it holds, takes memory enough to end the program: with all
// that becomes garbage on the way, one takes less than 200 MiB.
func TestNoAnswerTakesMuchMemory(t *testing.T) {
	const large = 57 << 20
	within := func(begin, unit, end string, size int) func() string {
		return func() string { return begin + strings.Repeat(unit, (size-len(begin)-len(end))/len(unit)) + end }
	}
	fill := func(begin, unit, end string) func() string { return within(begin, unit, end, large) }
	floods := map[string]func() string{
		"empty entries":          fill("[", "{},", "{}]"),
		"nulls":                  fill("[", "null,", "null]"),
		"lists in lists":         fill("[[", "[],", "[]]]"),
		"one long text":          fill(`[{"id":"`, "a", `"}]`),
		"many links of an entry": within(`[{"id":"00u1","_links":{"group":[`, "{},", "{}]}}]", maxPage),
		"many roles of an entry": within(`[{"id":"00u1","profile":{"roles":[`, "[],", "[]]}}]", maxPage),
		"many roles of many": func() string {
			return "[" + strings.TrimSuffix(strings.Repeat(within(`{"id":"00u1","profile":{"roles":[`, "[],", "[]]}},", 30<<10)(), 500), ",") + "]"
		},
		"an object of many fields": fill("{", `"a":0,`, `"a":0}`),
		"a schema of many":         within(`{"definitions":{"base":{"properties":{`, `"a":0,`, `"a":0}}}}`, maxSingle),
		"a schema of many of their own": func() string {
			return `{"definitions":{"base":{"properties":{` + manyNames(maxSingle-100) + `"a":0}}}}`
		},
		"nothing but brackets": func() string { return strings.Repeat("[", large) },
		"blanks":               func() string { return strings.Repeat(" ", large) },
	}
	for _, name := range sample.Keys(floods, 9) {
		body := floods[name]()
		base := carrier(func(r *http.Request) (*http.Response, error) {
			resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: -1, Request: r}
			text := body
			if r.URL.Path == appRoot {
				text = fmt.Sprintf(`{"id":%q,"label":"Attio","status":"ACTIVE"}`, testApp)
			}
			resp.Body = readCloser(text)
			return resp, nil
		})
		s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, RoleAttribute: "roles",
			Transport: transport.New(transport.Options{Side: "okta", Hosts: []string{"acme.okta.com"}, Base: base})})
		if err != nil {
			t.Fatal(err)
		}
		for what, read := range map[string]func() error{
			"people": func() error {
				_, err := s.listPeople(t.Context(), s.newUserDecoder(idset.NewDictionary()), func(string, int) {})
				return err
			},
			"groups": func() error { _, _, err := s.listGroups(t.Context(), "filter", "x"); return err },
			"members": func() error {
				_, err := s.listMembers(t.Context(), idp.GroupRef{ID: "00g1"}, idset.NewDictionary())
				return err
			},
			"schema": func() error { _, err := s.schema(t.Context()); return err },
			"group":  func() error { _, err := s.Group(t.Context(), "00g1"); return err },
		} {
			before := allocated()
			err := read()
			if took := (allocated() - before) >> 20; took >= 200 {
				t.Errorf("%s as %s: %d MiB, %v", name, what, took, err)
			}
		}
	}
}

func manyNames(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `"a%d":0,`, i)
	}
	return b.String()
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
