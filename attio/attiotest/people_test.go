package attiotest_test

import (
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
)

func TestVerifiedDomainJoinsAtOnce(t *testing.T) {
	p := serve(t, site())
	r := p.do(201, "POST", "/scim/v2/Users", newUser("New@Acme.test", `,"name":{"givenName":"Nia","familyName":"Ray"}`))
	if r.json["active"] != true || r.json["appRole"] != "member" || r.json["userName"] != "New@Acme.test" {
		t.Errorf("answered %s", r.text)
	}
	m := p.member("new@acme.test")
	if m.Status != attiotest.Active || m.Role != attiotest.RoleMember || !m.Seat || m.GivenName != "Nia" || m.RestID == "" {
		t.Errorf("joined as %+v", m)
	}
	if got := p.mails("New@Acme.test"); got != "added welcome" {
		t.Errorf("mails: %s", got)
	}
}

func TestRoleOfTheFirstRequestCounts(t *testing.T) {
	p := serve(t, site())
	p.do(201, "POST", "/scim/v2/Users", newUser("boss@acme.test", `,"appRole":"admin"`))
	p.do(201, "POST", "/scim/v2/Users", newUser("boss@partner.test", `,"appRole":"admin"`))
	for _, email := range []string{"boss@acme.test", "boss@partner.test"} {
		if p.member(email).Role != attiotest.RoleAdmin {
			t.Errorf("%s is no admin", email)
		}
	}
	if n := p.Snapshot().Workspace.ActiveAdmins; n != 2 {
		t.Errorf("%d active admins; an invited one is none yet", n)
	}
}

func TestAnExistingAccountIsLinked(t *testing.T) {
	p := serve(t, site())
	r := p.do(201, "POST", "/scim/v2/Users", newUser("OLD@acme.test", ""))
	if got := p.mails("OLD@acme.test"); got != "added" {
		t.Errorf("mails: %s; someone who knows Attio is not welcomed", got)
	}
	if name := r.json["name"].(map[string]any); name["givenName"] != "Olga" || name["familyName"] != "Diaz" {
		t.Errorf("linked as %v, not under the account's name", name)
	}
}

func TestOtherDomainIsInvited(t *testing.T) {
	p := serve(t, site())
	r := p.do(201, "POST", "/scim/v2/Users", newUser("out@else.test", ""))
	m := p.member("out@else.test")
	if m.Status != attiotest.Invited || m.ID != r.json["id"] || m.RestID != "" || !m.Seat {
		t.Errorf("invited as %+v", m)
	}
	if r.json["active"] != true || p.mails("out@else.test") != "invite" {
		t.Errorf("an invite looks like a member and is mailed once: %s, %s", r.text, p.mails("out@else.test"))
	}
	if rest := p.do(200, "GET", "/v2/workspace_members", ""); strings.Contains(rest.text, "out@else.test") {
		t.Error("the REST list holds an invite")
	}
	p.do(200, "GET", "/scim/v2/Users/"+m.ID, "")
}

func TestAcceptedInviteHasANewID(t *testing.T) {
	p := serve(t, site())
	old := p.member(ivy)
	if err := p.AcceptInvite(ivy); err != nil {
		t.Fatal(err)
	}
	m := p.member(ivy)
	if m.Status != attiotest.Active || m.ID == old.ID || m.Sessions != 1 {
		t.Errorf("joined as %+v", m)
	}
	p.do(404, "GET", "/scim/v2/Users/"+old.ID, "")
	if r := p.do(200, "GET", p.teamPath("Engineering"), ""); strings.Contains(r.text, old.ID) || !strings.Contains(r.text, m.ID) {
		t.Errorf("the team does not know the new id: %s", r.text)
	}
	p.do(200, "GET", "/v2/workspace_members/"+m.RestID, "")
	if err := p.AcceptInvite(ivy); err == nil {
		t.Error("accepted twice")
	}
}

func TestSuspensionEndsSessionsAndFreesTheSeat(t *testing.T) {
	for _, how := range []struct{ method, body string }{
		{"DELETE", ""},
		{"PATCH", setTo("active", "false")},
		{"PATCH", patch(`{"op":"replace","value":{"active":false}}`)},
		{"PUT", newUser(ben, `,"active":false`)},
	} {
		t.Run(how.method+how.body, func(t *testing.T) {
			p := serve(t, site())
			path, before := p.userPath(ben), p.Snapshot().Workspace.SeatsUsed
			if p.member(ben).Sessions != 1 {
				t.Fatal("nothing to end")
			}
			want := 200
			if how.method == "DELETE" {
				want = 204
			}
			p.do(want, how.method, path, how.body)
			if m := p.member(ben); m.Status != attiotest.Suspended || m.Sessions != 0 || m.Seat {
				t.Errorf("left as %+v", m)
			}
			if now := p.Snapshot().Workspace.SeatsUsed; now != before-1 {
				t.Errorf("%d seats used, %d before", now, before)
			}
			if s := p.Sessions(); !hasEnded(s, ben) {
				t.Errorf("sessions: %+v", s)
			}
			r := p.do(200, "GET", path, "")
			if _, has := r.json["appRole"]; has || r.json["active"] != false {
				t.Errorf("a suspended user shows a role or as active: %s", r.text)
			}
			if !strings.Contains(p.do(200, "GET", "/v2/workspace_members", "").text, `"access_level":"suspended"`) {
				t.Error("the REST list lost the suspended member")
			}
		})
	}
}

func hasEnded(all []attiotest.Session, email string) bool {
	for _, s := range all {
		if s.Email == email && s.Ended != nil && s.Why != "" {
			return true
		}
	}
	return false
}

func TestDeactivatingAnInviteCancelsIt(t *testing.T) {
	for _, how := range []struct{ method, body string }{
		{"DELETE", ""}, {"PATCH", setTo("active", "false")}, {"PUT", newUser(ivy, `,"active":false`)},
	} {
		t.Run(how.method, func(t *testing.T) {
			p := serve(t, site())
			path := p.userPath(ivy)
			link := p.member(ivy).InviteLink
			if r := p.do(204, how.method, path, how.body); r.text != "" {
				t.Errorf("204 with a body: %q", r.text)
			}
			if _, ok := p.Snapshot().Member(ivy); ok {
				t.Error("the invite is still there")
			}
			if strings.Contains(p.do(200, "GET", p.teamPath("Engineering"), "").text, strings.TrimPrefix(path, "/scim/v2/Users/")) {
				t.Error("the team still lists the invite")
			}
			p.do(404, "GET", path, "")
			p.do(404, "DELETE", path, "")
			if r := p.as("", "GET", link, ""); r.status != 410 {
				t.Errorf("its link answers %d", r.status)
			}
		})
	}
}

func TestReactivationTakesASeatAndARole(t *testing.T) {
	s := site()
	s.Workspace.Seats = 3 // all taken: ada, ben, ivy
	p := serve(t, s)
	back := patch(`{"op":"replace","path":"active","value":true},{"op":"replace","path":"appRole","value":"admin"}`)
	p.do(403, "PATCH", p.userPath(sue), back)
	p.do(204, "DELETE", p.userPath(ben), "")
	if r := p.do(200, "PATCH", p.userPath(sue), back); r.json["appRole"] != "admin" {
		t.Errorf("answered %s", r.text)
	}
	if m := p.member(sue); m.Status != attiotest.Active || m.Role != attiotest.RoleAdmin || !m.Seat {
		t.Errorf("back as %+v", m)
	}
	if p.mails(sue) != "" {
		t.Error("a reactivation mails nobody")
	}
}

func TestSeats(t *testing.T) {
	s := site()
	s.Workspace.Seats = 3
	p := serve(t, s)
	r := p.do(403, "POST", "/scim/v2/Users", newUser("new@acme.test", ""))
	if !strings.Contains(r.text, "seat") || len(p.Snapshot().Members) != 4 || len(p.Outbox()) != 0 {
		t.Errorf("refused with %s, and yet something happened", r.text)
	}
	p.do(403, "POST", "/scim/v2/Users", newUser("new@else.test", ""))
	p.do(201, "POST", "/scim/v2/Users", newUser("off@acme.test", `,"active":false`))
	if err := p.SetSeats(3, true); err != nil {
		t.Fatal(err)
	}
	p.do(201, "POST", "/scim/v2/Users", newUser("new@acme.test", ""))
	if w := p.Snapshot().Workspace; w.Seats != 4 || w.SeatsAdded != 1 || w.SeatsUsed != 4 {
		t.Errorf("seats after an automatic one: %+v", w)
	}
}

func TestExpertsTakeNoSeatAndAreNoLastAdmin(t *testing.T) {
	s := site()
	s.Workspace.Seats = 3
	s.Members = append(s.Members, attiotest.Member{Email: "pro@agency.test", Expert: true})
	p := serve(t, s)
	if w := p.Snapshot().Workspace; w.SeatsUsed != 3 || w.ActiveAdmins != 1 {
		t.Errorf("counted %+v", w)
	}
	p.do(400, "DELETE", p.userPath(ada), "")
	p.do(204, "DELETE", p.userPath("pro@agency.test"), "")
}

func TestInactivePostMakesASuspendedMember(t *testing.T) {
	p := serve(t, site())
	p.do(201, "POST", "/scim/v2/Users", newUser("off@acme.test", `,"active":false`))
	if m := p.member("off@acme.test"); m.Status != attiotest.Suspended || m.Seat || p.mails("off@acme.test") != "" {
		t.Errorf("made %+v, mailed %q", m, p.mails("off@acme.test"))
	}
	p.do(201, "POST", "/scim/v2/Users", newUser("off@else.test", `,"active":false`))
	if p.member("off@else.test").Status != attiotest.Invited {
		t.Error("elsewhere an invite goes out all the same")
	}
}

func TestPatchPaths(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       attiotest.MemberState // names and role
	}{
		{"by path", patch(`{"op":"Replace","path":"name.givenName","value":"Bo"},{"op":"add","path":"name.familyName","value":"Hm"}`), attiotest.MemberState{GivenName: "Bo", FamilyName: "Hm", Role: "member"}},
		{"keyed", patch(`{"op":"replace","value":{"name":{"givenName":"Bo"},"appRole":"admin"}}`), attiotest.MemberState{GivenName: "Bo", FamilyName: "Ode", Role: "admin"}},
		{"keyed with dots", patch(`{"op":"replace","value":{"name.givenName":"Bo"}}`), attiotest.MemberState{GivenName: "Bo", FamilyName: "Ode", Role: "member"}},
		{"removed", patch(`{"op":"remove","path":"name.familyName"}`), attiotest.MemberState{GivenName: "Ben", Role: "member"}},
		{"in order", patch(`{"op":"replace","path":"name.givenName","value":"X"},{"op":"replace","path":"name.givenName","value":"Y"}`), attiotest.MemberState{GivenName: "Y", FamilyName: "Ode", Role: "member"}},
		{"suspended and back", patch(`{"op":"replace","path":"active","value":false},{"op":"replace","path":"active","value":true}`), attiotest.MemberState{GivenName: "Ben", FamilyName: "Ode", Role: "member"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := serve(t, site())
			p.do(200, "PATCH", p.userPath(ben), c.body)
			if m := p.member(ben); m.GivenName != c.want.GivenName || m.FamilyName != c.want.FamilyName || m.Role != c.want.Role || m.Status != attiotest.Active {
				t.Errorf("became %+v", m)
			}
		})
	}
}

func TestPutReplaces(t *testing.T) {
	p := serve(t, site())
	r := p.do(200, "PUT", p.userPath(ben), newUser("benny@acme.test", `,"name":{"givenName":"Benny"},"appRole":"admin","active":true`))
	m := p.member("benny@acme.test")
	if m.GivenName != "Benny" || m.FamilyName != "" || m.Role != attiotest.RoleAdmin || r.json["userName"] != "benny@acme.test" {
		t.Errorf("became %+v", m)
	}
	if _, still := p.Snapshot().Member(ben); still {
		t.Error("the old address is still someone's")
	}
	p.do(200, "PUT", p.userPath("benny@acme.test"), newUser("benny@acme.test", ""))
	if p.member("benny@acme.test").Role != attiotest.RoleMember {
		t.Error("a role left out did not return to member")
	}
}

func TestIDsAreTheSameEachTime(t *testing.T) {
	a, b := serve(t, site()), serve(t, site())
	for i, m := range a.Snapshot().Members {
		if m.ID != b.Snapshot().Members[i].ID || len(m.ID) != 36 {
			t.Errorf("%s: %s and %s", m.Email, m.ID, b.Snapshot().Members[i].ID)
		}
	}
}

func TestSitesThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*attiotest.Site){
		"no slug":           func(s *attiotest.Site) { s.Workspace.Slug = "" },
		"bad email":         func(s *attiotest.Site) { s.Members[0].Email = "ada" },
		"twice":             func(s *attiotest.Site) { s.Members[1].Email = "ADA@acme.test" },
		"unknown role":      func(s *attiotest.Site) { s.Members[1].Role = "owner" },
		"unknown status":    func(s *attiotest.Site) { s.Members[1].Status = "gone" },
		"team of strangers": func(s *attiotest.Site) { s.Teams[0].Members = []string{"who@acme.test"} },
		"team twice":        func(s *attiotest.Site) { s.Teams = append(s.Teams, attiotest.Team{Name: "engineering"}) },
		"token twice":       func(s *attiotest.Site) { s.Tokens = append(s.Tokens, s.Tokens[0]) },
		"id twice":          func(s *attiotest.Site) { s.Members[0].ID, s.Members[1].ID = "x", "x" },
		"app without uri":   func(s *attiotest.Site) { s.Apps = []attiotest.App{{ClientID: "a", ClientSecret: "b"}} },
		"app with odd uri": func(s *attiotest.Site) {
			s.Apps = []attiotest.App{{ClientID: "a", ClientSecret: "b", RedirectURIs: []string{"javascript:alert(1)"}}}
		},
	} {
		s := site()
		change(&s)
		if _, err := attiotest.New(s); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
