package scim

import (
	"net/http"
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/internal/idset"
)

// TestClassify: what an answer means, by its status and words, in whichever
// shape the error comes.
func TestClassify(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   attio.ErrorKind
		detail string
	}{
		{401, `Unauthorized`, attio.NotSignedIn, "Unauthorized"},
		{401, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"Token expired; no seat either"}`, attio.NotSignedIn, "Token expired; no seat either"},
		{402, ``, attio.NoSCIM, ""},

		{403, `{"status_code":403,"type":"auth_error","code":"billing_error","message":"Not included"}`, attio.NoSCIM, "Not included"},
		{403, `{"status_code":403,"type":"auth_error","code":"unauthorized","message":"The token lacks a scope: user_management:read-write"}`, attio.MissingScope, "The token lacks a scope: user_management:read-write"},
		{403, `{"detail":"SCIM is available on the Enterprise plan"}`, attio.NoSCIM, "SCIM is available on the Enterprise plan"},
		{403, `{"detail":"Only admins can do this"}`, attio.Refused, "Only admins can do this"},
		{403, `{"detail":"Ada is the last remaining admin"}`, attio.LastAdmin, "Ada is the last remaining admin"},
		{400, `{"detail":"The workspace needs at least one admin","status":400}`, attio.LastAdmin, "The workspace needs at least one admin"},
		{409, `{"code":"last_admin","message":"No"}`, attio.LastAdmin, "No"},
		{409, `{"detail":"already exists","scimType":"uniqueness"}`, attio.Conflict, "already exists"},
		{409, ``, attio.Conflict, ""},
		{400, `{"scimType":"uniqueness","detail":null}`, attio.Conflict, "uniqueness"},
		{400, `{"detail":["no such","path"],"status":"400"}`, attio.Refused, "no such; path"},
		{400, `{"message":"Invalid","validation_errors":[{"path":["userName"],"message":"Required"}]}`, attio.Refused, "Invalid: userName: Required"},
		{400, `{"error":{"message":"Nested"}}`, attio.Refused, "Nested"},
		{404, `{"detail":"User not found"}`, attio.Gone, "User not found"},
		{410, ``, attio.Gone, ""},
		{404, `{"message":"Not available on your plan"}`, attio.NoSCIM, "Not available on your plan"},
		{413, `<html>too large</html>`, attio.Refused, "a web page"},
		{422, `{"detail":"Email already taken"}`, attio.Conflict, "Email already taken"},
		{423, ``, attio.Unavailable, ""},
		{429, `{"status_code":429,"type":"rate_limit_error","code":"rate_limit_exceeded","message":"Slow down"}`, attio.RateLimited, "Slow down"},
		{500, "line one\nline \x1b[31mtwo", attio.Unavailable, "line one line [31mtwo"},
		{501, ``, attio.Refused, ""},
		{503, `{"detail":{"why":"rest"}}`, attio.Unavailable, `{"why":"rest"}`},
		{307, ``, attio.Untrusted, ""},
		{400, strings.Repeat("x", 900), attio.Refused, strings.Repeat("x", maxDetail) + "…"},
	} {
		e := redactor{}.refusal(call{op: "test", method: http.MethodGet}, c.status, "", []byte(c.body))
		if e.Kind != c.want || e.Detail != c.detail || e.Hint == "" {
			t.Errorf("%d %.60s: got %v, %q; want %v, %q", c.status, c.body, e.Kind, e.Detail, c.want, c.detail)
		}
	}
}

// TestNamesDecideNothing: what an answer quotes, or what was sent, says nothing of
// the kind of the failure, and neither does what a person may not do.
func TestNamesDecideNothing(t *testing.T) {
	sent := call{op: "test", method: http.MethodPost, subject: "Seat team", body: map[string]any{"displayName": "Seat team", "name": map[string]any{"familyName": "Upgrade"}, "appRole": "admin"}}
	for _, c := range []struct {
		status int
		body   string
		want   attio.ErrorKind
	}{
		{400, `{"detail":"userName ada@seat.es is not a valid email"}`, attio.Refused},
		{409, `{"detail":"userName seat@acme.com already exists","scimType":"uniqueness"}`, attio.Conflict},
		{409, `{"detail":"A team named \"Sole admin\" already exists"}`, attio.Conflict},
		{409, `{"detail":"A team named Seat team already exists"}`, attio.Conflict},
		{409, `{"scimType":"uniqueness","detail":"no admins left: the last admin of seats"}`, attio.Conflict},
		{422, `{"detail":"familyName Upgrade is too short"}`, attio.Refused},
		{403, `{"detail":"You do not have permission to change the role of the workspace owner."}`, attio.Refused},
		{403, `{"detail":"The token does not have permission to do this"}`, attio.Refused},
		{400, `{"detail":"The last admin cannot be demoted"}`, attio.LastAdmin},
		{400, `{"detail":"The workspace has no seats left"}`, attio.NoSeat},
	} {
		if e := (redactor{}).refusal(sent, c.status, "", []byte(c.body)); e.Kind != c.want {
			t.Errorf("%d %s: got %v, want %v", c.status, c.body, e.Kind, c.want)
		}
	}
	short := call{op: "test", method: http.MethodPost, body: map[string]any{"name": map[string]any{"givenName": "Al", "familyName": "Us"}}}
	for detail, want := range map[string]attio.ErrorKind{"User already exists": attio.Conflict, "userName must be unique": attio.Conflict, "Al Us: no seats left": attio.NoSeat} {
		if e := (redactor{}).refusal(short, 400, "", []byte(`{"detail":"`+detail+`"}`)); e.Kind != want {
			t.Errorf("%s: got %v, want %v", detail, e.Kind, want)
		}
	}
	if e := (redactor{}).refusal(call{op: "list users", method: http.MethodGet}, 403, "", []byte(`{"detail":"You do not have permission"}`)); e.Kind != attio.MissingScope {
		t.Errorf("a list: %v", e.Kind)
	}
}

// TestRefusedWriteConcernsItself: no words and no status of a refused write say by
// themselves that the token or the plan is at fault, in whichever shape they
// come; a seat that is missing is seen as such; and a creation names nothing that
// could have gone.
func TestRefusedWriteConcernsItself(t *testing.T) {
	for _, c := range []struct {
		method  string
		status  int
		body    string
		want    attio.ErrorKind
		unknown bool
	}{
		{"POST", 402, `{"status_code":402,"type":"auth_error","code":"billing_error","message":"There are no seats left in this workspace."}`, attio.NoSeat, false},
		{"POST", 403, `{"status_code":403,"type":"auth_error","code":"billing_error","message":"There are no seats left in this workspace."}`, attio.NoSeat, false},
		{"POST", 402, `{"message":"No seats left"}`, attio.NoSeat, false},
		{"POST", 403, `{"type":"auth_error","code":"quota_exceeded","message":"Limit reached"}`, attio.NoSeat, false},
		{"POST", 402, `{"detail":"You have reached the maximum number of users"}`, attio.NoSeat, false},
		{"PATCH", 403, `{"detail":"The member limit of your plan is reached"}`, attio.NoSeat, false},
		{"POST", 402, ``, attio.Refused, true},
		{"POST", 402, `{"detail":"Your subscription has lapsed"}`, attio.Refused, true},
		{"PUT", 403, `{"code":"billing_error","message":"Not included in your plan"}`, attio.Refused, true},
		{"PATCH", 403, `{"detail":"not authorized to change the role of an owner"}`, attio.Refused, true},
		{"PATCH", 403, `{"type":"auth_error","code":"unauthorized","message":"The token lacks a scope: user_management:read-write"}`, attio.Refused, true},
		{"DELETE", 403, `{"detail":"You do not have permission"}`, attio.Refused, true},
		{"DELETE", 404, `{"message":"Not available on your plan"}`, attio.Refused, true},
		{"PATCH", 401, ``, attio.NotSignedIn, true},
		{"PATCH", 404, `{"detail":"User ada@plan.io not found"}`, attio.Gone, false},
		{"PATCH", 404, `{"detail":"No user ada@enterprise.com in this workspace"}`, attio.Gone, false},
		{"POST", 404, `{"detail":"Not found"}`, attio.Refused, true},
		{"POST", 410, ``, attio.Refused, true},
		{"PATCH", 403, `{"detail":"Ada is the last remaining admin"}`, attio.LastAdmin, false},
		{"PATCH", 400, `{"detail":"A field is wrong"}`, attio.Refused, false},
		{"GET", 402, `{"code":"billing_error","message":"There are no seats left in this workspace."}`, attio.NoSCIM, false},
		{"GET", 403, `{"detail":"not authorized"}`, attio.MissingScope, false},
		{"GET", 401, ``, attio.NotSignedIn, false},
	} {
		e := redactor{}.refusal(call{op: "test", method: c.method, subject: "ada@acme.com"}, c.status, "", []byte(c.body))
		if e.Kind != c.want || e.ReachUnknown != c.unknown || e.Hint == "" || c.method == "POST" && strings.Contains(e.Hint, "no longer in Attio") {
			t.Errorf("%s %d %s: got %v, reach unknown %t, %q; want %v, %t", c.method, c.status, c.body, e.Kind, e.ReachUnknown, e.Hint, c.want, c.unknown)
		}
	}
}

// TestGetOnly: what is behind a Reader refuses to write.
func TestGetOnly(t *testing.T) {
	sent := 0
	g := getOnly{roundTrip(func(*http.Request) (*http.Response, error) { sent++; return nil, http.ErrAbortHandler })}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", ""} {
		req := &http.Request{Method: method, Header: http.Header{}}
		if _, err := g.RoundTrip(req); err == nil || err == http.ErrAbortHandler { //nolint:errorlint // our own value
			t.Errorf("%s went through", method)
		}
	}
	req, err := http.NewRequest(http.MethodGet, "https://a.example", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.RoundTrip(req); err == nil || sent != 0 {
		t.Error("a GET with a body went through")
	}
	if _, err := g.RoundTrip(&http.Request{Method: http.MethodGet}); sent != 1 || err == nil {
		t.Error("a plain GET did not go through")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzAnswers: no answer of Attio's brings the client down, and nothing is
// believed that lacks what it needs.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"totalResults":1,"Resources":[{"id":"u1","userName":"ada@acme.com","active":"False","roles":["admin",{"value":"member"}]}]}`,
		`{"totalResults":"1e400","Resources":[{"id":"g1","displayName":"One","members":[{"value":"u1"},{"value":"u1"}]}]}`,
		`{"id":"u1","userName":"","emails":[{"value":"a@b.c","primary":"true"}],"name":null}`,
		`{"id":"g1","displayName":"x","members":null}`,
		`{"detail":["a",{"message":"b","path":"c"}],"status":404,"scimType":null}`,
		`{"data":[{"id":{"workspace_member_id":"r1"},"email_address":"a@b.c","access_level":"suspended"}]}`,
		`null`, `<html>`, ``, "\xff{", `[1`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := answer{call: call{op: "test"}, status: 200, body: body}
		if m, err := a.member(""); err == nil && (m.ID == "" || m.Email == "") {
			t.Errorf("believed %+v", m)
		}
		if g, _, err := a.team("", idset.NewDictionary()); err == nil && (g.ID == "" || g.Name == "") {
			t.Errorf("believed %+v", g)
		}
		r := &Reader{}
		if p, err := r.users(nil, nil).parse(a); err == nil {
			good, _, _ := readable(p.items)
			for _, m := range good {
				if p.total < 0 || m.ID == "" || m.Email == "" {
					t.Errorf("believed %+v of %d", m, p.total)
				}
			}
		}
		if w := (redactor{}).wordsOf(body); strings.ContainsAny(w.detail, "\n\x1b\u202e") {
			t.Errorf("the words %q would upset a terminal", w.detail)
		}
	})
}

// BenchmarkPage: a page of 100 users, and one of 10 teams with 500 members each.
func BenchmarkPage(b *testing.B) {
	user := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"7f3cbb7e-3a0c-4f0e-9d6a-5d1c0c5b0a11","userName":"ada@example.com",
		"name":{"givenName":"Ada","familyName":"Byron"},"emails":[{"value":"ada@example.com","primary":true,"type":"work"}],"active":true,"appRole":"member",
		"meta":{"resourceType":"User","created":"2024-01-01T00:00:00.000Z","lastModified":"2024-01-01T00:00:00.000Z"}},`
	ref := `{"value":"7f3cbb7e-3a0c-4f0e-9d6a-5d1c0c5b0a11","$ref":"/scim/v2/Users/7f3cbb7e-3a0c-4f0e-9d6a-5d1c0c5b0a11"},`
	team := `{"id":"g1","displayName":"One","members":[` + strings.TrimSuffix(strings.Repeat(ref, 500), ",") + `]},`
	page := func(entry string, n int) answer {
		return answer{status: 200, body: []byte(`{"totalResults":1000,"Resources":[` + strings.TrimSuffix(strings.Repeat(entry, n), ",") + `]}`)}
	}
	r := &Reader{}
	b.Run("users", func(b *testing.B) {
		a := page(user, 100)
		b.SetBytes(int64(len(a.body)))
		b.ReportAllocs()
		for b.Loop() {
			if p, err := r.users(idset.NewDictionary(), nil).parse(a); err != nil || len(p.items) != 100 {
				b.Fatal(err)
			}
		}
	})
	b.Run("teams", func(b *testing.B) {
		a := page(team, 10)
		b.SetBytes(int64(len(a.body)))
		b.ReportAllocs()
		for b.Loop() {
			if p, err := r.groups(idset.NewDictionary(), nil).parse(a); err != nil || len(p.items) != 10 {
				b.Fatal(err)
			}
		}
	})
}
