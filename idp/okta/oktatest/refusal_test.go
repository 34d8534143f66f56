package oktatest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp/okta/oktatest"
)

func TestRefusalsAreOktas(t *testing.T) {
	in := acme()
	in.Users[3].Status = "DEPROVISIONED"
	o := start(t, in)
	const ada, out, everyone = "/00u00000000000000ada", "/00u00000000000000out", "/00g0000000everyone00"
	for _, c := range []struct {
		method, path, body string
		status             int
		code, summary      string
	}{
		{"GET", "/api/v1/apps/0oaNONE", "", 404, "E0000007", "Not found: Resource not found: 0oaNONE (AppInstance)"},
		{"GET", "/api/v1/apps/0oaNONE/users", "", 404, "E0000007", "Not found: Resource not found: 0oaNONE (AppInstance)"},
		{"GET", "/api/v1/groups/00gNONE", "", 404, "E0000007", "Not found: Resource not found: 00gNONE (UserGroup)"},
		{"GET", "/api/v1/groups/00gNONE/users", "", 404, "E0000007", "Not found: Resource not found: 00gNONE (UserGroup)"},
		{"GET", "/api/v1/users/x@acme.com", "", 404, "E0000007", "Not found: Resource not found: x@acme.com (User)"},
		{"GET", app("/users" + out), "", 404, "E0000007", "Not found: Resource not found: 00u00000000000000out (AppUser)"},
		{"GET", app("/groups" + everyone), "", 404, "E0000007", "Not found: Resource not found: 00g0000000everyone00 (ApplicationGroupAssignment)"},
		{"GET", app("/users?limit=501"), "", 400, "E0000001", "Api validation failed: limit"},
		{"GET", app("/groups?limit=19"), "", 400, "E0000001", "Api validation failed: limit"},
		{"GET", app("/group-push/mappings?limit=1001"), "", 400, "E0000001", "Api validation failed: limit"},
		{"GET", "/api/v1/groups?limit=0", "", 400, "E0000001", "Api validation failed: limit"},
		{"GET", "/api/v1/groups?limit=many", "", 400, "E0000001", "Api validation failed: limit"},
		{"GET", `/api/v1/groups?filter=profile.name+eq+"Staff"`, "", 400, "E0000031", "Invalid search criteria."},
		{"GET", `/api/v1/groups?filter=type+eq+"a&search=x`, "", 400, "E0000033", "Bad request. Can't specify a search query and filter in the same request."},
		{"GET", `/api/v1/groups?filter=lastUpdated+gt+"yesterday"`, "", 400, "E0000031", "Invalid search criteria."},
		{"GET", `/api/v1/groups?filter=(type+eq+"OKTA_GROUP"`, "", 400, "E0000031", "Invalid search criteria."},
		{"POST", "/api/v1/users", `{`, 400, "E0000003", "The request body was not well-formed."},
		{"POST", "/api/v1/users", `{"profile":{"login":"ADA@acme.com"}}`, 400, "E0000001", "Api validation failed: login"},
		{"POST", "/api/v1/groups", `{"profile":{"name":"staff"}}`, 400, "E0000001", "Api validation failed: name"},
		{"POST", app("/users"), `{"id":"00u00000000000000out"}`, 403, "E0000038", "This operation is not allowed in the user's current status."},
		{"POST", app("/users" + ada), `{"profile":{"nosuch":1}}`, 400, "E0000001", "Api validation failed: profile"},
		{"DELETE", app("/users/00u00000000000000bob"), "", 400, "E0000001", "Api validation failed: user"},
		{"POST", "/api/v1/users" + ada + "/lifecycle/unsuspend", "", 400, "E0000001", "Api validation failed: unsuspendUser"},
		{"POST", "/api/v1/users/eve@acme.com/lifecycle/suspend", "", 400, "E0000001", "Api validation failed: suspendUser"},
		{"POST", "/api/v1/users" + ada + "/lifecycle/activate", "", 403, "E0000016", "Activation failed because the user is already active"},
		{"PUT", "/api/v1/groups" + everyone + "/users" + ada, "", 400, "E0000001", "Api validation failed: group"},
		{"PUT", "/api/v1/groups/00g000000000000staff/users/00uNONE", "", 404, "E0000007", "Not found: Resource not found: 00uNONE (User)"},
		{"DELETE", app(""), "", 405, "E0000022", "The endpoint does not support the provided HTTP method"},
		{"GET", "/api/v2/users", "", 405, "E0000022", "The endpoint does not support the provided HTTP method"},
		{"GET", "/oauth2/v1/token", "", 405, "E0000022", "The endpoint does not support the provided HTTP method"},
	} {
		a := o.do(c.method, c.path, c.body)
		var got struct{ ErrorCode, ErrorSummary, ErrorLink, ErrorID string }
		var causes struct {
			ErrorCauses []map[string]string `json:"errorCauses"`
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatalf("%s %s: %q: %v", c.method, c.path, a.body, err)
		}
		if err := json.Unmarshal([]byte(a.body), &causes); err != nil || causes.ErrorCauses == nil {
			t.Errorf("%s %s: errorCauses is no list: %s", c.method, c.path, a.body)
		}
		if a.status != c.status || got.ErrorCode != c.code || got.ErrorSummary != c.summary || got.ErrorLink != c.code || !strings.HasPrefix(got.ErrorID, "oae") {
			t.Errorf("%s %s: %d %+v, want %d %s %s", c.method, c.path, a.status, got, c.status, c.code, c.summary)
		}
	}
}

func TestWhoMayNotAskIsToldWhy(t *testing.T) {
	o := start(t, acme())
	for auth, want := range map[string]string{"": "403 E0000005", "SSWS wrong": "401 E0000011", "Basic YTpi": "401 E0000011"} {
		o.auth = auth
		a := o.get(app(""))
		var got struct{ ErrorCode string }
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, strings.Join([]string{map[int]string{401: "401", 403: "403"}[a.status], got.ErrorCode}, " ")); d != "" {
			t.Errorf("%q: %s", auth, d)
		}
	}
}

func TestAnOrgThatDoesNotFitIsRefusedByName(t *testing.T) {
	for want, change := range map[string]func(*oktatest.Org){
		`users[1]: a second user has the login "Ada@acme.com"`:                 func(o *oktatest.Org) { o.Users[1].Login = "Ada@acme.com" },
		`users[0]: user "ada@acme.com": "AWAY" is no status of an Okta user`:   func(o *oktatest.Org) { o.Users[0].Status = "AWAY" },
		`groups[1]: "Leads": there is no user "nobody"`:                        func(o *oktatest.Org) { o.Groups[1].Members = []string{"nobody"} },
		`assigned_groups[0]: there is no group "Sales"`:                        func(o *oktatest.Org) { o.AssignedGroups[0].Group = "Sales" },
		`assigned_groups[0]: "Staff": the app's profile schema has no attrib`:  func(o *oktatest.Org) { o.App.RoleAttribute = "rank" },
		`assignments[0]: there is no user "nobody"`:                            func(o *oktatest.Org) { o.Assignments[0].User = "nobody" },
		`push_mappings need the feature GROUP_PUSH in app.features`:            func(o *oktatest.Org) { o.App.Features = nil },
		`app: status "OFF" is neither ACTIVE nor INACTIVE`:                     func(o *oktatest.Org) { o.App.Status = "OFF" },
		`service_apps[0]: "x": the key is neither a PEM nor a JWK`:             func(o *oktatest.Org) { o.ServiceApps = []oktatest.ServiceApp{{ClientID: "x"}} },
		`groups[2]: "Staff" and "Leads" have the same id "00g0000000000000lea`: func(o *oktatest.Org) { o.Groups[2].ID = o.Groups[1].ID },
	} {
		in := acme()
		change(&in)
		_, err := oktatest.New(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
