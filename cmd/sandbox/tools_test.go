package sandbox

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// withPlanner is the small world with pages that show a plan.
func withPlanner(t *testing.T, o Options) *Sandbox {
	t.Helper()
	w, err := ParseWorld([]byte(`
okta:
  users: [{login: ada@acme.example}, {login: bo@acme.example}]
  groups: [{name: Staff, members: [bo@acme.example]}, {name: Leads}]
  assignments: [{user: ada@acme.example, profile: {roles: [admin]}}]
attio: {workspace: {slug: acme}, members: [{email: ada@acme.example, role: admin}, {email: guest@acme.example}], teams: [{name: Board}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	o.Now = time.Now
	s, err := Start(t.Context(), w, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// TestBothSidesBeginAnew from either page: what was changed by hand is gone, the log
// is empty, addresses and credentials are the same, and what is kept elsewhere hears
// of it. Another site's form changes nothing.
func TestBothSidesBeginAnew(t *testing.T) {
	heard := 0
	s := withPlanner(t, Options{OnReset: func(*Sandbox) error { heard++; return nil }})
	for i, from := range []string{s.OktaURL, s.AttioURL} {
		org, site := browse(t, s.OktaURL), browse(t, s.AttioURL)
		org.open("/sandbox").submit("", map[string][]string{"event": {"assign"}, "user": {"bo@acme.example"}}).shows(200, "2 assigned directly", "Done: assign")
		site.submit("", map[string][]string{"event": {"suspend"}, "email": {"guest@acme.example"}}).shows(200, "suspended")
		org.send("GET", "/api/v1/apps", "", "")
		org.open("/sandbox").shows(200, "Requests (1)")

		evil := browse(t, from)
		evil.from = http.Header{"Origin": {"http://evil.example"}}
		if evil.send("POST", "/sandbox/reset", "application/x-www-form-urlencoded", ""); evil.status != 403 || heard != i {
			t.Errorf("another site's form was answered %d", evil.status)
		}
		browse(t, from).send("POST", "/sandbox/reset", "application/x-www-form-urlencoded", "").shows(200, "Done: reset")
		if heard != i+1 {
			t.Errorf("what is kept elsewhere heard %d times of %d", heard, i+1)
		}
		org.open("/sandbox").shows(200, "1 assigned directly", "Requests (0)")
		if site.open("/sandbox").shows(200, "guest@acme.example"); strings.Contains(site.text, "<td>suspended</td>") {
			t.Error("somebody is still suspended")
		}
	}
}

// TestThePagesShowAPlan of this moment, as text in their own look and as the page
// that is made for reviews; without a planner they lead to none.
func TestThePagesShowAPlan(t *testing.T) {
	s := withPlanner(t, Options{Planner: func(_ context.Context, s *Sandbox, format string) ([]byte, bool) {
		return []byte("<b>" + format + "</b> of " + s.OktaURL), true
	}})
	for _, side := range []string{s.OktaURL, s.AttioURL} {
		b := browse(t, side)
		b.open("/sandbox").shows(200, `href="`+s.OktaURL+`/sandbox/plan"`)
		b.open("/sandbox/plan").shows(200, "&lt;b&gt;text&lt;/b&gt; of "+s.OktaURL, "What a plan says now")
		b.open("/sandbox/plan.html").shows(200, "<b>html</b> of "+s.OktaURL)
	}
	none := withPlanner(t, Options{})
	b := browse(t, none.OktaURL)
	if b.open("/sandbox").shows(200); strings.Contains(b.text, "/sandbox/plan") {
		t.Error("it leads to a plan")
	}
	b.open("/sandbox/plan").shows(404)
}

// TestThePagesAreSearched: people, groups and teams, by any of their words.
func TestThePagesAreSearched(t *testing.T) {
	s := withPlanner(t, Options{})
	b := browse(t, s.OktaURL)
	if b.open("/sandbox?q=BO+staff").shows(200, "People (0)", "Groups (1)", `value="BO staff"`); strings.Contains(b.text, "<td>Leads") {
		t.Error("another group is there")
	}
	b.open("/sandbox?q=ada").shows(200, "People (1)", "Groups (0)", "Show all")
	browse(t, s.AttioURL).open("/sandbox?q=guest").shows(200, "People (1)", "Teams (0)")
	browse(t, s.AttioURL).open("/sandbox?q=board").shows(200, "People (0)", "Teams (1)")
}

// TestEveryBuiltInWorldIsServed by its name; a file of that name goes before it.
func TestEveryBuiltInWorldIsServed(t *testing.T) {
	people := map[string]int{"startup": 8, "company": 300, "bad-day": 60}
	for _, name := range WorldNames() {
		w, err := LoadWorld(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Start(t.Context(), w, Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.Okta.Snapshot().People); n != people[name] {
			t.Errorf("%s has %d people", name, n)
		}
		delete(people, name)
		s.Close()
	}
	if len(people) > 0 {
		t.Errorf("not built in: %v", people)
	}
	if _, err := LoadWorld("atlantis"); err == nil {
		t.Error("there is a world that nobody has made")
	}
}
