package scim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/attio/attiotest"
)

// TestOtherSpellings: whoever is there under another spelling is found, though the
// server's filter minds it; and where it does not, nobody pays for a whole list.
func TestOtherSpellings(t *testing.T) {
	for _, minds := range []bool{true, false} {
		s := smallAttio(t, func(s *attiotest.Site, b *attiotest.Behaviour) {
			b.EmailFilterCaseSensitive, b.TeamNamesCaseSensitive = minds, minds
			s.Members = append(s.Members, attiotest.Member{Email: "Ada.Byron@acme.com"}, attiotest.Member{Email: "zoe\u0308@acme.com"})
			s.Teams = []attiotest.Team{{Name: "Sales  Team"}}
		})
		r, _ := client(t, s)
		for _, email := range []string{"ada.byron@ACME.com", "ada.byron@acme.com", "zoë@acme.com"} {
			if m, ok, err := r.FindMember(t.Context(), email); err != nil || !ok {
				t.Errorf("minds case: %t, %s: %+v, %v", minds, email, m, err)
			}
		}
		if team, ok, err := r.FindTeam(t.Context(), "sales team"); err != nil || !ok || team.Name != "Sales  Team" {
			t.Errorf("minds case: %t, the team: %+v, %v", minds, team, err)
		}
		if _, ok, err := r.FindTeam(t.Context(), "Sales"); err != nil || ok {
			t.Errorf("another team was found: %v", err)
		}
		for i := range 3 {
			s.ResetLog()
			if m, ok, err := r.FindMember(t.Context(), fmt.Sprintf("nobody%d@acme.com", i)); err != nil || ok {
				t.Errorf("nobody is %+v, %v", m, err)
			}
			lists := 0
			for _, q := range s.Requests() {
				if !strings.Contains(q.Query, "filter") {
					lists++
				}
			}
			if i > 0 && (lists > 0) != minds {
				t.Errorf("minds case: %t, a miss cost %d lists", minds, lists)
			}
		}
	}
}

// TestListRefusedNowAndThen: an answer 400 to what cannot be wrong is tried again
// as a 500 is; one that stays is an error, and a filter that is refused is refused
// at once.
func TestListRefusedNowAndThen(t *testing.T) {
	no := says(400, `{"detail":"Bad Request"}`)
	for _, path := range []string{"/scim/v2/Users", "/scim/v2/Groups", "/scim/v2/Groups/g1", "/v2/workspace_members"} {
		o := newOdd(t)
		o.on("GET /scim/v2/Groups", says(200, list(1, `{"id":"g1","displayName":"One"}`)))
		o.on("GET /scim/v2/Groups/g1", says(200, teamJSON("g1", "One", "u1")))
		usual := o.routes["GET "+path]
		o.on("GET "+path, inTurn(no, no, usual))
		r, _ := o.client()
		if w, err := r.Workspace(t.Context(), nil); err != nil || len(w.Members) != 1 || len(w.Teams) != 1 {
			t.Errorf("%s: %+v, %v", path, w, err)
		}
		o.on("GET "+path, no)
		if _, err := r.Workspace(t.Context(), nil); !attio.Is(err, attio.Refused) {
			t.Errorf("%s refused for good gave %v", path, err)
		}
	}
	o := newOdd(t)
	filters := 0
	o.on("GET /scim/v2/Users", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("filter") {
			filters++
			no(w, r)
			return
		}
		says(200, list(1, user("u1", "ada@acme.com", true)))(w, r)
	})
	r, _ := o.client()
	if _, ok, err := r.FindMember(t.Context(), "ada@acme.com"); !ok || err != nil || filters != 1 {
		t.Errorf("found: %t, %v, after %d filters", ok, err, filters)
	}
}
