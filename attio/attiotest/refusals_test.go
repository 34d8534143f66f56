package attiotest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
)

// Every refusal has its status and words, and changes nothing.
func TestRefusals(t *testing.T) {
	base := serve(t, site())
	user := base.userPath
	team := base.teamPath("Engineering")
	users := "/scim/v2/Users"
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		words                    string
	}{
		{"last admin deleted", "DELETE", user(ada), "", 400, "last admin"},
		{"last admin suspended", "PATCH", user(ada), setTo("active", "false"), 400, "last admin"},
		{"last admin demoted", "PATCH", user(ada), setTo("appRole", `"member"`), 400, "last admin"},
		{"last admin put", "PUT", user(ada), newUser(ada, ""), 400, "last admin"},
		{"active member again", "POST", users, newUser("BEN@acme.test", ""), 409, "already"},
		{"suspended again", "POST", users, newUser(sue, ""), 409, "already"},
		{"invited again", "POST", users, newUser(ivy, ""), 409, "already"},
		{"address taken", "PUT", user(ben), newUser(ada, `,"active":true`), 409, "already"},
		{"account's address", "PUT", user(ben), newUser("old@acme.test", ""), 409, "account"},
		{"invite's address", "PUT", user(ivy), newUser("ivy2@partner.test", ""), 400, "invite"},
		{"no email", "POST", users, newUser("ben", ""), 400, "email"},
		{"no user name", "POST", users, newUser("", ""), 400, "userName"},
		{"no schema", "POST", users, `{"userName":"x@acme.test"}`, 400, "schemas"},
		{"unknown role", "POST", users, newUser("x@acme.test", `,"appRole":"owner"`), 400, "appRole"},
		{"active as text", "POST", users, newUser("x@acme.test", `,"active":"False"`), 400, "active"},
		{"not JSON", "POST", users, `{"schemas":`, 400, "JSON"},
		{"a list", "POST", users, `[]`, 400, "object"},
		{"null", "POST", users, `null`, 400, "object"},
		{"two values", "POST", users, newUser("x@acme.test", "") + "{}", 400, "after"},
		{"path userName", "PATCH", user(ben), setTo("userName", `"x@acme.test"`), 400, "path"},
		{"keyed emails", "PATCH", user(ben), patch(`{"op":"replace","value":{"emails":[]}}`), 400, "path"},
		{"path with urn", "PATCH", user(ben), setTo("urn:ietf:params:scim:schemas:core:2.0:User:active", "false"), 400, "path"},
		{"remove active", "PATCH", user(ben), patch(`{"op":"remove","path":"active"}`), 400, "removed"},
		{"remove nothing", "PATCH", user(ben), patch(`{"op":"remove"}`), 400, "path"},
		{"unknown op", "PATCH", user(ben), patch(`{"op":"move","path":"active"}`), 400, "op"},
		{"no operations", "PATCH", user(ben), patch(``), 400, "Operations"},
		{"active as text by path", "PATCH", user(ben), setTo("active", `"false"`), 400, "true or false"},
		{"name null", "PATCH", user(ben), setTo("name.givenName", `null`), 400, "text"},
		{"second op bad", "PATCH", user(ben), patch(`{"op":"replace","path":"name.givenName","value":"X"},{"op":"replace","path":"nickName","value":"X"}`), 400, "path"},
		{"unknown user", "GET", users + "/nobody", "", 404, "nobody"},
		{"unknown user patched", "PATCH", users + "/nobody", setTo("active", "false"), 404, "nobody"},
		{"slash in an id", "GET", users + "/a%2Fb", "", 404, "a/b"},
		{"bad filter", "GET", users + filtered(`userName eq ben`), "", 400, "quotes"},
		{"joined filter", "GET", users + filtered(`userName eq "a" and active eq true`), "", 400, "joined"},
		{"filter operator", "GET", users + filtered(`userName gt "a"`), "", 400, "operator"},
		{"filter attribute", "GET", users + filtered(`externalId eq "a"`), "", 400, "filter"},
		{"count in words", "GET", users + "?count=ten", "", 400, "whole"},
		{"team name taken", "POST", "/scim/v2/Groups", newGroup(" ENGINEERING ", ""), 409, "already"},
		{"team name empty", "POST", "/scim/v2/Groups", newGroup("  ", ""), 400, "displayName"},
		{"team of strangers", "POST", "/scim/v2/Groups", newGroup("X", `,"members":[{"value":"nobody"}]`), 400, "nobody"},
		{"PUT without members", "PUT", team, newGroup("X", ""), 400, "members"},
		{"stranger added", "PATCH", team, patch(`{"op":"add","path":"members","value":[{"value":"nobody"}]}`), 400, "nobody"},
		{"members no list", "PATCH", team, patch(`{"op":"add","path":"members","value":{"value":"x"}}`), 400, "list"},
		{"name removed", "PATCH", team, patch(`{"op":"remove","path":"displayName"}`), 400, "displayName"},
		{"odd path", "PATCH", team, patch(`{"op":"remove","path":"members[value eq x]"}`), 400, "path"},
		{"member path added", "PATCH", team, patch(`{"op":"add","path":"members[value eq \"x\"]","value":[]}`), 400, "path"},
		{"group filter", "GET", "/scim/v2/Groups" + filtered(`members.value eq "x"`), "", 400, "displayName"},
		{"unknown team", "DELETE", "/scim/v2/Groups/nothing", "", 404, "nothing"},
		{"no such method", "PATCH", users, "{}", 405, "PATCH"},
		{"no provider config", "GET", "/scim/v2/ServiceProviderConfig", "", 404, "nothing"},
		{"too large", "POST", users, newUser("x@acme.test", `,"name":{"givenName":"`+strings.Repeat("x", 17<<20)+`"}`), 413, "larger"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := serve(t, site())
			before := p.Snapshot()
			r := p.do(c.status, c.method, c.path, c.body)
			if detail, _ := r.json["detail"].(string); !strings.Contains(detail, c.words) {
				t.Errorf("says %q, not %q", detail, c.words)
			}
			if d := cmp.Diff(before.Members, p.Snapshot().Members); d != "" && !strings.Contains(d, "InviteLink") {
				t.Errorf("changed people:\n%s", d)
			}
			if d := cmp.Diff(before.Teams, p.Snapshot().Teams); d != "" {
				t.Errorf("changed teams:\n%s", d)
			}
			if len(p.Outbox()) != 0 {
				t.Error("mailed somebody")
			}
		})
	}
}

func TestErrorShapes(t *testing.T) {
	p := serve(t, site())
	r := p.do(409, "POST", "/scim/v2/Users", newUser(ben, ""))
	want := map[string]any{
		"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": "409", "scimType": "uniqueness",
		"detail": "There is already a user with the userName ben@acme.test.",
	}
	if d := cmp.Diff(want, r.json); d != "" {
		t.Error(d)
	}
	p.SetBehaviour(attiotest.Behaviour{ErrorShape: attiotest.RESTErrors})
	r = p.do(409, "POST", "/scim/v2/Users", newUser(ben, ""))
	want = map[string]any{
		"status_code": 409.0, "type": "invalid_request_error", "code": "slug_conflict",
		"message": "There is already a user with the userName ben@acme.test.",
	}
	if d := cmp.Diff(want, r.json); d != "" {
		t.Error(d)
	}
	p.SetBehaviour(attiotest.Behaviour{ErrorStatusIsNumber: true})
	if r = p.do(404, "GET", "/scim/v2/Users/x", ""); r.json["status"] != 404.0 {
		t.Errorf("status %v", r.json["status"])
	}
	if r = p.do(404, "GET", "/v2/workspace_members/x", ""); r.json["code"] != "not_found" {
		t.Errorf("REST error %s", r.text)
	}
}

func TestTokens(t *testing.T) {
	p := serve(t, site())
	for _, c := range []struct {
		token, method, path string
		status              int
	}{
		{"", "GET", "/scim/v2/Users", 401},
		{"no-such-token-anywhere", "GET", "/scim/v2/Users", 401},
		{"token-that-was-revoked", "GET", "/scim/v2/Schemas", 401},
		{"token-without-any-scope", "GET", "/scim/v2/Schemas", 403},
		{reader, "GET", "/scim/v2/Schemas", 200},
		{reader, "GET", "/v2/workspace_members", 200},
		{reader, "DELETE", p.userPath(ben), 403},
		{writer, "GET", "/scim/v2/Groups", 200},
		{"no-such-token-anywhere", "GET", "/v2/workspace_members", 401},
		{"", "GET", "/v2/self", 401},
		{"?!", "GET", "/v2/self", 400},
		{"token-that-was-revoked", "GET", "/v2/self", 200},
		{"no-such-token-anywhere", "GET", "/v2/self", 200},
		{"token-without-any-scope", "GET", "/v2/self", 200},
	} {
		if r := p.as(c.token, c.method, c.path, ""); r.status != c.status {
			t.Errorf("%s %s with %q: %d, want %d: %s", c.method, c.path, c.token, r.status, c.status, r.text)
		}
	}
	if p.member(ben).Status != attiotest.Active {
		t.Error("a token that may only read suspended somebody")
	}
	if r := p.as("token-that-was-revoked", "GET", "/v2/self", ""); r.text != `{"active":false}` {
		t.Errorf("a revoked token answers %s", r.text)
	}
	self := p.as(writer, "GET", "/v2/self", "").json
	if self["active"] != true || self["scope"] != attiotest.ScopeWrite || self["workspace_slug"] != "acme" ||
		self["authorized_by_workspace_member_id"] != p.member(ada).RestID || self["exp"] != nil {
		t.Errorf("self: %v", self)
	}
	if r := p.as(writer, "POST", "/oauth/introspect", ""); r.json["workspace_id"] != self["workspace_id"] {
		t.Errorf("introspection: %s", r.text)
	}
	if err := p.RevokeToken(writer); err != nil {
		t.Fatal(err)
	}
	if r := p.as(writer, "GET", "/scim/v2/Users", ""); r.status != 401 {
		t.Errorf("revoked by hand and still answered with %d", r.status)
	}
}

func TestBasicAuthorizationTakesTheTokenAsName(t *testing.T) {
	p := serve(t, site())
	req := request(t, "GET", p.url+"/scim/v2/Users", "")
	req.SetBasicAuth(writer, "")
	if r := send(t, client(t), req); r.status != 200 {
		t.Errorf("answered %d", r.status)
	}
}

func TestPlanWithoutSCIM(t *testing.T) {
	s := site()
	s.Workspace.Plan = "pro"
	p := serve(t, s)
	if r := p.do(403, "GET", "/scim/v2/Schemas", ""); !strings.Contains(r.text, "Enterprise plan") {
		t.Errorf("says %s", r.text)
	}
	p.do(200, "GET", "/v2/self", "")
	if err := p.SetPlan(attiotest.Enterprise); err != nil {
		t.Fatal(err)
	}
	p.do(200, "GET", "/scim/v2/Schemas", "")
	s.Workspace.Plan, s.Workspace.SCIM = "", new(false)
	serve(t, s).do(403, "GET", "/scim/v2/Schemas", "")
}

func TestAuthorWhoIsNoAdminAnyMore(t *testing.T) {
	p := serve(t, site(), behaving(func(b *attiotest.Behaviour) { b.AuthorMustStayAdmin = true }))
	p.do(200, "PATCH", p.userPath(ben), setTo("appRole", `"admin"`))
	p.do(200, "PATCH", p.userPath(ada), setTo("appRole", `"member"`))
	p.do(403, "GET", "/scim/v2/Users", "")
	if err := p.Suspend(ada); err != nil {
		t.Fatal(err)
	}
	p.do(401, "GET", "/scim/v2/Users", "")
	if r := p.do(200, "GET", "/v2/self", ""); r.text != `{"active":false}` {
		t.Errorf("self: %s", r.text)
	}
}
