package okta

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/transport"
)

// emulated is a source on an emulated org, by the way of the real transport.
func emulated(t testing.TB, world oktatest.Org, opts ...oktatest.Option) (*Source, *oktatest.Server) {
	t.Helper()
	world.APIToken = testToken
	world.App.ID = testApp
	server, err := oktatest.New(world, append([]oktatest.Option{oktatest.WithRateLimits(oktatest.NoLimits())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	s, err := New(t.Context(), Options{
		OrgURL: web.URL, AppID: testApp, APIToken: fixedToken(testToken), RoleAttribute: "roles",
		Transport: transport.New(transport.Options{Side: "okta", Poison: true, Hosts: []string{strings.TrimPrefix(web.URL, "http://")}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, server
}

func crowd(n int) (users []oktatest.User, logins []string) {
	for i := range n {
		login := fmt.Sprintf("p%04d@example.com", i)
		users = append(users, oktatest.User{Login: login, FirstName: "P", LastName: fmt.Sprint(i)})
		logins = append(logins, login)
	}
	return users, logins
}

func TestWholeOrgIsRead(t *testing.T) {
	users, logins := crowd(1250)
	world := oktatest.Org{Users: users, Groups: []oktatest.Group{
		{Name: "All of Attio", Members: logins}, {Name: "Engineering", Members: logins[:230]}, {Name: "Nobody"},
		{Name: "Bosses", Members: logins[5:7]}, {Name: "Everyone", Type: "BUILT_IN"},
	}}
	for _, g := range world.Groups[:3] {
		world.AssignedGroups = append(world.AssignedGroups, oktatest.GroupAssignment{Group: g.Name})
	}
	s, server := emulated(t, world, oktatest.WithPageCap(500))
	var asked atomic.Int32
	dir, err := s.Directory(t.Context(), idp.Query{
		Teams: idp.AssignedGroups, AdminGroups: []string{"Bosses"},
		Wanted: func(g idp.GroupRef) bool { asked.Add(1); return g.Name != "All of Attio" },
	})
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int{}
	for _, g := range dir.Groups {
		sizes[fmt.Sprint(g.Name, " ", g.Team)] = g.Members.Len()
	}
	if len(dir.People) != 1250 || fmt.Sprint(sizes) != fmt.Sprint(map[string]int{"Engineering true": 230, "Nobody true": 0, "Bosses false": 2}) || asked.Load() != 3 {
		t.Errorf("%d people, groups %v, asked %d times", len(dir.People), sizes, asked.Load())
	}
	for _, p := range dir.People {
		if p.Access != idp.Granted || p.Direct || p.Via.Name != "All of Attio" && p.Via.Name != "Engineering" || p.UserStatus != "ACTIVE" || p.GivenName != "P" {
			t.Fatalf("%+v", p)
		}
	}
	// The app, three pages of people, its groups, one search, three groups; the
	// role attribute stands in the profiles.
	if n := len(server.Requests()); n > 10 {
		for _, r := range server.Requests() {
			t.Log(r)
		}
		t.Errorf("%d requests", n)
	}
}

func TestServerThatPagesBy200(t *testing.T) {
	users, logins := crowd(230)
	s, _ := emulated(t, oktatest.Org{Users: users, Groups: []oktatest.Group{{Name: "G", Members: logins}}, AssignedGroups: []oktatest.GroupAssignment{{Group: "G"}}}, oktatest.WithPageCap(200))
	dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups})
	if err != nil || len(dir.Groups) != 1 || dir.Groups[0].Members.Len() != 230 || len(dir.People) != 230 {
		t.Errorf("%d people, %v, %v", len(dir.People), dir.Groups, err)
	}
}

func TestListedGroups(t *testing.T) {
	var groups []oktatest.Group
	var wanted []string
	for i := range 130 {
		name := fmt.Sprintf(`Team "%d" \ Ünit`, i)
		groups = append(groups, oktatest.Group{Name: name})
		wanted = append(wanted, name)
	}
	s, server := emulated(t, oktatest.Org{Groups: groups})
	dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.ListedGroups, Listed: append(wanted, `team "7" \ ünit`, "No such", "00gNOSUCHGROUP000001", " ")})
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, n := range dir.Notes {
		missing = append(missing, n.Code+" "+n.Subject)
	}
	want := []string{"group-not-found 00gNOSUCHGROUP000001", "group-not-found No such", `group-not-found team "7" \ ünit`}
	if len(dir.Groups) != 130 || !slices.Equal(missing, want) {
		t.Errorf("%d groups, notes %v", len(dir.Groups), dir.Notes)
	}
	// By id the same, with few requests.
	var ids []string
	for _, g := range dir.Groups {
		ids = append(ids, g.ID)
	}
	server.ResetLog()
	again, err := s.Directory(t.Context(), idp.Query{Teams: idp.ListedGroups, Listed: ids, Wanted: func(idp.GroupRef) bool { return false }})
	if n := len(server.Requests()); err != nil || len(again.Notes) != 0 || n > 6 {
		t.Errorf("%d requests, notes %v, %v", n, again.Notes, err)
	}
}

// A name that could not be looked up is no name of nothing.
func TestFailedLookUpIsNoAbsence(t *testing.T) {
	refuse := func(w http.ResponseWriter, _ *http.Request) {
		oktaError(w, 400, "E0000031", "Invalid search criteria.")
	}
	few := func(names ...string) string {
		var list []string
		for i, name := range names {
			list = append(list, fmt.Sprintf(`{"id":"00g%017d","profile":{"name":%q}}`, i, name))
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	var full []string
	for i := range groupPage {
		full = append(full, fmt.Sprintf("Sales %d", i))
	}
	for name, c := range map[string]struct {
		search, q http.HandlerFunc
		fails     bool
	}{
		"both refused":                    {refuse, refuse, true},
		"search refused, found otherwise": {refuse, serveJSON(few("Sales")), false},
		"search refused, not found":       {refuse, serveJSON(few()), false},
		"too many begin with it":          {serveJSON(few()), serveJSON(few(full...)), true},
		"too many, and it is among them":  {serveJSON(few()), serveJSON(few(append(full[1:], "Sales")...)), false},
	} {
		for _, q := range []idp.Query{{Teams: idp.ListedGroups, Listed: []string{"Sales"}}, {AdminGroups: []string{"Sales"}}} {
			o := newOrg(t)
			for _, i := range []int{0, groupPage - 1} {
				o.on(fmt.Sprintf("/api/v1/groups/00g%017d/users", i), serveJSON(`[]`))
			}
			o.on("/api/v1/groups", func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Has("q") {
					c.q(w, r)
					return
				}
				c.search(w, r)
			})
			_, err := o.source(t).Directory(t.Context(), q)
			if c.fails && (idp.KindOf(err) != idp.Untrusted || !strings.Contains(err.Error(), `"Sales"`)) {
				t.Errorf("%s: %v", name, err)
			}
			if kind := idp.KindOf(err); !c.fails && kind == idp.Untrusted {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestTwoGroupsOfOneNameAreNotGuessedBetween(t *testing.T) {
	const a, b = "00gAAAAAAAAAAAAAAAAA", "00gBBBBBBBBBBBBBBBBB"
	s, _ := emulated(t, oktatest.Org{Groups: []oktatest.Group{{ID: a, Name: "Sales"}, {ID: b, Name: "Sales", Type: "APP_GROUP"}}})
	for _, q := range []idp.Query{{Teams: idp.ListedGroups, Listed: []string{"Sales"}}, {AdminGroups: []string{"Sales"}}} {
		_, err := s.Directory(t.Context(), q)
		if idp.KindOf(err) != idp.Setting || !strings.Contains(err.Error(), a) || !strings.Contains(err.Error(), b) {
			t.Errorf("%v", err)
		}
	}
	dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.ListedGroups, Listed: []string{b}})
	if err != nil || len(dir.Groups) != 1 || dir.Groups[0].ID != b {
		t.Errorf("%v, %v", dir.Groups, err)
	}
}

func TestAdminGroupThatIsMissingStops(t *testing.T) {
	s, _ := emulated(t, oktatest.Org{Groups: []oktatest.Group{{Name: "Admins"}}})
	for _, name := range []string{"admins", "00gNOSUCHGROUP000001"} {
		_, err := s.Directory(t.Context(), idp.Query{AdminGroups: []string{name}})
		if idp.KindOf(err) != idp.Setting || !strings.Contains(err.Error(), "roles.admin_groups") || !strings.Contains(err.Error(), name) {
			t.Errorf("%v", err)
		}
	}
}

func TestOnlyActiveMappingsYieldTeams(t *testing.T) {
	s, _ := emulated(t, oktatest.Org{
		App:    oktatest.App{Features: []string{"GROUP_PUSH", "PUSH_NEW_USERS"}},
		Groups: []oktatest.Group{{Name: "On"}, {Name: "Off"}, {Name: "Broken"}, {Name: "Other"}},
		PushMappings: []oktatest.PushMapping{
			{Group: "On"}, {Group: "Off", Status: "INACTIVE"}, {Group: "Broken", Status: "ERROR", Error: "the team is gone"},
		},
	})
	dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.PushMappings})
	if err != nil {
		t.Fatal(err)
	}
	if len(dir.Groups) != 1 || dir.Groups[0].Name != "On" || !dir.Groups[0].Team {
		t.Errorf("groups %v", dir.Groups)
	}
	if len(dir.Notes) != 2 || dir.Notes[0].Code != "mapping-error" || dir.Notes[0].Subject != "Broken" ||
		!strings.Contains(dir.Notes[0].Detail, "the team is gone") || dir.Notes[1].Code != "mapping-inactive" || dir.Notes[1].Subject != "Off" {
		t.Errorf("notes %v", dir.Notes)
	}
}
