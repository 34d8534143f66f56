package scim_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/attio/attiotest"
)

// TestCreationIsCompared: what a good answer to a creation promises is read by its
// id; what is given is what Attio has, and what is not there was not made.
func TestCreationIsCompared(t *testing.T) {
	asked := attio.NewMember{Email: "ada@acme.com", Profile: attio.Profile{GivenName: "Ada"}, Role: attio.RoleAdmin}
	echo := `{"id":"u1","userName":"ada@acme.com","name":{"givenName":"Ada"},"active":true,"appRole":"admin"}`
	own := `{"id":"u1","userName":"ada@acme.com","name":{"givenName":"Augusta"},"active":true,"appRole":"member"}`
	gone := says(404, `{"detail":"Not found"}`)
	for name, c := range map[string]struct {
		get  http.HandlerFunc
		list []string
		want attio.Member
		kind attio.ErrorKind
	}{
		"it keeps its own name and role": {get: says(200, own), want: attio.Member{ID: "u1", Email: "ada@acme.com", Profile: attio.Profile{GivenName: "Augusta"}, Status: attio.Active, Role: attio.RoleMember}},
		"it is there after a moment":     {get: inTurn(gone, says(200, own)), want: attio.Member{ID: "u1", Email: "ada@acme.com", Profile: attio.Profile{GivenName: "Augusta"}, Status: attio.Active, Role: attio.RoleMember}},
		"it cannot be read now":          {get: says(503, `{}`), want: attio.Member{ID: "u1", Email: "ada@acme.com", Profile: attio.Profile{GivenName: "Ada"}, Status: attio.Active, Role: attio.RoleAdmin}},
		"it is under another id":         {get: gone, list: []string{user("u2", "ada@acme.com", true)}, want: attio.Member{ID: "u2", Email: "ada@acme.com", Status: attio.Active, Role: attio.RoleMember}},
		"it is not there":                {get: gone, kind: attio.NotMade},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			o.on("POST /scim/v2/Users", says(201, echo))
			o.on("GET /scim/v2/Users/u1", c.get)
			o.on("GET /scim/v2/Users", says(200, list(len(c.list), c.list...)))
			_, w := o.client()
			m, receipt, err := w.Provision(t.Context(), asked)
			if attio.KindOf(err) != c.kind || c.kind == 0 && m != c.want || receipt.Status != 201 || receipt.RequestID != "req-1" || o.count("POST /scim/v2/Users") != 1 {
				t.Errorf("got %+v, %+v, %v", m, receipt, err)
			}
		})
	}
	s := smallAttio(t, func(s *attiotest.Site, b *attiotest.Behaviour) { s.Workspace.Seats, b.NoSeatAnswers201 = 1, true })
	_, w := client(t, s)
	if _, _, err := w.Provision(t.Context(), asked); !attio.Is(err, attio.NotMade) {
		t.Errorf("a workspace without a seat gave %v", err)
	}
}

// TestReactivatedWithoutTheRole: where a server refuses the role, or takes it only
// by itself, the person comes back all the same; where it refuses the activation,
// nothing is said to be done.
func TestReactivatedWithoutTheRole(t *testing.T) {
	for name, c := range map[string]struct {
		both, active, role int // how PATCHes of these are answered
		want               attio.Role
		kind               attio.ErrorKind
		patches            int
	}{
		"taken together":        {200, 0, 0, attio.RoleAdmin, 0, 1},
		"taken apart":           {400, 200, 200, attio.RoleAdmin, 0, 3},
		"the role is refused":   {400, 200, 403, attio.RoleMember, 0, 3},
		"forbidden together":    {403, 200, 403, attio.RoleMember, 0, 3},
		"refused altogether":    {400, 400, 0, "", attio.Refused, 2},
		"no seat":               {402, 0, 0, "", attio.NoSeat, 1},
		"nobody is there":       {404, 0, 0, "", attio.Gone, 1},
		"it cannot answer":      {503, 0, 0, "", attio.Unavailable, 1},
		"the token is not good": {401, 0, 0, "", attio.NotSignedIn, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			active, role := false, "member"
			show := func(w http.ResponseWriter, r *http.Request) {
				says(200, fmt.Sprintf(`{"id":"u1","userName":"ada@acme.com","active":%t,"appRole":%q}`, active, role))(w, r)
			}
			o.on("GET /scim/v2/Users/u1", show)
			o.on("PATCH /scim/v2/Users/u1", func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				on, as := strings.Contains(string(body), "active"), strings.Contains(string(body), "appRole")
				status := map[[2]bool]int{{true, true}: c.both, {true, false}: c.active, {false, true}: c.role}[[2]bool{on, as}]
				if status != 200 {
					says(status, map[int]string{402: `{"detail":"no seat left"}`}[status])(w, r)
					return
				}
				active = active || on
				if as {
					role = "admin"
				}
				show(w, r)
			})
			_, w := o.client()
			m, _, err := w.Reactivate(t.Context(), "u1", attio.RoleAdmin)
			if attio.KindOf(err) != c.kind || c.kind == 0 && (m.Role != c.want || m.Status != attio.Active) || o.count("PATCH /scim/v2/Users/u1") != c.patches {
				t.Errorf("got %+v, %v after %d PATCHes", m, err, o.count("PATCH /scim/v2/Users/u1"))
			}
		})
	}
}
