package attiotest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
)

func TestPagesAreGuarded(t *testing.T) {
	p := serve(t, consentSite())
	b := p.browser().open(authorizeURL(nil))
	for _, path := range []string{authorizeURL(nil), "/authorize?client_id=x", "/sandbox", "/invites/none"} {
		b.open(path)
		h := b.page.header
		csp := h.Get("Content-Security-Policy")
		if h.Get("X-Frame-Options") != "DENY" || h.Get("Cache-Control") != "no-store" || !strings.Contains(csp, "frame-ancestors 'none'") ||
			!strings.Contains(csp, "default-src 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
		if strings.Contains(b.page.text, "<script") || strings.Contains(b.page.text, "style=") {
			t.Errorf("%s needs what its policy forbids", path)
		}
	}
	b.open(authorizeURL(nil))
	if csp := b.page.header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "form-action 'self' http://localhost:8910") {
		t.Errorf("the app cannot be reached from the form: %s", csp)
	}
	for _, c := range b.c.Jar.Cookies(&url.URL{Scheme: "http", Host: strings.TrimPrefix(p.url, "http://")}) {
		if c.Value == "" {
			t.Error("empty cookie")
		}
	}
	if set := b.open("/sandbox/style.css").page; set.status != 200 || !strings.Contains(set.text, "prefers-color-scheme: dark") {
		t.Errorf("style sheet: %d", set.status)
	}
}

// TestPagesAnswerOnlyForTheirOwnHost: a name that leads here opens no page, and
// another site's form changes nothing; the interfaces themselves mind neither,
// since they ask for a token.
func TestPagesAnswerOnlyForTheirOwnHost(t *testing.T) {
	p := serve(t, consentSite())
	ask := func(method, path, host string, header ...string) int {
		r := request(t, method, p.url+path, `{"event":"suspend","email":"`+ben+`"}`)
		r.Header.Set("Content-Type", "application/json")
		if host != "" {
			r.Host = host
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return send(t, http.DefaultClient, r).status
	}
	port := p.url[strings.LastIndexByte(p.url, ':'):]
	for _, path := range []string{"/sandbox", "/sandbox/requests.json", authorizeURL(nil), "/invites/none"} {
		for host, want := range map[string]bool{"localhost" + port: true, "[::1]" + port: true, "": true, "rebound.example" + port: false, "rebound.example": false, "localhost.rebound.example": false} {
			if got := ask("GET", path, host) != http.StatusMisdirectedRequest; got != want {
				t.Errorf("%s under %q was answered: %t", path, host, got)
			}
		}
	}
	for _, header := range [][]string{{"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:1"}} {
		for _, path := range []string{"/sandbox/do", "/authorize", "/sign-in", "/invites/none"} {
			if status := ask("POST", path, "", header...); status != http.StatusForbidden {
				t.Errorf("%s with %v was answered %d", path, header, status)
			}
		}
	}
	if p.member(ben).Status != attiotest.Active {
		t.Error("another site suspended somebody")
	}
	if status := ask("POST", "/sandbox/do", "", "Sec-Fetch-Site", "same-origin", "Origin", p.url); status != 200 {
		t.Errorf("the page's own request was answered %d", status)
	}
	if status := ask("GET", "/scim/v2/Users", "api.attio.example"); status != 401 {
		t.Errorf("the interface was answered %d", status)
	}
}

const hostile = `<script>alert("x")</script>'"><img src=x>`

func TestHostileNamesAreEscaped(t *testing.T) {
	s := consentSite()
	s.Workspace.Name, s.Apps[0].Name, s.Apps[0].Scopes = hostile, hostile, []string{hostile}
	s.Members[0].GivenName, s.Members[3].GivenName, s.Teams[0].Name = hostile, hostile, hostile
	s.OtherWorkspaces[0].Name = hostile
	p := serve(t, s)
	p.do(400, "POST", "/scim/v2/Users", `{"a":"<script>alert(1)</script>"}`)
	b := p.browser()
	pages := []string{authorizeURL(nil), authorizeURL(func(q url.Values) { q.Set("state", hostile) }), p.member(ivy).InviteLink, "/sandbox", "/sandbox?done=" + url.QueryEscape(hostile)}
	for _, path := range pages {
		for _, in := range []string{"", ada} {
			if in != "" {
				b.signIn(in)
			}
			b.open(path)
			if b.page.status != 200 || strings.Contains(b.page.text, "<script") || strings.Contains(b.page.text, "<img") {
				t.Errorf("%s: %d %s", path, b.page.status, b.page.text)
			}
		}
	}
	b.open(authorizeURL(func(q url.Values) { q.Set("state", hostile) }))
	if q := b.submit("/authorize", url.Values{"action": {"cancel"}}).goes(); q.Get("state") != hostile {
		t.Errorf("state came back as %q", q.Get("state"))
	}
	p.browser().signIn(hostile).shows(401, "&lt;script&gt;")
}

// hiddenValue is what a form sends back as it is, and nobody sees.
var hiddenValue = regexp.MustCompile(`type="hidden" name="[a-z]+" value="[^"]*"`)

// TestTurnedNamesAreShown: what would turn the writing around, hide or break a
// line in a name stands there as an escape, and no name turns its surroundings.
func TestTurnedNamesAreShown(t *testing.T) {
	const turned = "Ac\u202eme\u200b\x1b[2J"
	s := consentSite()
	s.Workspace.Name, s.Apps[0].Name, s.OtherWorkspaces[0].Name = turned, turned, turned
	s.Members[0].GivenName, s.Members[3].GivenName, s.Teams[0].Name = turned, turned, turned
	p := serve(t, s)
	b := p.browser()
	for _, path := range []string{authorizeURL(nil), p.member(ivy).InviteLink, "/sandbox", "/sandbox?done=" + url.QueryEscape(turned)} {
		for _, in := range []string{"", ada} {
			if in != "" {
				b.signIn(in)
			}
			b.open(path)
			seen := hiddenValue.ReplaceAllString(b.page.text, "")
			if b.page.status != 200 || strings.ContainsAny(seen, "\u202e\u200b\x1b") || !strings.Contains(b.page.text, `<bdi>Ac\u202eme\u200b\x1b[2J`) {
				t.Errorf("%s: %d %s", path, b.page.status, b.page.text)
			}
		}
	}
}
