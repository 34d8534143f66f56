package attiotest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/sample"
)

// After every single request of any kind the workspace has an active admin,
// and its counts are what a recount gives.
func TestAnActiveAdminAlwaysRemains(t *testing.T) {
	sample.Check(t, func(rt *rapid.T) {
		seen := 0
		var broken string
		s := site()
		s.Workspace.Seats = rapid.IntRange(3, 6).Draw(rt, "seats")
		s.Workspace.AutomaticSeats = rapid.Bool().Draw(rt, "automatic")
		srv, err := attiotest.New(s, attiotest.WithRateLimits(0, 0), behaving(func(b *attiotest.Behaviour) {
			b.PutOmittedClears = rapid.Bool().Draw(rt, "clears")
			b.SuspendedPostRevives = rapid.Bool().Draw(rt, "revives")
			b.ReactivateKeepsRole = rapid.Bool().Draw(rt, "keeps")
			b.PatchKeepsGood = rapid.Bool().Draw(rt, "good")
			b.SuspensionLeavesTeams = rapid.Bool().Draw(rt, "leaves")
			b.IDsEqualRest = rapid.Bool().Draw(rt, "ids")
		}), attiotest.WithObserver(func(snap attiotest.Snapshot) {
			seen++
			if broken == "" {
				broken = miscount(snap)
			}
		}))
		if err != nil {
			rt.Fatal(err)
		}
		steps := rapid.IntRange(1, 40).Draw(rt, "steps")
		for range steps {
			randomRequest(rt, srv)
			if broken != "" {
				rt.Fatal(broken)
			}
			if rapid.IntRange(0, 5).Draw(rt, "by hand") == 0 {
				byHand(rt, srv)
			}
		}
		if seen != steps {
			rt.Fatalf("observed %d of %d requests", seen, steps)
		}
	})
}

// miscount says what of a snapshot does not agree with itself.
func miscount(s attiotest.Snapshot) string {
	admins, seats, emails := 0, 0, map[string]bool{}
	ids := map[string]bool{}
	for _, m := range s.Members {
		if m.Status == attiotest.Active && m.Role == attiotest.RoleAdmin && !m.Expert {
			admins++
		}
		if m.Status != attiotest.Suspended && !m.Expert {
			seats++
		}
		if m.Status != attiotest.Active && m.Sessions > 0 {
			return m.Email + " has sessions and is " + string(m.Status)
		}
		key := strings.ToLower(m.Email)
		if emails[key] || ids[m.ID] {
			return m.Email + " is there twice"
		}
		emails[key], ids[m.ID] = true, true
	}
	for _, t := range s.Teams {
		for _, id := range t.MemberIDs {
			if !ids[id] {
				return "team " + t.Name + " lists nobody's id"
			}
		}
	}
	w := s.Workspace
	switch {
	case admins == 0:
		return fmt.Sprintf("no admin is left after %s %s %s", s.Request.Method, s.Request.Path, s.Request.Body)
	case admins != w.ActiveAdmins || seats != w.SeatsUsed:
		return fmt.Sprintf("counted %d admins, %d seats: %+v", admins, seats, w)
	case w.SeatsUsed > w.Seats:
		return fmt.Sprintf("more seats used than there are: %+v", w)
	}
	return ""
}

var people = []string{ada, ben, sue, ivy, "new@acme.test", "old@acme.test", "out@else.test"}

func randomRequest(rt *rapid.T, srv *attiotest.Server) {
	snap := srv.Snapshot()
	m := rapid.SampledFrom(snap.Members).Draw(rt, "whom")
	user := "/scim/v2/Users/" + m.ID
	role := rapid.SampledFrom([]string{"admin", "member"}).Draw(rt, "role")
	active := rapid.SampledFrom([]string{"true", "false"}).Draw(rt, "active")
	var method, path, body string
	switch rapid.IntRange(0, 8).Draw(rt, "kind") {
	case 0:
		method, path = "DELETE", user
	case 1:
		method, path, body = "PATCH", user, setTo("active", active)
	case 2:
		method, path, body = "PATCH", user, setTo("appRole", `"`+role+`"`)
	case 3:
		method, path, body = "PATCH", user, patch(`{"op":"replace","value":{"active":`+active+`}},{"op":"replace","value":{"appRole":"`+role+`"}},{"op":"replace","path":"oops","value":1}`)
	case 4:
		method, path, body = "PUT", user, newUser(rapid.SampledFrom(people).Draw(rt, "address"), `,"active":`+active)
	case 5:
		method, path, body = "PUT", user, newUser(m.Email, `,"appRole":"`+role+`"`)
	case 6:
		method, path, body = "POST", "/scim/v2/Users", newUser(rapid.SampledFrom(people).Draw(rt, "newcomer"), `,"appRole":"`+role+`","active":`+active)
	case 7:
		method, path, body = "PATCH", "/scim/v2/Groups/"+snap.Teams[0].ID, patch(`{"op":"add","path":"members","value":[{"value":"`+m.ID+`"}]}`)
	case 8:
		method, path, body = "PATCH", "/scim/v2/Groups/"+snap.Teams[0].ID, patch(`{"op":"remove","path":"members[value eq \"`+m.ID+`\"]"}`)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+writer)
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError || w.Code == http.StatusUnauthorized {
		rt.Fatalf("%s %s %s: %d %s", method, path, body, w.Code, w.Body)
	}
}

// byHand does what people do in Attio itself.
func byHand(rt *rapid.T, srv *attiotest.Server) {
	email := rapid.SampledFrom(people).Draw(rt, "hand")
	e := attiotest.Event{
		Event: rapid.SampledFrom([]string{"accept_invite", "revoke_invite", "suspend", "reactivate", "set_role", "add_member", "end_sessions"}).Draw(rt, "event"),
		Email: email, Role: attiotest.RoleMember, Expert: rapid.Bool().Draw(rt, "expert"),
	}
	if e.Event == "add_member" && e.Expert {
		e.Role = attiotest.RoleAdmin
	}
	_ = srv.Do(e) // a refusal is fine: what counts is the state
	if b := miscount(srv.Snapshot()); b != "" {
		rt.Fatalf("%s %s by hand: %s", e.Event, email, b)
	}
}
