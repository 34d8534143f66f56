package attiotest_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
)

// Whatever comes, the answer is a decision and never a failure, and the state
// stays sound.
func FuzzRequests(f *testing.F) {
	for _, seed := range []string{
		newUser("x@acme.test", `,"name":null,"active":null,"appRole":null`), newUser("x@acme.test", `,"roles":[{}]`),
		newGroup("X", `,"members":null`), newGroup("X", `,"members":[null]`),
		patch(`{"op":"replace","value":{"name":null,"active":null}}`), patch(`{"op":"add","path":"members","value":[null]}`),
		patch(`{"op":"remove","path":"members[]"}`), patch(`null`), `userName eq "\ud800"`, `active eq null`, `userName eq`, `members[`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		srv, err := attiotest.New(site(), attiotest.WithRateLimits(0, 0), attiotest.WithBehaviour(attiotest.DefaultBehaviour()))
		if err != nil {
			t.Fatal(err)
		}
		snap := srv.Snapshot()
		user, team := "/scim/v2/Users/"+snap.Members[1].ID, "/scim/v2/Groups/"+snap.Teams[0].ID
		for _, r := range []struct{ method, path, body string }{
			{"POST", "/scim/v2/Users", text}, {"PUT", user, text}, {"PATCH", user, text},
			{"POST", "/scim/v2/Groups", text}, {"PUT", team, text}, {"PATCH", team, text},
			{"GET", "/scim/v2/Users" + filtered(text), ""}, {"GET", "/scim/v2/Groups" + filtered(text), ""},
			{"GET", "/scim/v2/Users?startIndex=" + url.QueryEscape(text), ""},
			{"GET", "/authorize?" + url.QueryEscape(text), ""}, {"GET", authorizeURL(func(q url.Values) { q.Set("redirect_uri", text) }), ""},
		} {
			req := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
			req.Header.Set("Authorization", "Bearer "+writer)
			w := httptest.NewRecorder()
			if srv.ServeHTTP(w, req); w.Code >= 500 {
				t.Errorf("%s %s: %d %s", r.method, r.path, w.Code, w.Body)
			}
		}
		after := srv.Snapshot()
		after.Workspace.Seats = after.Workspace.SeatsUsed // unlimited here
		if broken := miscount(after); broken != "" {
			t.Error(broken)
		}
	})
}
