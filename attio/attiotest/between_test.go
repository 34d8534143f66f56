package attiotest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
)

// TestChangesBetweenRequests: a hook sees every request by its number, and what it
// changes before one is in that answer, what it changes after one in the next.
func TestChangesBetweenRequests(t *testing.T) {
	for at := 1; at <= 3; at++ {
		for _, when := range []string{"before", "after"} {
			var p *place
			hook := func(n int, r *http.Request) {
				if n == at && r.URL.Path == "/scim/v2/Users" {
					if err := p.AcceptInvite(ivy); err != nil {
						t.Error(err)
					}
				}
			}
			option := attiotest.WithBefore(hook)
			if when == "after" {
				option = attiotest.WithAfter(hook)
			}
			p = serve(t, site(), option)
			invited := p.member(ivy).ID
			for n := 1; n <= 3; n++ {
				accepted := n > at || n == at && when == "before"
				if there := strings.Contains(p.do(200, "GET", "/scim/v2/Users", "").text, invited); there == accepted {
					t.Errorf("%s request %d: in answer %d the invite is there: %t", when, at, n, there)
				}
			}
			p.ResetLog()
			p.do(200, "GET", "/v2/self", "") // number 1 again, and another path
		}
	}
}

// TestLeftOutOfAList: an entry is left out of lists, filtered or not, and is there
// by its id.
func TestLeftOutOfAList(t *testing.T) {
	left := map[string]bool{}
	p := serve(t, site(), attiotest.WithLeftOut(func(_ int, r *http.Request, id string) bool { return left[id] }))
	for _, path := range []string{"/scim/v2/Users", "/scim/v2/Users" + filtered(`userName eq "`+ivy+`"`)} {
		id := p.member(ivy).ID
		for _, out := range []bool{false, true} {
			left[id] = out
			r := p.do(200, "GET", path, "")
			if strings.Contains(r.text, id) == out {
				t.Errorf("%s, left out: %t: %s", path, out, r.text)
			}
			if n := len(r.json["Resources"].([]any)); float64(n) != r.json["totalResults"] {
				t.Errorf("%d of %v", n, r.json["totalResults"])
			}
		}
		p.do(200, "GET", p.userPath(ivy), "")
	}
	left[p.team("Engineering").ID], left[p.member(ben).RestID] = true, true
	if r := p.do(200, "GET", "/scim/v2/Groups", ""); r.json["totalResults"] != 0.0 {
		t.Errorf("the team is in the list: %s", r.text)
	}
	p.do(200, "GET", p.teamPath("Engineering"), "")
	if r := p.do(200, "GET", "/v2/workspace_members", ""); strings.Contains(r.text, ben) {
		t.Errorf("the member is in the list: %s", r.text)
	}
}

// TestPostLandsLate: a request that is answered 504 is carried out after as many
// answers as was said, or at once with another answer.
func TestPostLandsLate(t *testing.T) {
	landing := &attiotest.Landing{After: 2}
	p := serve(t, site(), attiotest.WithLanding(func(_ int, r *http.Request) *attiotest.Landing {
		if r.Method == "POST" {
			return landing
		}
		return nil
	}))
	teams := func() float64 { return p.do(200, "GET", "/scim/v2/Groups", "").json["totalResults"].(float64) }
	p.do(504, "POST", "/scim/v2/Groups", newGroup("Late", ""))
	if got := fmt.Sprint(teams(), teams(), teams()); got != "1 1 2" {
		t.Errorf("teams after the answer: %s", got)
	}
	*landing = attiotest.Landing{Status: 400}
	p.do(400, "POST", "/scim/v2/Groups", newGroup("Refused and made", ""))
	if n := teams(); n != 3 {
		t.Errorf("%v teams after a refusal that was carried out", n)
	}
	*landing = attiotest.Landing{After: 100}
	p.do(504, "POST", "/scim/v2/Users", newUser("late@acme.test", ""))
	p.do(504, "POST", "/scim/v2/Users", newUser("late@acme.test", "")) // and so will this one be, in vain
	if _, there := p.Snapshot().Member("late@acme.test"); there {
		t.Error("it landed at once")
	}
	p.LandAll()
	p.member("late@acme.test")
	if got := p.mails("late@acme.test"); strings.Count(got, "added") != 1 {
		t.Errorf("mails: %s", got)
	}
}

// TestOneRefusedMember: a request that names them is refused as a whole, both
// ways; others are taken.
func TestOneRefusedMember(t *testing.T) {
	p := serve(t, site(), behaving(func(b *attiotest.Behaviour) { b.RefusesMember = strings.ToUpper(sue) }))
	id := func(email string) string { return p.member(email).ID }
	add := func(emails ...string) string {
		return patch(`{"op":"add","path":"members","value":` + p.ids(emails...) + `}`)
	}
	team := p.teamPath("Engineering")
	p.do(400, "PATCH", team, add(ivy, sue))
	p.do(200, "PATCH", team, add(ivy))
	if err := p.AddTeamMember("Engineering", sue); err != nil {
		t.Fatal(err)
	}
	p.do(400, "PATCH", team, patch(`{"op":"remove","path":"members[value eq \"`+id(sue)+`\"]"}`))
	p.do(200, "PATCH", team, patch(`{"op":"remove","path":"members[value eq \"`+id(ivy)+`\"]"}`))
	p.do(400, "POST", "/scim/v2/Groups", newGroup("New", `,"members":`+p.ids(ben, sue)))
	p.do(201, "POST", "/scim/v2/Groups", newGroup("New", `,"members":`+p.ids(ben)))
}

// TestRolesIgnored: the answer is good and the role stays, also of who comes back.
func TestRolesIgnored(t *testing.T) {
	p := serve(t, site(), behaving(func(b *attiotest.Behaviour) { b.RolesIgnored = true }))
	p.do(200, "PATCH", p.userPath(ben), setTo("appRole", `"admin"`))
	p.do(200, "PATCH", p.userPath(sue), patch(`{"op":"replace","path":"active","value":true},{"op":"replace","path":"appRole","value":"admin"}`))
	for _, email := range []string{ben, sue} {
		if m := p.member(email); m.Role != attiotest.RoleMember || m.Status != attiotest.Active {
			t.Errorf("%s is %s and %s", email, m.Role, m.Status)
		}
	}
}

// TestReferencesSayWhatTheyLeadTo: RFC 7643 section 7.
func TestReferencesSayWhatTheyLeadTo(t *testing.T) {
	p := serve(t, site())
	if r := p.do(200, "GET", "/scim/v2/Schemas", ""); !strings.Contains(r.text, `"name":"$ref","type":"reference"`) || !strings.Contains(r.text, `"referenceTypes":["User"]`) {
		t.Error(r.text)
	}
}
