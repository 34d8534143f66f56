package attiotest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
)

const (
	writer = "token-that-reads-and-writes"
	reader = "token-that-only-reads"
	ada    = "ada@acme.test" // the one admin
	ben    = "ben@acme.test"
	sue    = "sue@acme.test"    // suspended
	ivy    = "ivy@partner.test" // invited
)

// site is a small company: one admin, one member, one suspended, one invited.
func site() attiotest.Site {
	return attiotest.Site{
		Workspace: attiotest.Workspace{Slug: "acme", Name: "Acme", VerifiedDomains: []string{"acme.test"}},
		Members: []attiotest.Member{
			{Email: ada, GivenName: "Ada", FamilyName: "Byron", Role: attiotest.RoleAdmin},
			{Email: ben, GivenName: "Ben", FamilyName: "Ode"},
			{Email: sue, GivenName: "Sue", FamilyName: "Lee", Status: attiotest.Suspended},
			{Email: ivy, GivenName: "Ivy", FamilyName: "Fox", Status: attiotest.Invited},
		},
		Teams:    []attiotest.Team{{Name: "Engineering", Members: []string{ada, ben, ivy}}},
		Accounts: []attiotest.Account{{Email: "old@acme.test", Name: "Olga Diaz"}},
		Tokens: []attiotest.Token{
			{Token: writer, AuthorizedBy: ada},
			{Token: reader, Scopes: []string{attiotest.ScopeRead}, AuthorizedBy: ada},
			{Token: "token-without-any-scope", Scopes: []string{}, AuthorizedBy: ada},
			{Token: "token-that-was-revoked", Active: new(false)},
		},
	}
}

// place is a served site.
type place struct {
	*attiotest.Server
	t   testing.TB
	url string
}

func serve(t testing.TB, s attiotest.Site, opts ...attiotest.Option) *place {
	t.Helper()
	srv, err := attiotest.New(s, append([]attiotest.Option{attiotest.WithRateLimits(0, 0)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(srv)
	t.Cleanup(ts.Close)
	return &place{srv, t, ts.URL}
}

func behaving(change func(*attiotest.Behaviour)) attiotest.Option {
	b := attiotest.DefaultBehaviour()
	change(&b)
	return attiotest.WithBehaviour(b)
}

// reply is an answer with its body read.
type reply struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

func (p *place) as(token, method, path, body string) reply {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	return send(p.t, http.DefaultClient, req)
}

func send(t testing.TB, c *http.Client, req *http.Request) reply {
	t.Helper()
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, text: string(b)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") && bytes.HasPrefix(b, []byte("{")) {
		if err := json.Unmarshal(b, &r.json); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	}
	return r
}

// do asks with the token that may write, and wants a status.
func (p *place) do(want int, method, path, body string) reply {
	p.t.Helper()
	r := p.as(writer, method, path, body)
	if r.status != want {
		p.t.Fatalf("%s %s: status %d, want %d: %s", method, path, r.status, want, r.text)
	}
	return r
}

func (p *place) member(email string) attiotest.MemberState {
	p.t.Helper()
	m, ok := p.Snapshot().Member(email)
	if !ok {
		p.t.Fatalf("there is no %s", email)
	}
	return m
}

func (p *place) team(name string) attiotest.TeamState {
	p.t.Helper()
	m, ok := p.Snapshot().Team(name)
	if !ok {
		p.t.Fatalf("there is no team %s", name)
	}
	return m
}

func (p *place) userPath(email string) string { return "/scim/v2/Users/" + p.member(email).ID }

func (p *place) teamPath(name string) string { return "/scim/v2/Groups/" + p.team(name).ID }

// mails are the kinds of email someone was sent.
func (p *place) mails(to string) (kinds string) {
	for _, m := range p.Outbox() {
		if m.To == to {
			kinds += string(m.Kind) + " "
		}
	}
	return strings.TrimSpace(kinds)
}

func newUser(email, more string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + email + `"` + more + `}`
}

func newGroup(name, more string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"` + name + `"` + more + `}`
}

func patch(ops string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + ops + `]}`
}

func setTo(path, value string) string {
	return patch(`{"op":"replace","path":"` + path + `","value":` + value + `}`)
}

func filtered(filter string) string { return "?filter=" + url.QueryEscape(filter) }
