package oktatest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp/okta/oktatest"
)

const token = "00not-a-real-token"

// acme is a small org: ada is an admin by name, bob and eve have the app
// through Staff, bob also through Leads, which goes first.
func acme() oktatest.Org {
	return oktatest.Org{
		APIToken: token,
		App:      oktatest.App{ID: "0oa1b2c3d4e5f6g7h8i9", Label: "Attio", Features: []string{"GROUP_PUSH"}},
		Users: []oktatest.User{
			{ID: "00u00000000000000ada", Login: "ada@acme.com", FirstName: "Ada", LastName: "King"},
			{ID: "00u00000000000000bob", Login: "bob@acme.com", Email: "bob@mail.acme.com", FirstName: "Bob", LastName: "Low"},
			{ID: "00u00000000000000eve", Login: "eve@acme.com", FirstName: "Eve", LastName: "Moss", Status: "SUSPENDED"},
			{ID: "00u00000000000000out", Login: "out@acme.com", FirstName: "Otto", LastName: "Utz", Profile: map[string]any{"department": "R&D"}},
		},
		Groups: []oktatest.Group{
			{ID: "00g0000000everyone00", Name: "Everyone", Description: "All users in your organization", Type: "BUILT_IN"},
			{ID: "00g0000000000000lead", Name: "Leads", Members: []string{"bob@acme.com"}},
			{ID: "00g000000000000staff", Name: "Staff", Description: "who works here", Members: []string{"bob@acme.com", "eve@acme.com"}},
		},
		AssignedGroups: []oktatest.GroupAssignment{
			{Group: "Staff", Priority: 1, Profile: map[string]any{"roles": []string{"member"}}},
			{Group: "Leads", Priority: 0, Profile: map[string]any{"roles": []string{"member", "admin"}}},
		},
		Assignments:  []oktatest.Assignment{{User: "ada@acme.com", UserName: "ada", Profile: map[string]any{"roles": []string{"admin"}}}},
		PushMappings: []oktatest.PushMapping{{Group: "Staff", Target: "Everybody at Acme"}, {Group: "Leads", Status: "ERROR", Error: "no such team"}},
	}
}

// clock is a clock that only moves when told.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

func noon() *clock { return &clock{at: time.Date(2026, 2, 2, 12, 0, 0, 700e6, time.UTC)} }

// org is a server under test with a client for it.
type org struct {
	*oktatest.Server
	t   testing.TB
	url string
	// auth is the Authorization header.
	auth string
}

func start(t testing.TB, o oktatest.Org, opts ...oktatest.Option) *org {
	t.Helper()
	s, err := oktatest.New(o, opts...)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return &org{Server: s, t: t, url: srv.URL, auth: "SSWS " + o.APIToken}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (o *org) do(method, path, body string) answer {
	o.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = o.url + path
	}
	req, err := http.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	if o.auth != "" {
		req.Header.Set("Authorization", o.auth)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(raw)}
}

func (o *org) get(path string) answer { o.t.Helper(); return o.do(http.MethodGet, path, "") }

// must makes a request that has to be answered so.
func (o *org) must(status int, method, path, body string) answer {
	o.t.Helper()
	a := o.do(method, path, body)
	if a.status != status {
		o.t.Fatalf("%s %s: %d %s, want %d", method, path, a.status, a.body, status)
	}
	return a
}

var nextLink = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

// next gives the address of the next page, "" on the last.
func (a answer) next() string {
	for _, l := range a.header.Values("Link") {
		if m := nextLink.FindStringSubmatch(l); m != nil {
			return m[1]
		}
	}
	return ""
}

// walk reads a list to its end and gives the ids in order and the pages.
func (o *org) walk(path string) (ids []string, pages int) {
	o.t.Helper()
	for path != "" {
		a := o.must(200, http.MethodGet, path, "")
		var entries []struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(a.body), &entries); err != nil {
			o.t.Fatalf("%s: %v", path, err)
		}
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		path = a.next()
		if pages++; pages > 5000 {
			o.t.Fatal("the list never ends")
		}
	}
	return ids, pages
}

// sameJSON compares an answer with a fixture whose addresses begin with ORG.
func (o *org) sameJSON(want, got string) {
	o.t.Helper()
	var w, g any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(want, "ORG", o.url)), &w); err != nil {
		o.t.Fatal("fixture:", err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		o.t.Fatalf("answer %q: %v", got, err)
	}
	if d := cmp.Diff(w, g); d != "" {
		o.t.Error(d)
	}
}

func app(tail string) string { return "/api/v1/apps/0oa1b2c3d4e5f6g7h8i9" + tail }
