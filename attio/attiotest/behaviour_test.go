package attiotest_test

import (
	"maps"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
)

type switched struct {
	set   func(*attiotest.Behaviour)
	shows func(t *testing.T, p *place) bool // whether the switch is seen to be on
}

// Each guess can be turned the other way, and it shows: the same look at the
// server finds the behaviour with the switch, and does not without.
func TestEveryGuessCanBeTurned(t *testing.T) {
	covered := map[string]bool{}
	for name, c := range guesses() {
		t.Run(name, func(t *testing.T) {
			if c.shows(t, serve(t, guessSite())) {
				t.Error("shows by default")
			}
			if !c.shows(t, serve(t, guessSite(), behaving(c.set))) {
				t.Error("does not show when switched")
			}
		})
		covered[name] = true
	}
	elsewhere := map[string]bool{ // tested where they belong
		"ErrorShape": true, "ErrorStatusIsNumber": true, "AuthorMustStayAdmin": true, "RetryAfter": true,
	}
	for field := range reflect.TypeFor[attiotest.Behaviour]().Fields() {
		if name := field.Name; !covered[name] && !elsewhere[name] {
			t.Errorf("%s is not tested", name)
		}
	}
}

func guessSite() attiotest.Site {
	s := consentSite()
	s.Members = append(s.Members, attiotest.Member{Email: "pro@agency.test", Expert: true})
	s.Members = append(s.Members, attiotest.Member{Email: "kay@partner.test", Status: attiotest.Invited})
	s.Teams = append(s.Teams, attiotest.Team{Name: "Design", Members: []string{"kay@partner.test"}})
	s.Teams[0].Members = append(s.Teams[0].Members, sue)
	return s
}

func (p *place) status(method, path, body string) int { return p.as(writer, method, path, body).status }

func (p *place) found(filter string) bool {
	return p.do(200, "GET", "/scim/v2/Users"+filtered(filter), "").json["totalResults"] == 1.0
}

func (p *place) total() float64 {
	return p.do(200, "GET", "/scim/v2/Users", "").json["totalResults"].(float64)
}

func guesses() map[string]switched {
	type B = *attiotest.Behaviour
	const users = "/scim/v2/Users"
	all := map[string]switched{
		"PageCap": {func(b B) { b.PageCap = 2 }, func(_ *testing.T, p *place) bool {
			return len(p.do(200, "GET", users+"?count=5", "").json["Resources"].([]any)) == 2
		}},
		"DefaultCount": {func(b B) { b.DefaultCount = 3 }, func(_ *testing.T, p *place) bool {
			return len(p.do(200, "GET", users, "").json["Resources"].([]any)) == 3
		}},
		"ItemsPerPageLies": {func(b B) { b.ItemsPerPageLies = true }, func(_ *testing.T, p *place) bool {
			return p.do(200, "GET", users+"?count=1", "").json["itemsPerPage"] == 6.0
		}},
		"ListSuspended":        {func(b B) { b.ListSuspended = false }, func(_ *testing.T, p *place) bool { return p.total() == 5 }},
		"FilterHidesSuspended": {func(b B) { b.FilterHidesSuspended = true }, func(_ *testing.T, p *place) bool { return !p.found(`userName eq "` + sue + `"`) }},
		"ListOmitsMembers": {func(b B) { b.ListOmitsMembers = true }, func(_ *testing.T, p *place) bool {
			return !strings.Contains(p.do(200, "GET", "/scim/v2/Groups", "").text, `"members"`) &&
				strings.Contains(p.do(200, "GET", p.teamPath("Engineering"), "").text, `"members"`)
		}},
		"EmailFilterCaseSensitive": {func(b B) { b.EmailFilterCaseSensitive = true }, func(_ *testing.T, p *place) bool { return !p.found(`userName eq "BEN@acme.test"`) }},
		"IDsEqualRest":             {func(b B) { b.IDsEqualRest = false }, func(_ *testing.T, p *place) bool { return p.member(ben).ID != p.member(ben).RestID }},
		"InviteIDStaysInTeams":     {func(b B) { b.InviteIDStaysInTeams = true }, staleIDInTeam},
		"StaleInviteResolves": {func(b B) { b.StaleInviteResolves = true }, func(t *testing.T, p *place) bool {
			old := p.userPath(ivy)
			must(t, p.AcceptInvite(ivy))
			return p.status("GET", old, "") == 200
		}},
		"RolesList": {func(b B) { b.RolesList = true }, func(_ *testing.T, p *place) bool {
			r := p.do(201, "POST", users, newUser("x@acme.test", `,"roles":[{"value":"member"},{"value":"admin"}]`))
			_, has := r.json["roles"]
			return has && p.member("x@acme.test").Role == attiotest.RoleAdmin
		}},
		"RolesIgnored": {func(b B) { b.RolesIgnored = true }, func(_ *testing.T, p *place) bool {
			p.do(200, "PATCH", p.userPath(ben), setTo("appRole", `"admin"`))
			return p.member(ben).Role == attiotest.RoleMember
		}},
		"RefusesMember": {func(b B) { b.RefusesMember = ben }, func(_ *testing.T, p *place) bool {
			return p.status("PATCH", p.teamPath("Engineering"), patch(`{"op":"add","path":"members","value":`+p.ids(ben)+`}`)) == 400
		}},
		"TeamNamesCaseSensitive": {func(b B) { b.TeamNamesCaseSensitive = true }, func(_ *testing.T, p *place) bool {
			return p.status("POST", "/scim/v2/Groups", newGroup("ENGINEERING", "")) == 201
		}},
		"ExpertsCountAsAdmins": {func(b B) { b.ExpertsCountAsAdmins = true }, func(_ *testing.T, p *place) bool {
			return p.status("DELETE", p.userPath(ada), "") == 204
		}},
		"SCIMUnlimited": {func(b B) { b.SCIMUnlimited = true }, func(t *testing.T, p *place) bool {
			srv, err := attiotest.New(site(), attiotest.WithBehaviour(p.Behaviour()), attiotest.WithRateLimits(0.001, 0))
			must(t, err)
			record(srv, "GET", users)
			return record(srv, "GET", users).Code == 200 && record(srv, "GET", "/v2/self").Code == 200 && record(srv, "GET", "/v2/self").Code == 429
		}},
	}
	for _, more := range []map[string]switched{guessesOnUsers(), guessesOnTeams(), guessesOnRefusals()} {
		maps.Copy(all, more)
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// staleIDInTeam: the team lists an accepted invite under its old id; naming
// the new one mends it, and removing the old one then hits nobody.
func staleIDInTeam(t *testing.T, p *place) bool {
	old, team := p.member(ivy).ID, p.teamPath("Engineering")
	must(t, p.AcceptInvite(ivy))
	stale := strings.Contains(p.do(200, "GET", team, "").text, old)
	if !stale {
		return false
	}
	p.do(200, "PATCH", team, patch(`{"op":"add","path":"members","value":`+p.ids(ivy, ben)+`}`))
	r := p.do(200, "PATCH", team, patch(`{"op":"remove","path":"members[value eq \"`+old+`\"]"}`))
	other := p.member("kay@partner.test").ID
	must(t, p.AcceptInvite("kay@partner.test"))
	kay := p.ids("kay@partner.test")
	before := p.do(200, "GET", p.teamPath("Design"), "").text
	after := p.do(200, "PUT", p.teamPath("Design"), newGroup("Design", `,"members":`+kay)).text
	if !strings.Contains(before, other) || strings.Contains(after, other) {
		t.Errorf("PUT by the new id left the old one: %s, then %s", before, after)
	}
	return !strings.Contains(r.text, old) && strings.Contains(r.text, p.member(ivy).ID)
}

func guessesOnUsers() map[string]switched {
	type B = *attiotest.Behaviour
	const users = "/scim/v2/Users"
	rename := setTo("name.givenName", `"X"`)
	return map[string]switched{
		"DuplicateStatus": {func(b B) { b.DuplicateStatus = 200 }, func(_ *testing.T, p *place) bool {
			return p.status("POST", users, newUser(ivy, "")) == 200 && p.mails(ivy) == "invite"
		}},
		"SuspendedPostRevives": {func(b B) { b.SuspendedPostRevives = true }, func(_ *testing.T, p *place) bool {
			return p.status("POST", users, newUser(sue, "")) == 201 && p.member(sue).Status == attiotest.Active
		}},
		"UnknownRoleIsMember": {func(b B) { b.UnknownRoleIsMember = true }, func(_ *testing.T, p *place) bool {
			return p.status("POST", users, newUser("x@acme.test", `,"appRole":"owner"`)) == 201
		}},
		"NamesIgnored": {func(b B) { b.NamesIgnored = true }, func(_ *testing.T, p *place) bool {
			p.do(200, "PATCH", p.userPath(ben), rename)
			return p.member(ben).GivenName == "Ben"
		}},
		"NamesOnInviteIgnored": {func(b B) { b.NamesOnInviteIgnored = true }, func(_ *testing.T, p *place) bool {
			p.do(200, "PATCH", p.userPath(ivy), rename)
			return p.member(ivy).GivenName == "Ivy"
		}},
		"RoleOnInviteIgnored": {func(b B) { b.RoleOnInviteIgnored = true }, func(_ *testing.T, p *place) bool {
			p.do(200, "PATCH", p.userPath(ivy), setTo("appRole", `"admin"`))
			return p.member(ivy).Role == attiotest.RoleMember
		}},
		"ReactivateKeepsRole": {func(b B) { b.ReactivateKeepsRole = true }, func(t *testing.T, p *place) bool {
			must(t, p.SetRole(ben, attiotest.RoleAdmin))
			must(t, p.Suspend(ben))
			p.do(200, "PATCH", p.userPath(ben), setTo("active", "true"))
			return p.member(ben).Role == attiotest.RoleAdmin
		}},
		"PutChangesUserName": {func(b B) { b.PutChangesUserName = false }, func(_ *testing.T, p *place) bool {
			return p.do(200, "PUT", p.userPath(ben), newUser("b@acme.test", "")).json["userName"] == ben
		}},
		"InviteAddressChanges": {func(b B) { b.InviteAddressChanges = true }, func(_ *testing.T, p *place) bool {
			return p.status("PUT", p.userPath(ivy), newUser("ivy2@partner.test", "")) == 200 && p.mails("ivy2@partner.test") == "invite"
		}},
		"PutOmittedClears": {func(b B) { b.PutOmittedClears = false }, func(_ *testing.T, p *place) bool {
			p.do(200, "PUT", p.userPath(sue), newUser(sue, ""))
			m := p.member(sue)
			return m.GivenName == "Sue" && m.Status == attiotest.Suspended
		}},
		"PatchAnswers204": {func(b B) { b.PatchAnswers204 = true }, func(_ *testing.T, p *place) bool {
			return p.status("PATCH", p.userPath(ben), rename) == 204 && p.member(ben).GivenName == "X" &&
				p.status("PATCH", p.teamPath("Engineering"), setTo("displayName", `"E"`)) == 204
		}},
		"DeactivationAnswers204": {func(b B) { b.DeactivationAnswers204 = true }, func(_ *testing.T, p *place) bool {
			return p.status("PATCH", p.userPath(ben), setTo("active", "false")) == 204
		}},
		"PatchKeepsGood": {func(b B) { b.PatchKeepsGood = true }, func(_ *testing.T, p *place) bool {
			p.do(400, "PATCH", p.userPath(ben), patch(`{"op":"replace","path":"name.givenName","value":"X"},{"op":"replace","path":"oops","value":1}`))
			p.do(400, "PATCH", p.teamPath("Engineering"), patch(`{"op":"remove","path":"members"},{"op":"replace","path":"oops","value":1}`))
			return p.member(ben).GivenName == "X" && len(p.team("Engineering").Members) == 0
		}},
		"SilentNoop": {func(b B) { b.SilentNoop = true }, func(_ *testing.T, p *place) bool {
			p.do(200, "PATCH", p.userPath(ben), setTo("active", "false"))
			p.do(200, "PATCH", p.teamPath("Engineering"), setTo("displayName", `"Engineering"`))
			return p.member(ben).Status == attiotest.Active
		}},
		"NoSeatAnswers201": {func(b B) { b.NoSeatAnswers201 = true }, func(t *testing.T, p *place) bool {
			must(t, p.SetSeats(1, false))
			r := p.as(writer, "POST", users, newUser("x@acme.test", ""))
			_, there := p.Snapshot().Member("x@acme.test")
			return r.status == 201 && !there
		}},
	}
}

func guessesOnTeams() map[string]switched {
	type B = *attiotest.Behaviour
	members := func(t *testing.T, p *place, ops string) int {
		t.Helper()
		return len(p.do(200, "PATCH", p.teamPath("Engineering"), patch(ops)).json["members"].([]any))
	}
	return map[string]switched{
		"SuspensionLeavesTeams": {func(b B) { b.SuspensionLeavesTeams = true }, func(_ *testing.T, p *place) bool {
			p.do(204, "DELETE", p.userPath(ben), "")
			return len(p.team("Engineering").Members) == 3
		}},
		"TeamsHideSuspended": {func(b B) { b.TeamsHideSuspended = true }, func(_ *testing.T, p *place) bool {
			return len(p.do(200, "GET", p.teamPath("Engineering"), "").json["members"].([]any)) == 3
		}},
		"UnknownTeamMemberIgnored": {func(b B) { b.UnknownTeamMemberIgnored = true }, func(_ *testing.T, p *place) bool {
			return p.status("POST", "/scim/v2/Groups", newGroup("X", `,"members":[{"value":"nobody"}]`)) == 201
		}},
		"RemoveListEmptiesTeam": {func(b B) { b.RemoveListEmptiesTeam = true }, func(t *testing.T, p *place) bool {
			return members(t, p, `{"op":"remove","path":"members","value":`+p.ids(ben)+`}`) == 0
		}},
		"AddReplacesMembers": {func(b B) { b.AddReplacesMembers = true }, func(t *testing.T, p *place) bool {
			return members(t, p, `{"op":"add","path":"members","value":`+p.ids("pro@agency.test")+`}`) == 1
		}},
		"MaxMembersPerWrite": {func(b B) { b.MaxMembersPerWrite = 1 }, func(_ *testing.T, p *place) bool {
			one, two := `{"op":"remove","path":"members[value eq \"a\"]"}`, `{"op":"remove","path":"members[value eq \"b\"]"}`
			return p.status("PATCH", p.teamPath("Engineering"), patch(one)) == 200 &&
				p.status("PATCH", p.teamPath("Engineering"), patch(one+","+two)) == 413 &&
				p.status("POST", "/scim/v2/Groups", newGroup("X", `,"members":`+p.ids(ada, ben))) == 413
		}},
	}
}

func guessesOnRefusals() map[string]switched {
	type B = *attiotest.Behaviour
	return map[string]switched{
		"LastAdminStatus": {func(b B) { b.LastAdminStatus = 409 }, func(_ *testing.T, p *place) bool {
			return p.status("DELETE", p.userPath(ada), "") == 409
		}},
		"LastAdminMayGo": {func(b B) { b.LastAdminMayGo = true }, func(_ *testing.T, p *place) bool {
			return p.status("DELETE", p.userPath(ada), "") == 204
		}},
		"NoSeatStatus": {func(b B) { b.NoSeatStatus = 402 }, func(t *testing.T, p *place) bool {
			must(t, p.SetSeats(1, false))
			return p.status("POST", "/scim/v2/Users", newUser("x@acme.test", "")) == 402
		}},
		"NoSCIMStatus": {func(b B) { b.NoSCIMStatus = 402 }, func(t *testing.T, p *place) bool {
			must(t, p.SetPlan("pro"))
			return p.status("GET", "/scim/v2/Schemas", "") == 402
		}},
		"ReauthorisingRevokes": {func(b B) { b.ReauthorisingRevokes = true }, func(_ *testing.T, p *place) bool {
			b := p.browser().signIn(ada)
			first := p.redeem(b.confirm("acme"), nil).json["access_token"].(string)
			other := p.redeem(b.open(b.at).confirm("globex"), nil).json["access_token"].(string)
			p.redeem(b.open(b.at).confirm("acme"), nil)
			return p.as(first, "GET", "/v2/self", "").json["active"] == false && p.as(other, "GET", "/v2/self", "").json["active"] == true
		}},
		"RedirectURIRequired": {func(b B) { b.RedirectURIRequired = true }, func(_ *testing.T, p *place) bool {
			return p.redeem(p.browser().signIn(ada).confirm("acme"), func(f url.Values) { f.Del("redirect_uri") }).status == 400
		}},
	}
}
