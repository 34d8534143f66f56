package okta

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"scim-sync/idp"
)

// Every answer that is not a whole, plain Okta page ends the reading with an
// error; none is ever taken for a short or an empty list.
func TestNoDoubtfulAnswerIsBelieved(t *testing.T) {
	link := func(h string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", h)
			serveJSON("["+appUser(1)+"]")(w, r)
		}
	}
	typed := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write([]byte(body))
		}
	}
	hijack := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(answer))
			_ = c.Close()
		}
	}
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Location", "https://elsewhere.example/x")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	tests := []struct {
		name   string
		answer http.HandlerFunc
		kind   idp.ErrorKind
		says   string
	}{
		{"empty body", typed("application/json", ""), idp.Untrusted, "empty"},
		{"blank body", typed("application/json", " \r\n\t "), idp.Untrusted, "empty"},
		{"null", typed("application/json", "null\n"), idp.Untrusted, "null"},
		{"rubbish after the list", typed("application/json", "[] oops"), idp.Untrusted, "follows"},
		{"a second list after the list", typed("application/json", "[][]"), idp.Untrusted, "follows"},
		{"bracket too many", typed("application/json", "[]]"), idp.Untrusted, "follows"},
		{"list not closed", typed("application/json", `[{"id":"00u1"}`), idp.Untrusted, "cut short"},
		{"malformed inside", typed("application/json", `[{"id":00u1}]`), idp.Untrusted, "malformed"},
		{"object for a list", typed("application/json", `{"errorCode":"x"}`), idp.Untrusted, "malformed"},
		{"text for a list", typed("application/json", `"none"`), idp.Untrusted, "not a JSON object"},
		{"null element", typed("application/json", "["+appUser(1)+",null]"), idp.Untrusted, "entry 2: it has no id"},
		{"element without id", typed("application/json", `[{"status":"ACTIVE"}]`), idp.Untrusted, "no id"},
		{"id with a slash", typed("application/json", `[{"id":"a/b?c","status":"ACTIVE"}]`), idp.Untrusted, "characters"},
		{"id of a wrong type", typed("application/json", `[{"id":7,"status":"ACTIVE"}]`), idp.Untrusted, "malformed"},
		{"another person embedded", typed("application/json", `[{"id":"00u1","status":"ACTIVE","_embedded":{"user":{"id":"00u2","status":"ACTIVE"}}}]`), idp.Untrusted, "another one"},
		{"HTML", typed("text/html", "<html>sign in</html>"), idp.Untrusted, "text/html"},
		{"HTML without a body", typed("text/html", ""), idp.Untrusted, "text/html"},
		{"HTML called JSON", typed("application/json", "<html>"), idp.Untrusted, "not a JSON"},
		{"XML", typed("application/xml", "<a/>"), idp.Untrusted, "xml"},
		{"octets", typed("application/octet-stream", "[]"), idp.Untrusted, "octet"},
		{"no type", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = w.Write([]byte("[]"))
		}, idp.Untrusted, "not JSON"},
		{"204", status(204, ""), idp.Untrusted, "200 was expected"},
		{"202 with a list", status(202, "[]"), idp.Untrusted, "200 was expected"},
		{"203 with a list", status(203, "[]"), idp.Untrusted, "200 was expected"},
		{"303 with a list", status(303, "[]"), idp.Untrusted, "elsewhere.example"},
		{"302", status(302, ""), idp.Untrusted, "elsewhere.example"},
		{"link that is no address", link(`<http://[::1:bad/%zz>; rel="next"`), idp.Untrusted, "no address"},
		{"link with a bad escape", link(`</api/v1/apps/x?after=%zz>; rel="next"`), idp.Untrusted, "no address"},
		{"link without brackets", link(`next; rel="next"`), idp.Untrusted, "malformed"},
		{"link with quotes that are never closed", link(`<` + appRoot + `/users?after=1>; title="more; rel=next`), idp.Untrusted, "never closed"},
		{"link with a backslash at its end", link(`<` + appRoot + `/users?after=1>; rel=next; title="more\`), idp.Untrusted, "never closed"},
		{"link with something after its quotes", link(`<` + appRoot + `/users?after=1>; rel="next"more`), idp.Untrusted, "malformed"},
		{"two next links", link(`</a?after=1>; rel="next", </a?after=2>; rel="next"`), idp.Untrusted, "two next"},
		{"next link to another list", link(`</api/v1/users?after=1>; rel="next"`), idp.Untrusted, "another list"},
		{"next link without a cursor", link(`<` + appRoot + `/users?limit=500>; rel="next"`), idp.Untrusted, "no cursor"},
		{"the same cursor again", link(`<` + appRoot + `/users?after=1>; rel="next"`), idp.Untrusted, "circles"},
		{"closed without an answer", hijack(""), idp.Unavailable, ""},
		{"cut short", hijack("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[]"), idp.Unavailable, ""},
		{"no HTTP", hijack("hello\r\n\r\n"), idp.Unavailable, ""},
		{"404 of a proxy", status(404, "not here"), idp.Untrusted, "Not Found"},
		{"400", status(400, `{"errorCode":"E0000031","errorSummary":"Invalid cursor."}`), idp.Untrusted, "Invalid cursor"},
		{"503", status(503, `{"errorCode":"E0000010","errorSummary":"Service is in read only mode"}`), idp.Unavailable, "read only"},
		{"429", status(429, `{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit due to too many requests."}`), idp.Unavailable, "rate limit"},
		{"429 without a body", status(429, ``), idp.Unavailable, "Too Many"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOrg(t)
			o.on(appRoot+"/users", tt.answer)
			began := time.Now()
			dir, err := o.read(t, o.source(t))
			if err == nil {
				t.Fatalf("believed: %+v", dir)
			}
			if got := idp.KindOf(err); got != tt.kind || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("kind %d, want %d with %q: %v", got, tt.kind, tt.says, err)
			}
			if !strings.Contains(err.Error(), "list app users") || strings.Contains(err.Error(), testToken) {
				t.Errorf("the error must name what was read and no secret: %v", err)
			}
			if n := len(o.requests(appRoot + "/users")); n > 5 { // four tries, and one of net/http's own where a kept connection is closed
				t.Errorf("%d requests", n)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// What proxies do to a Link header without changing its meaning changes
// nothing here.
func TestLinksAreReadHoweverTheyAreWritten(t *testing.T) {
	self := `<https://acme.okta.com` + appRoot + `/users?limit=1>; rel="self"`
	for name, next := range map[string][]string{
		"two lines":            {self, `<https://acme.okta.com` + appRoot + `/users?after=c1&limit=1>; rel="next"`},
		"folded":               {self + `, <https://acme.okta.com` + appRoot + `/users?after=c1&limit=1>; rel="next"`},
		"folded the other way": {`<https://acme.okta.com` + appRoot + `/users?after=c1&limit=1>; rel="next", ` + self},
		"another host":         {`<https://evil.example` + appRoot + `/users?after=c1>; rel="next"`},
		"no quotes":            {`<` + appRoot + `/users?after=c1>;rel=next`},
		"title first":          {`<` + appRoot + `/users?after=c1>; title="a, b; rel=self"; rel="next"`},
		"rel in a cursor":      {`<` + appRoot + `/users?limit=1&x=rel="next">; rel="self"`, `<` + appRoot + `/users?after=c1>; rel="next"`},
		"a quote in the title": {`<` + appRoot + `/users?after=c1>; title="the \"next\" page, \\"; rel="next"`},
		"a quote in another's": {`<` + appRoot + `/users>; rel="first"; title="\"", <` + appRoot + `/users?after=c1>; rel="next"`},
		"the first rel counts": {`<` + appRoot + `/users?after=c1>; rel="next"; rel="prev"`},
		"of another page":      {`<` + appRoot + `/users?after=zz>; rel="next"; anchor="/elsewhere"`, `<` + appRoot + `/users?after=c1>; rel = "next"`},
		"without expand":       {`<` + appRoot + `/users?after=c1&expand=>; rel=next; title`},
		"several words":        {`<` + appRoot + `/users?after=c1>; REL="next last"`},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrg(t)
			o.on(appRoot+"/users", func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Query().Get("after") {
				case "":
					w.Header()["Link"] = next
					serveJSON("["+appUser(1)+"]")(w, r)
				case "c1":
					serveJSON("["+appUser(2)+"]")(w, r)
				default:
					http.Error(w, "no such cursor", 400)
				}
			})
			dir, err := o.read(t, o.source(t))
			if err != nil {
				t.Fatal(err)
			}
			asked := o.requests(appRoot + "/users")
			if len(dir.People) != 2 || len(asked) != 2 || !strings.Contains(asked[1], "expand=user") || !strings.Contains(asked[1], "limit=500") {
				t.Errorf("%d people in %q", len(dir.People), asked)
			}
		})
	}
}

func TestCursorWithASemicolonArrivesWhole(t *testing.T) {
	o := newOrg(t)
	var got string
	o.on(appRoot+"/users", func(w http.ResponseWriter, r *http.Request) {
		if after := r.URL.Query().Get("after"); after != "" {
			got = after
		} else {
			w.Header().Set("Link", `<`+appRoot+`/users?after=a;b%2Bc&limit=1>; rel="next"`)
		}
		serveJSON("[]")(w, r)
	})
	if _, err := o.read(t, o.source(t)); err != nil || got != "a;b+c" {
		t.Errorf("cursor %q, %v", got, err)
	}
}

func TestEndlessListEnds(t *testing.T) {
	o := newOrg(t)
	n := 0
	o.on(appRoot+"/users", func(w http.ResponseWriter, r *http.Request) {
		n++
		w.Header().Set("Link", fmt.Sprintf(`<%s/users?after=c%d>; rel="next"`, appRoot, n))
		serveJSON("[]")(w, r)
	})
	_, err := o.read(t, o.source(t, func(op *Options) { op.MaxPages = 7 }))
	if idp.KindOf(err) != idp.Untrusted || !strings.Contains(err.Error(), "more than 7 pages") || n != 7 {
		t.Errorf("%d requests, %v", n, err)
	}
}

// A malformed time in a field that nobody reads loses nothing, and a field
// that is missing on page two does not keep page one's value.
func TestPagesDoNotLeakIntoEachOther(t *testing.T) {
	o := newOrg(t)
	o.on(appRoot+"/users", paged([]string{
		`{"id":"00u1","status":"ACTIVE","created":"","credentials":{"userName":"one"},"profile":{"email":"one@example.com","roles":"admin"},"_embedded":{"user":{"id":"00u1","status":"SUSPENDED","lastUpdated":"yesterday"}}}`,
		`{"id":"00u2","status":"ACTIVE","profile":{}}`,
	}, 1))
	dir, err := o.read(t, o.source(t))
	if err != nil {
		t.Fatal(err)
	}
	two := dir.People[1]
	if two.ID != "00u2" || two.Email != "" || two.UserName != "" || two.HasRole || two.UserStatus != "" || two.Access != idp.Waiting {
		t.Errorf("%+v", two)
	}
}

// Somebody may be suspended in Okta: an entry without its Okta user gives nobody
// access, and a list of such entries is not what was asked for.
func TestWithoutTheOktaUserNobodyGetsIn(t *testing.T) {
	const bare = `{"id":"00u1","status":"ACTIVE","profile":{"email":"one@example.com"}}`
	o := newOrg(t)
	o.on(appRoot+"/users", serveJSON(`[`+bare+`,{"id":"00u2","status":"ACTIVE","_embedded":{"user":{"id":"00u2"}}},
		{"id":"00u3","status":"ACTIVE","_embedded":{"user":{"id":"00u3","status":"ACTIVE"}}}]`))
	dir, err := o.read(t, o.source(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []idp.Access{idp.Waiting, idp.Waiting, idp.Granted} {
		if got := dir.People[i].Access; got != want {
			t.Errorf("%s: %v, want %v", dir.People[i].ID, got, want)
		}
	}
	if len(dir.Notes) != 1 || dir.Notes[0].Code != "unknown-status" || !strings.Contains(dir.Notes[0].Detail, "2 people") {
		t.Errorf("notes: %+v", dir.Notes)
	}
	o = newOrg(t)
	o.on(appRoot+"/users", serveJSON(`[`+bare+`]`))
	if _, err := o.read(t, o.source(t)); idp.KindOf(err) != idp.Untrusted || !strings.Contains(err.Error(), "expand=user") {
		t.Errorf("no entry holds its Okta user: %v", err)
	}
}

// A page that Okta cannot make is asked for at half the size from the same
// place, and the smaller size stays.
func TestSlowPageIsHalved(t *testing.T) {
	o := newOrg(t)
	list := paged(appUsers(700), 500)
	o.on(appRoot+"/users", func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("limit") != "125" && q.Get("after") != "" {
			oktaError(w, 500, "E0000009", "Internal Server Error")
			return
		}
		list(w, r)
	})
	dir, err := o.read(t, o.source(t))
	if err != nil {
		t.Fatal(err)
	}
	var sizes []string
	for _, a := range o.requests(appRoot + "/users") {
		_, q, _ := strings.Cut(a, "?")
		sizes = append(sizes, q)
	}
	want := []string{
		"expand=user&limit=500", "after=500&expand=user&limit=500", "after=500&expand=user&limit=250",
		"after=500&expand=user&limit=125", "after=625&expand=user&limit=125",
	}
	if len(dir.People) != 700 || strings.Join(sizes, " ") != strings.Join(want, " ") {
		t.Errorf("%d people, asked\n%s", len(dir.People), strings.Join(sizes, "\n"))
	}
}

func TestHalvingEnds(t *testing.T) {
	o := newOrg(t)
	o.on(appRoot+"/users", func(w http.ResponseWriter, _ *http.Request) {
		oktaError(w, 500, "E0000009", "Internal Server Error")
	})
	_, err := o.read(t, o.source(t))
	if n := len(o.requests(appRoot + "/users")); idp.KindOf(err) != idp.Unavailable || n != 6 {
		t.Errorf("%d requests, %v", n, err)
	}
}
