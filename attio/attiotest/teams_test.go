package attiotest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (p *place) ids(emails ...string) string {
	var out []string
	for _, e := range emails {
		out = append(out, fmt.Sprintf(`{"value":%q}`, p.member(e).ID))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func (p *place) inTeam(name string, want ...string) {
	p.t.Helper()
	if d := cmp.Diff(want, p.team(name).Members); d != "" {
		p.t.Errorf("%s (-want +have):\n%s", name, d)
	}
}

func TestTeamsAreMadeLinkedAndRenamed(t *testing.T) {
	p := serve(t, site())
	r := p.do(201, "POST", "/scim/v2/Groups", newGroup(" Sales ", `,"members":`+p.ids(ben, ivy)))
	if r.json["displayName"] != "Sales" {
		t.Errorf("answered %s", r.text)
	}
	p.inTeam("Sales", ben, ivy)
	member := r.json["members"].([]any)[0].(map[string]any)
	if member["value"] != p.member(ben).ID || member["$ref"] != "/scim/v2/Users/"+p.member(ben).ID {
		t.Errorf("member %v", member)
	}
	p.do(200, "PATCH", p.teamPath("Sales"), setTo("displayName", `"Revenue"`))
	p.inTeam("Revenue", ben, ivy)
	p.do(200, "PATCH", p.teamPath("Revenue"), patch(`{"op":"replace","value":{"id":"x","displayName":"REVENUE"}}`))
	if r := p.do(200, "GET", "/scim/v2/Groups"+filtered(`displayName eq "revenue"`), ""); r.json["totalResults"] != 1.0 {
		t.Errorf("found %s", r.text)
	}
	path := p.teamPath("REVENUE")
	p.do(204, "DELETE", path, "")
	p.do(404, "GET", path, "")
	if err := p.AddTeamMember("Engineering", sue); err != nil {
		t.Fatal(err)
	}
	p.inTeam("Engineering", ada, ben, ivy, sue)
}

func TestMembershipByPatch(t *testing.T) {
	for _, c := range []struct {
		name string
		ops  func(p *place) string
		want []string
	}{
		{"one more", func(p *place) string { return `{"op":"add","path":"members","value":` + p.ids(sue) + `}` }, []string{ada, ben, ivy, sue}},
		{"one who is there", func(p *place) string { return `{"op":"add","path":"members","value":` + p.ids(ben, ben) + `}` }, []string{ada, ben, ivy}},
		{"keyed", func(p *place) string { return `{"op":"add","value":{"members":` + p.ids(sue) + `}}` }, []string{ada, ben, ivy, sue}},
		{"one out", func(p *place) string {
			return fmt.Sprintf(`{"op":"remove","path":"members[value eq \"%s\"]"}`, p.member(ben).ID)
		}, []string{ada, ivy}},
		{"two out at once", func(p *place) string {
			return fmt.Sprintf(`{"op":"remove","path":"members[value eq \"%s\"]"},{"op":"Remove","path":"Members[Value EQ \"%s\"]"}`, p.member(ben).ID, p.member(ada).ID)
		}, []string{ivy}},
		{"nobody out", func(*place) string { return `{"op":"remove","path":"members[value eq \"nobody\"]"}` }, []string{ada, ben, ivy}},
		{"out by a list", func(p *place) string { return `{"op":"remove","path":"members","value":` + p.ids(ben) + `}` }, []string{ada, ivy}},
		{"all out", func(*place) string { return `{"op":"remove","path":"members"}` }, []string{}},
		{"others instead", func(p *place) string { return `{"op":"replace","path":"members","value":` + p.ids(sue, ben) + `}` }, []string{ben, sue}},
		{"nobody instead", func(*place) string { return `{"op":"replace","path":"members","value":[]}` }, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := serve(t, site())
			r := p.do(200, "PATCH", p.teamPath("Engineering"), patch(c.ops(p)))
			p.inTeam("Engineering", c.want...)
			if n := len(r.json["members"].([]any)); n != len(c.want) {
				t.Errorf("the answer lists %d", n)
			}
		})
	}
}

func TestPutReplacesMembership(t *testing.T) {
	p := serve(t, site())
	p.do(200, "PUT", p.teamPath("Engineering"), newGroup("Eng", `,"members":`+p.ids(ben, sue)))
	p.inTeam("Eng", ben, sue)
}

func TestExcludedMembersAreLeftOutEntirely(t *testing.T) {
	p := serve(t, site())
	for _, path := range []string{"/scim/v2/Groups?excludedAttributes=members", p.teamPath("Engineering") + "?excludedAttributes=meta,%20Members"} {
		if r := p.do(200, "GET", path, ""); strings.Contains(r.text, "members") {
			t.Errorf("%s answers %s", path, r.text)
		}
	}
}

func TestSchemas(t *testing.T) {
	p := serve(t, site())
	r := p.do(200, "GET", "/scim/v2/Schemas", "")
	if r.json["totalResults"] != 2.0 || !strings.Contains(r.text, `"canonicalValues":["admin","member"]`) {
		t.Errorf("answered %s", r.text)
	}
}
