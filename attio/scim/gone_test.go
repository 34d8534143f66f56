package scim_test

import (
	"net/http"
	"testing"

	"scim-sync/attio"
)

// TestOnlyAttioSaysThatSomebodyIsGone: of all failures only a 404 or 410 of Attio's
// own says that an id leads to nobody; a proxy's page does not, nor does anything
// else.
func TestOnlyAttioSaysThatSomebodyIsGone(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   attio.ErrorKind
	}{
		"404 of SCIM":      {says(404, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}`), attio.Gone},
		"404 of REST":      {says(404, `{"status_code":404,"type":"invalid_request_error","code":"not_found","message":"No such user"}`), attio.Gone},
		"404 and no words": {says(404, ``), attio.Gone},
		"410":              {says(410, `{}`), attio.Gone},
		"a page":           {says(404, "\n<!doctype html><title>Not found</title>"), attio.Untrusted},
		"the plan":         {says(404, `{"message":"Not available on your plan"}`), attio.NoSCIM},
		"400":              {says(400, `{"detail":"not found"}`), attio.Refused},
		"403":              {says(403, `{"detail":"not found"}`), attio.Refused},
		"500":              {says(500, `{"detail":"not found"}`), attio.Unavailable},
		"another":          {says(200, `{"status":"404","detail":"not found"}`), attio.Untrusted},
		"nothing":          {says(204, ``), attio.Untrusted},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			for _, route := range []string{"GET /scim/v2/Users/u1", "GET /scim/v2/Groups/g1", "DELETE /scim/v2/Users/u2"} {
				o.on(route, c.answer)
			}
			r, w := o.client()
			if _, err := r.Member(t.Context(), "u1"); !attio.Is(err, c.want) {
				t.Errorf("a member: %v", err)
			}
			if _, err := r.Team(t.Context(), "g1"); !attio.Is(err, c.want) {
				t.Errorf("a team: %v", err)
			}
			if _, err := w.CancelInvite(t.Context(), "u2"); name == "a page" && err == nil {
				t.Error("an invite was taken for withdrawn because a page said so")
			}
		})
	}
}
