package oktatest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp/okta/oktatest"
)

// crowd is an org with n people, all in the group All, which is assigned and
// pushed, and with n further groups, all assigned.
func crowd(n int) oktatest.Org {
	o := oktatest.Org{APIToken: token, App: oktatest.App{ID: "0oa1b2c3d4e5f6g7h8i9", Features: []string{"GROUP_PUSH"}}}
	all := oktatest.Group{Name: "All"}
	for i := range n {
		login := fmt.Sprintf("p%d@acme.com", i)
		o.Users = append(o.Users, oktatest.User{Login: login, FirstName: "P", LastName: fmt.Sprint(i)})
		all.Members = append(all.Members, login)
		name := fmt.Sprintf("Group %d", i)
		o.Groups = append(o.Groups, oktatest.Group{Name: name})
		o.AssignedGroups = append(o.AssignedGroups, oktatest.GroupAssignment{Group: name, Priority: i / 3})
		o.PushMappings = append(o.PushMappings, oktatest.PushMapping{Group: name, Target: "All of them"})
	}
	o.Groups = append(o.Groups, all)
	o.AssignedGroups = append(o.AssignedGroups, oktatest.GroupAssignment{Group: "All", Priority: 100})
	return o
}

func TestAWalkSeesEverythingExactlyOnce(t *testing.T) {
	const n = 47
	o := start(t, crowd(n))
	all, err := o.GroupID("All")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path         string
		limit        int
		total, pages int
	}{
		{app("/users"), 5, n, 10},
		{app("/users"), 0, n, 1},
		{app("/users?expand=user"), 46, n, 2},
		{app("/groups?expand=group"), 20, n + 1, 3},
		{app("/groups"), 0, n + 1, 3}, // 20 a page by default
		{app("/group-push/mappings"), 7, n, 7},
		{"/api/v1/groups", 10, n + 2, 5}, // and the target of the pushes
		{`/api/v1/groups?filter=type+eq+"OKTA_GROUP"`, 10, n + 1, 5},
		{"/api/v1/groups/" + all + "/users", 10, n, 5},
		{"/api/v1/users", 1, n, 47},
		{`/api/v1/users?search=profile.lastName+sw+"4"`, 2, 8, 4},
	} {
		path := c.path
		if c.limit > 0 {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			path += sep + fmt.Sprintf("limit=%d", c.limit)
		}
		ids, pages := o.walk(path)
		if got := len(ids); got != c.total || pages != c.pages {
			t.Errorf("%s: %d entries in %d pages, want %d in %d", path, got, pages, c.total, c.pages)
		}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != c.total {
			t.Errorf("%s: somebody was seen twice", path)
		}
	}
}

func TestAPageCapMakesMorePagesAndLosesNobody(t *testing.T) {
	o := start(t, crowd(25), oktatest.WithPageCap(4))
	ids, pages := o.walk(app("/users?limit=500"))
	if len(ids) != 25 || pages != 7 {
		t.Errorf("%d people in %d pages, want 25 in 7", len(ids), pages)
	}
}

func TestAWalkGoesOnWhilePeopleComeAndGo(t *testing.T) {
	o := start(t, crowd(30))
	first := o.get(app("/users?limit=10"))
	ids, _ := o.walk(app("/users?limit=500"))
	gone, later := ids[9], ids[20]
	o.must(204, "DELETE", "/api/v1/users/"+gone, "") // the very last of the page just read
	rest, _ := o.walk(first.next())
	if len(rest) != 20 || slices.Contains(rest, gone) || !slices.Contains(rest, later) {
		t.Errorf("after page one: %d people, want the other 20", len(rest))
	}
}

func TestLinksAreTwoHeadersWithTheOrgsOwnAddress(t *testing.T) {
	o := start(t, crowd(3))
	a := o.get(`/api/v1/groups?limit=2&filter=type+eq+%22OKTA_GROUP%22&expand=stats`)
	links := a.header.Values("Link")
	if len(links) != 2 || links[0] != `<`+o.url+`/api/v1/groups?limit=2&filter=type+eq+%22OKTA_GROUP%22&expand=stats>; rel="self"` {
		t.Fatalf("links %q", links)
	}
	if want := o.url + "/api/v1/groups?after="; !strings.HasPrefix(a.next(), want) || !strings.HasSuffix(a.next(), "&limit=2&filter=type+eq+%22OKTA_GROUP%22&expand=stats") {
		t.Errorf("next %q repeats what was asked", a.next())
	}
	if links = o.get("/api/v1/groups?q=Group").header.Values("Link"); links != nil {
		t.Errorf("q has no paging, got %q", links)
	}
}

func TestSelfSaysTheDefaultSize(t *testing.T) {
	o := start(t, crowd(1))
	all, err := o.GroupID("All")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, path := range []string{app("/users"), app("/groups"), app("/group-push/mappings"), "/api/v1/groups", "/api/v1/groups/" + all + "/users", "/api/v1/users"} {
		self := o.get(path).header.Get("Link")
		got[path] = strings.TrimSuffix(strings.TrimPrefix(self, "<"+o.url+path+"?limit="), `>; rel="self"`)
	}
	want := map[string]string{app("/users"): "50", app("/groups"): "20", app("/group-push/mappings"): "100", "/api/v1/groups": "10000",
		"/api/v1/groups/" + all + "/users": "1000", "/api/v1/users": "200"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestACursorIsGoodForItsOwnListAlone(t *testing.T) {
	o := start(t, crowd(5))
	_, query, _ := strings.Cut(o.get(app("/users?limit=2")).next(), "?")
	o.must(200, "GET", app("/users?"+query), "")
	for _, path := range []string{"/api/v1/users?" + query, app("/users?after=x"), app("/users?after=00u0000"), app("/users?after=%3B%3B")} {
		a := o.get(path)
		if a.status != 400 || !strings.Contains(a.body, `"errorCode":"E0000031","errorSummary":"Invalid cursor."`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
