package okta

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp"
)

func TestAllPagesOfPeopleAreRead(t *testing.T) {
	o := newOrg(t)
	o.on(appRoot+"/users", paged(appUsers(1250), 500))
	var told []int
	dir, err := o.source(t).Directory(t.Context(), idp.Query{Progress: func(what string, n int) {
		if what == "app users" {
			told = append(told, n)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, p := range dir.People {
		ids[p.ID] = true
	}
	if len(ids) != 1250 || len(dir.People) != 1250 || len(o.requests(appRoot+"/users")) != 3 || !slices.Equal(told, []int{500, 1000, 1250}) {
		t.Errorf("%d ids, %d people, %d pages, told %v", len(ids), len(dir.People), len(o.requests(appRoot+"/users")), told)
	}
}

func TestGroupsMembersAreThereOnce(t *testing.T) {
	o := newOrg(t)
	o.on(appRoot+"/groups", paged([]string{assignment(1, "Engineering"), assignment(2, "Empty")}, 200))
	o.on("/api/v1/groups/"+groupIDN(1)+"/users", paged(append(members(230), member(7)), 200))
	o.on("/api/v1/groups/"+groupIDN(2)+"/users", paged(nil, 200))
	dir, err := o.read(t, o.source(t))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range 230 {
		want = append(want, userID(i))
	}
	if len(dir.Groups) != 2 || !cmp.Equal(dir.Groups[0].Members.IDs(), want) || dir.Groups[1].Members.Len() != 0 {
		t.Errorf("%d groups, %v", len(dir.Groups), dir.Groups)
	}
	if first := o.requests("/api/v1/groups/" + groupIDN(1))[0]; !strings.Contains(first, "limit=1000") {
		t.Errorf("asked %s", first)
	}
}

// What a person's entry becomes, in each of its shapes.
func TestPeopleBecomeNeutral(t *testing.T) {
	o := newOrg(t)
	o.on(appRoot+"/users", serveJSON(`[
{"id":"00uFull","scope":"USER","status":"ACTIVE","credentials":{"userName":"login@x.org"},
 "profile":{"Email":"wrong@x.org","email":"Full@X.org","EMAIL":"wrong@x.org","given_name":"Ada","family_name":"Lovelace","roles":["member"," admin "],"Roles":"wrong"},
 "_embedded":{"user":{"id":"00uFull","status":"PASSWORD_EXPIRED","profile":{"email":"other@x.org","firstName":"Other","lastName":"Name"}}}},
{"id":"00uByGroup","scope":"GROUP","status":"PROVISIONED","credentials":{"userName":"login2@x.org"},"profile":{"email":"  ","roles":null},
 "_embedded":{"user":{"id":"00uByGroup","status":"SUSPENDED","profile":{"email":"own@x.org","firstName":"Own","lastName":"Name"}}},
 "_links":{"group":{"name":"Everyone","href":"https://acme.okta.com/api/v1/groups/00gEveryone1"}}},
{"id":"00uBare","scope":"GROUP","status":"STAGED","credentials":{"userName":"login3@x.org"},"profile":{"firstName":"","roles":["",null]},"_links":{"group":[{"name":"G","href":"x"}]}},
{"id":"00uOdd","status":"ODD","credentials":null,"profile":null,"_embedded":null,"_links":null},
{"id":"00uFull","scope":"USER","status":"INACTIVE","credentials":{"userName":"newer"},"profile":{"email":7,"roles":7}}
]`))
	o.on(appRoot+"/users/00uFull", serveJSON(`{"id":"00uFull","scope":"USER","status":"INACTIVE","credentials":{"userName":"newer"},"profile":{"email":7,"roles":7}}`))
	o.on(appRoot+"/groups", serveJSON(`[{"id":"00gEveryone1","_embedded":{"group":{"id":"00gEveryone1","type":"BUILT_IN","profile":{"name":"Everyone"}}}}]`))
	s := o.source(t)
	dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups, Wanted: func(g idp.GroupRef) bool { return !g.BuiltIn }})
	if err != nil {
		t.Fatal(err)
	}
	proof := dir.People[1].Proof
	if proof.Request != "GET "+appRoot+"/users" || proof.Status != 200 || proof.RequestID != "req-1" || proof.At.IsZero() {
		t.Errorf("proof %+v", proof)
	}
	for i := range dir.People {
		if dir.People[i].Proof.Says == "" {
			t.Errorf("%s: no word in the proof", dir.People[i].ID)
		}
		dir.People[i].Proof = nil
	}
	want := []idp.Person{
		{ID: "00uFull", Email: "newer", EmailFrom: idp.EmailUserName, UserName: "newer", Roles: []string{"7"}, HasRole: true, Access: idp.Revoked, AppStatus: "INACTIVE", Direct: true},
		{ID: "00uByGroup", Email: "own@x.org", EmailFrom: idp.EmailAccount, UserName: "login2@x.org", GivenName: "Own", FamilyName: "Name", Access: idp.Suspended,
			AppStatus: "PROVISIONED", UserStatus: "SUSPENDED", Via: idp.GroupRef{ID: "00gEveryone1", Name: "Everyone", BuiltIn: true}},
		{ID: "00uBare", Email: "login3@x.org", EmailFrom: idp.EmailUserName, UserName: "login3@x.org", Access: idp.Waiting, AppStatus: "STAGED", Via: idp.GroupRef{ID: "x", Name: "G"}},
		{ID: "00uOdd", Access: idp.Waiting, AppStatus: "ODD"},
	}
	if d := cmp.Diff(want, dir.People); d != "" {
		t.Error(d)
	}
	if len(dir.Groups) != 0 || len(o.requests("/api/v1/groups/00gEveryone1")) != 0 {
		t.Error("a group that nobody wants was read")
	}
	if len(dir.Notes) != 1 || dir.Notes[0].Code != "unknown-status" || dir.Notes[0].Subject != "ODD" {
		t.Errorf("notes %v", dir.Notes)
	}
	if want := (idp.Origin{Name: "Okta", OrgURL: o.URL, AppID: testApp, AppLabel: "Attio"}); dir.Origin != want {
		t.Errorf("origin %+v", dir.Origin)
	}
}

func TestFullEntryIsReadWithExactNames(t *testing.T) {
	o := newOrg(t)
	o.on(appRoot+"/users/00uFull", serveJSON(`{"id":"00uFull","scope":"USER","status":"ACTIVE","credentials":{"userName":"login@x.org"},
 "profile":{"Email":"wrong@x.org","email":"Full@X.org","EMAIL":"wrong@x.org","given_name":"Ada","family_name":"Lovelace","roles":["member"," admin "],"Roles":"wrong"},
 "_embedded":{"user":{"id":"00uFull","status":"PASSWORD_EXPIRED","profile":{"email":"other@x.org","firstName":"Other","lastName":"Name"}}}}`))
	got, err := o.source(t).Person(t.Context(), "00uFull")
	if err != nil {
		t.Fatal(err)
	}
	want := idp.Person{ID: "00uFull", Email: "Full@X.org", EmailFrom: idp.EmailAttribute, UserName: "login@x.org", GivenName: "Ada", FamilyName: "Lovelace",
		Roles: []string{"member", "admin"}, HasRole: true, Access: idp.Granted, AppStatus: "ACTIVE", UserStatus: "PASSWORD_EXPIRED", Direct: true, Proof: &got.Proof}
	if d := cmp.Diff(want, got.Person); d != "" || !got.Listed || got.Access != idp.Granted {
		t.Error(d, got)
	}
}

// Absence is Okta's own word about that very id, and nothing else.
func TestAbsenceIsProven(t *testing.T) {
	notFound := func(summary string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "Mon, 02 Feb 2026 11:16:18 GMT")
			oktaError(w, 404, "E0000007", summary)
		}
	}
	other := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	const id = "00uGone1"
	tests := []struct {
		name   string
		answer http.HandlerFunc
		gone   bool
		listed bool
		access idp.Access
	}{
		{"no such app user", notFound("Not found: Resource not found: " + id + " (AppUser)"), true, false, idp.Revoked},
		{"no such user", notFound("Not found: Resource not found: " + id + " (User)"), true, false, idp.Revoked},
		{"no such app", notFound("Not found: Resource not found: " + testApp + " (AppInstance)"), false, false, 0},
		{"no such app, oddly", notFound("Not found: Resource not found: " + id + " (AppInstance)"), false, false, 0},
		{"another person", notFound("Not found: Resource not found: 00uOther (User)"), false, false, 0},
		{"other words", notFound("Not found"), false, false, 0},
		{"other code", other(404, `{"errorCode":"E0000022","errorSummary":"Not found: Resource not found: `+id+` (User)"}`), false, false, 0},
		{"404 of a proxy", other(404, `no route`), false, false, 0},
		{"410", other(410, `{"errorCode":"E0000007","errorSummary":"Not found: Resource not found: `+id+` (User)"}`), false, false, 0},
		{"null", other(200, `null`), false, false, 0},
		{"empty", other(200, ``), false, false, 0},
		{"another entry", other(200, `{"id":"00uOther","status":"INACTIVE"}`), false, false, 0},
		{"a list", other(200, `[]`), false, false, 0},
		{"still assigned", other(200, `{"id":"`+id+`","status":"ACTIVE"}`), true, true, idp.Granted},
		{"inactive", other(200, `{"id":"`+id+`","status":"INACTIVE"}`), true, true, idp.Revoked},
		{"deactivated person", other(200, `{"id":"`+id+`","status":"ACTIVE","_embedded":{"user":{"id":"`+id+`","status":"DEPROVISIONED"}}}`), true, true, idp.Revoked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOrg(t)
			o.on(appRoot+"/users/"+id, tt.answer)
			got, err := o.source(t).Person(t.Context(), id)
			if !tt.gone {
				if k := idp.KindOf(err); k != idp.Untrusted {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if err != nil || got.Listed != tt.listed || got.Access != tt.access || got.Proof.Request != "GET "+appRoot+"/users/"+id || got.Proof.RequestID != "req-1" {
				t.Errorf("%+v, %v", got, err)
			}
			if !tt.listed {
				want := idp.Proof{Request: got.Proof.Request, Status: 404, Says: "E0000007", At: time.Date(2026, 2, 2, 11, 16, 18, 0, time.UTC), RequestID: "req-1"}
				if got.Proof != want {
					t.Errorf("proof %+v", got.Proof)
				}
			}
		})
	}
	if _, err := newOrg(t).source(t).Person(t.Context(), "a/../b?c"); idp.KindOf(err) != idp.Setting {
		t.Errorf("an id with a path in it: %v", err)
	}
}

func TestGroupStanding(t *testing.T) {
	o := newOrg(t)
	s := o.source(t)
	o.on("/api/v1/groups/"+groupIDN(1), serveJSON(groupJSON(1, "Eng")))
	o.on("/api/v1/groups/"+groupIDN(2), func(w http.ResponseWriter, _ *http.Request) {
		oktaError(w, 404, "E0000007", "Not found: Resource not found: "+groupIDN(2)+" (UserGroup)")
	})
	o.on("/api/v1/groups/"+groupIDN(3), serveJSON(groupJSON(4, "Other")))
	if g, err := s.Group(t.Context(), groupIDN(1)); err != nil || !g.Exists || g.Group != (idp.GroupRef{ID: groupIDN(1), Name: "Eng"}) {
		t.Errorf("%+v, %v", g, err)
	}
	if g, err := s.Group(t.Context(), groupIDN(2)); err != nil || g.Exists || g.Proof.Says != "E0000007" {
		t.Errorf("%+v, %v", g, err)
	}
	if g, err := s.Group(t.Context(), groupIDN(3)); idp.KindOf(err) != idp.Untrusted {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestAppMustBeActive(t *testing.T) {
	for status, kind := range map[string]idp.ErrorKind{"INACTIVE": idp.AppInactive, "DELETED": idp.AppInactive, "": idp.Untrusted} {
		o := newOrg(t)
		o.on(appRoot, serveJSON(fmt.Sprintf(`{"id":%q,"label":"Attio","status":%q}`, testApp, status)))
		o.on(appRoot+"/groups", serveJSON("["+assignment(1, "Eng")+"]"))
		_, err := o.read(t, o.source(t))
		if idp.KindOf(err) != kind || len(o.requests("/api/v1/groups/")) != 0 {
			t.Errorf("%q: %v", status, err)
		}
	}
}

func TestErrorsNameTheMend(t *testing.T) {
	answer := func(status int, code, summary string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { oktaError(w, status, code, summary) }
	}
	tests := []struct {
		path   string
		answer http.HandlerFunc
		kind   idp.ErrorKind
		hint   string
	}{
		{appRoot, answer(401, "E0000011", "Invalid token provided"), idp.Credential, "30 days"},
		{appRoot, answer(403, "E0000006", "You do not have permission"), idp.Credential, "okta.apps.read"},
		{appRoot, answer(404, "E0000007", "Not found: Resource not found: "+testApp+" (AppInstance)"), idp.Setting, "okta.app_id"},
		{appRoot, answer(404, "", ""), idp.Untrusted, "okta.org_url"},
		{appRoot + "/groups", answer(403, "E0000006", "You do not have permission"), idp.Credential, "okta.apps.read"},
		{"/api/v1/groups/" + groupIDN(1) + "/users", answer(403, "E0000006", "You do not have permission"), idp.Credential, "okta.groups.read"},
		{"/api/v1/groups/" + groupIDN(1) + "/users", answer(404, "E0000007", "Not found: Resource not found: 00gOther (UserGroup)"), idp.Untrusted, "again"},
		{appRoot + "/groups", answer(500, "E0000009", "Internal Server Error"), idp.Unavailable, "later"},
	}
	for _, tt := range tests {
		o := newOrg(t)
		o.on(appRoot+"/groups", serveJSON("["+assignment(1, "Eng")+"]"))
		o.on(tt.path, tt.answer)
		_, err := o.read(t, o.source(t))
		var e *idp.Error
		if !errors.As(err, &e) || e.Kind != tt.kind || !strings.Contains(e.Hint, tt.hint) || e.RequestID != "req-1" {
			t.Errorf("%s: %v, hint %q", tt.path, err, e.Hint)
		}
	}
	// A scope that is missing is told in a header alone.
	o := newOrg(t)
	o.on(appRoot, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer authorization_uri="http://x", error="insufficient_scope", error_description="The access token provided does not contain the required scopes."`)
		w.WriteHeader(403)
	})
	if _, err := o.read(t, o.source(t)); idp.KindOf(err) != idp.Credential || !strings.Contains(err.Error(), "required scopes") {
		t.Errorf("%v", err)
	}
	o.Close()
	if _, err := o.read(t, o.source(t)); idp.KindOf(err) != idp.Unavailable || !strings.Contains(err.(*idp.Error).Hint, "okta.org_url") {
		t.Errorf("unreachable: %v", err)
	}
}

func TestRoleAttributeIsLookedUpOnlyWhenNobodyHasIt(t *testing.T) {
	schema := "/api/v1/meta/schemas/apps/" + testApp + "/default"
	tests := []struct {
		name, people, schema, role string
		want                       idp.Tristate
		asked                      int
	}{
		{"somebody has it", `[{"id":"00u1","status":"ACTIVE","profile":{"email":null,"roles":["x"]},"_embedded":{"user":{"id":"00u1","status":"ACTIVE"}}}]`, "", "roles", idp.Yes, 0},
		{"somebody has it empty", `[{"id":"00u1","status":"ACTIVE","profile":{"email":"","roles":null},"_embedded":{"user":{"id":"00u1","status":"ACTIVE"}}}]`, "", "roles", idp.Yes, 0},
		{"in the schema", `[]`, `{"definitions":{"base":{"properties":{}},"custom":{"properties":{"roles":{}}}}}`, "roles", idp.Yes, 1},
		{"in its base", `[]`, `{"definitions":{"base":{"properties":{"roles":{}}}}}`, "roles", idp.Yes, 1},
		{"not in the schema", `[{"id":"00u1","status":"ACTIVE","profile":{"Roles":"x"},"_embedded":{"user":{"id":"00u1","status":"ACTIVE"}}}]`, `{"definitions":{"base":{"properties":{"Roles":{}}},"custom":{"properties":{}}}}`, "roles", idp.No, 1},
		{"no schema in it", `[]`, `{}`, "roles", idp.Unknown, 1},
		{"not allowed", `[]`, "", "roles", idp.Unknown, 1},
		{"none is used", `[{"id":"00u1","status":"ACTIVE","profile":{"email":""},"_embedded":{"user":{"id":"00u1","status":"ACTIVE"}}}]`, "", "", idp.Unknown, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOrg(t)
			o.on(appRoot+"/users", serveJSON(tt.people))
			o.on(schema, func(w http.ResponseWriter, r *http.Request) {
				if tt.schema == "" {
					oktaError(w, 403, "E0000006", "You do not have permission")
					return
				}
				serveJSON(tt.schema)(w, r)
			})
			dir, err := o.read(t, o.source(t, func(op *Options) { op.RoleAttribute = tt.role }))
			if err != nil || dir.RoleAttribute != tt.want || len(o.requests(schema)) != tt.asked {
				t.Errorf("%v after %d requests, %v", dir.RoleAttribute, len(o.requests(schema)), err)
			}
		})
	}
}

// One Source serves many readings at once, each whole.
func TestManyReadingsAtOnce(t *testing.T) {
	o := newOrg(t)
	o.on(appRoot+"/users", paged(appUsers(90), 30))
	o.on(appRoot+"/groups", paged([]string{assignment(1, "A"), assignment(2, "B"), assignment(3, "C")}, 2))
	for n := range 3 {
		o.on("/api/v1/groups/"+groupIDN(n+1)+"/users", paged(members(50*(n+1)), 40))
	}
	s := o.source(t)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups})
			if err != nil || len(dir.People) != 90 || len(dir.Groups) != 3 || dir.Groups[2].Members.Len() != 150 {
				t.Errorf("%d people, %d groups, %v", len(dir.People), len(dir.Groups), err)
			}
		})
	}
	wg.Wait()
}

func TestBuckets(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v1/apps": "apps", "/api/v1/apps/0oa1": "apps/{id}", "/api/v1/apps/0oa1/users": "apps", "/api/v1/apps/0oa1/users/00u1": "apps",
		"/api/v1/apps/0oa1/groups": "apps", "/api/v1/apps/0oa1/group-push/mappings": "apps",
		"/api/v1/groups": "groups", "/api/v1/groups/00g1": "groups/{id}", "/api/v1/groups/00g1/users": "groups", "/api/v1/groups/rules": "groups",
		"/api/v1/users": "users", "/api/v1/users/00u1": "users/{id}", "/api/v1/logs": "logs", "/oauth2/v1/token": "token",
		"/api/v1/meta/schemas/apps/0oa1/default": "other", "/": "other",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://acme.okta.com"+path+"?limit=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := Bucket(r); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
