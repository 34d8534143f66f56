package sandbox

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"scim-sync/idp/okta/oktatest"
)

// browser is a person before a browser.
type browser struct {
	t    *testing.T
	c    *http.Client
	base string
	from http.Header // what a browser says of the page that a form is on
	// The page that is open.
	status int
	header http.Header
	text   string
}

func browse(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, c: &http.Client{Jar: jar}, base: base}
}

func (b *browser) send(method, path, kind, body string) *browser {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	maps.Copy(req.Header, b.from)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := b.c.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.status, b.header, b.text = resp.StatusCode, resp.Header, string(text)
	return b
}

func (b *browser) open(path string) *browser { b.t.Helper(); return b.send("GET", path, "", "") }

// submit fills a form of the page in; query is what its button's address holds.
func (b *browser) submit(query string, fields url.Values) *browser {
	b.t.Helper()
	return b.send("POST", "/sandbox/do"+query, "application/x-www-form-urlencoded", fields.Encode())
}

func (b *browser) shows(status int, words ...string) *browser {
	b.t.Helper()
	if b.status != status {
		b.t.Fatalf("status %d, want %d: %s", b.status, status, b.text)
	}
	for _, w := range words {
		if !strings.Contains(b.text, w) {
			b.t.Errorf("the page lacks %q", w)
		}
	}
	return b
}

// small is a world of three people, two groups and a push.
func small(t *testing.T, change func(*World)) *Sandbox {
	t.Helper()
	w, err := ParseWorld([]byte(`
okta:
  app: {features: [GROUP_PUSH]}
  users:
    - {login: ada@acme.example, first_name: Ada, last_name: Byron}
    - {login: bo@acme.example, email: bo@mail.example, status: SUSPENDED}
    - {login: cy@acme.example}
  groups:
    - {name: Staff, members: [bo@acme.example]}
    - {name: Leads}
  assigned_groups: [{group: Staff, priority: 4, profile: {roles: [member]}}]
  assignments: [{user: ada@acme.example, profile: {roles: [admin]}}]
  push_mappings: [{group: Leads, target: The leads}]
attio: {workspace: {slug: acme}, members: [{email: ada@acme.example, role: admin}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(w)
	}
	s, err := Start(t.Context(), w, Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestOktaHasAPage(t *testing.T) {
	s := small(t, nil)
	b := browse(t, s.OktaURL)
	b.open("/").shows(200, "3 people, 1 assigned directly and 1 through a group", "bo@mail.example", "SUSPENDED", "through Staff",
		"assigned, priority 4, gives member", "pushed as The leads (ACTIVE)", `href="`+s.AttioURL+`/sandbox"`)
	browse(t, s.AttioURL).open("/").shows(200, `href="`+s.OktaURL+`/sandbox"`)
	b.open("/sandbox/").shows(200, "Requests (0)")
	b.open("/sandbox/nothing").shows(404)
	if b.open("/sandbox/style.css").shows(200, "prefers-color-scheme: dark"); !strings.HasPrefix(b.header.Get("Content-Type"), "text/css") {
		t.Error(b.header)
	}
	for range 3 * oktatest.StandardLimits().PerWindow[oktatest.BucketApps] {
		b.open("/sandbox/app.json").shows(200, `"label":"Attio"`)
	}
	if n := len(s.Okta.Requests()); n != 0 {
		t.Errorf("looking at the page is in the log: %d requests", n)
	}
}

func TestProgramsGetOktaAtItsBareAddress(t *testing.T) {
	s := small(t, nil)
	for name, header := range map[string]http.Header{
		"no browser":    {"Accept": {"application/json"}},
		"an API client": {"Accept": {"text/html"}, "Authorization": {"SSWS " + oktaToken}},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.OktaURL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode < 400 || resp.Header.Get("X-Rate-Limit-Limit") == "" {
			t.Errorf("%s: %s", name, resp.Status)
		}
	}
	browse(t, s.OktaURL).open("/sandbox").shows(200, "Requests (2)", "GET /", "299 of 300", "298 of 300")
}

// TestOktaPageAnswersOnlyForItsOwnHost: a name that leads here opens no page, and
// another site's form changes nothing.
func TestOktaPageAnswersOnlyForItsOwnHost(t *testing.T) {
	s := small(t, nil)
	for want, change := range map[int]func(*http.Request){
		http.StatusMisdirectedRequest: func(r *http.Request) { r.Host = "rebound.example" },
		http.StatusForbidden:          func(r *http.Request) { r.Method = "POST"; r.Header.Set("Origin", "http://evil.example") },
		http.StatusOK:                 func(r *http.Request) { r.Host = "localhost:1" },
	} {
		for _, path := range []string{"/sandbox", "/sandbox/people.json"} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", s.OktaURL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			change(req)
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s under %s: %s, want %d", path, req.Host, resp.Status, want)
			}
		}
	}
}

func TestOktaIsChangedFromItsPage(t *testing.T) {
	s := small(t, nil)
	b := browse(t, s.OktaURL)
	id, err := s.Okta.UserID("cy@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query, fields, says string
	}{
		{"", "event=assign&user=cy@acme.example&roles=member, admin", "Done: assign"},
		{"?event=set_role&roles=member", "user=" + id, "Done: set role"},
		{"?event=set_status&to=SUSPENDED", "user=ada@acme.example", "Done: set status"},
		{"", "event=set_email&user= ada@acme.example &to=ada@mail.example", "Done: set email"},
		{"", "event=set_name&user=cy@acme.example&first=Cy&last=Twombly", "Cy Twombly"},
		{"", "event=rename_group&group=Leads&to=Heads", "Done: rename group"},
		{"", "event=add_member&group=Heads&user=cy@acme.example", "Done: add member"},
		{"", "event=remove_member&group=Staff&user=bo@acme.example", "Done: remove member"},
		{"", "event=assign_group&group=Heads", "Done: assign group"},
	} {
		fields, err := url.ParseQuery(c.fields)
		if err != nil {
			t.Fatal(err)
		}
		b.open("/sandbox").submit(c.query, fields).shows(200, c.says)
	}
	b.open("/sandbox").submit("", url.Values{"event": {"unassign"}, "user": {"bo@acme.example"}}).shows(422, "That did not work", "is not assigned to the app")
	if strings.Contains(b.text, "oktatest") {
		t.Errorf("a page names a package: %s", b.text)
	}

	var people []oktatest.PersonState
	b.open("/sandbox/people.json")
	if err := json.Unmarshal([]byte(b.text), &people); err != nil || len(people) != 3 {
		t.Fatalf("%v: %s", err, b.text)
	}
	ada, bo, cy := people[0], people[1], people[2]
	if ada.Status != "SUSPENDED" || ada.Email != "ada@mail.example" || bo.Assigned != oktatest.NotAssigned ||
		cy.Assigned != oktatest.ByName || cy.LastName != "Twombly" || strings.Join(cy.Roles, " ") != "member" {
		t.Errorf("%+v", people)
	}
	var groups []oktatest.GroupState
	b.open("/sandbox/groups.json")
	if err := json.Unmarshal([]byte(b.text), &groups); err != nil || len(groups) != 3 {
		t.Fatalf("%v: %s", err, b.text)
	}
	if g := groups[0]; g.Name != "Heads" || !g.Assigned || g.Push == nil || strings.Join(g.Members, " ") != "cy@acme.example" {
		t.Errorf("%+v", groups)
	}
	b.open("/sandbox/requests.json").shows(200, "[]")
}

// TestFormsOfOtherSitesChangeNothing: neither a form, nor one that smuggles JSON
// in as text, nor JSON itself, from another site or another port of this host.
func TestFormsOfOtherSitesChangeNothing(t *testing.T) {
	s := small(t, nil)
	const event = `{"event":"unassign","user":"ada@acme.example"}`
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "event=unassign&user=ada@acme.example",
		"text/plain":                        event,
		"application/json":                  event,
		"":                                  event,
	} {
		for _, origin := range []http.Header{
			{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {s.AttioURL}}, {"Origin": {"null"}},
		} {
			b := browse(t, s.OktaURL).open("/sandbox").shows(200)
			b.from = origin
			b.send("POST", "/sandbox/do", kind, body).shows(403, "This form is not from here")
			b.send("POST", "/sandbox/do?event=unassign&user=ada@acme.example", kind, body).shows(403)
		}
	}
	if p := s.Okta.Snapshot().People[0]; p.Assigned != oktatest.ByName {
		t.Errorf("%+v", p)
	}
	b := browse(t, s.OktaURL)
	b.send("POST", "/sandbox/do", "application/json; charset=utf-8", event).shows(204)
	b.send("POST", "/sandbox/do", "application/json", event).shows(422, `user "ada@acme.example" is not assigned`)
	b.send("POST", "/sandbox/do", "application/json", `{"evnt":""}`).shows(400, "not understood")
}

func TestOktaPageIsGuardedAndEscapes(t *testing.T) {
	const hostile = `<script>alert("x")</script>'"><img src=x>`
	s := small(t, func(w *World) {
		o := &w.Okta
		o.App.Label, o.App.Features = hostile, append(o.App.Features, hostile)
		o.Users = append(o.Users, oktatest.User{Login: hostile, Email: hostile + "2", FirstName: hostile, LastName: hostile})
		o.Groups = append(o.Groups, oktatest.Group{Name: hostile, Members: []string{hostile}})
		o.AssignedGroups = append(o.AssignedGroups, oktatest.GroupAssignment{Group: hostile, Profile: map[string]any{"roles": hostile}})
		o.PushMappings = append(o.PushMappings, oktatest.PushMapping{Group: hostile, Target: hostile, Status: "ERROR", Error: hostile})
	})
	b := browse(t, s.OktaURL)
	b.open("/" + url.PathEscape(hostile) + "?q=" + hostile)
	for _, path := range []string{"/sandbox", "/sandbox?done=" + url.QueryEscape(hostile)} {
		b.open(path).shows(200, "&lt;script&gt;")
		if strings.Contains(b.text, "<script") || strings.Contains(b.text, "<img") || strings.Contains(b.text, "style=") {
			t.Errorf("%s: %s", path, b.text)
		}
		h := b.header
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			!strings.HasSuffix(csp, "form-action 'self'") || h.Get("X-Frame-Options") != "DENY" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, h)
		}
	}
	b.submit("", url.Values{"event": {hostile}}).shows(422, "&lt;script&gt;")
	if strings.Contains(b.text, "<script") {
		t.Error(b.text)
	}
}
