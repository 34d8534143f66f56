package oktatest_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"scim-sync/idp/okta/oktatest"
)

const world = `
api_token: 00not-a-real-token
service_apps: []
app: {id: 0oa1b2c3d4e5f6g7h8i9, label: Attio, status: ACTIVE, features: [GROUP_PUSH], role_attribute: rank, role_type: string,
  no_role_attribute: false, attributes: [seat]}
users:
  - {login: ada@acme.com, email: a@acme.com, first_name: Ada, last_name: King, status: ACTIVE, profile: {department: R&D}}
  - {login: bob@acme.com}
groups:
  - {name: Everyone, type: BUILT_IN}
  - {name: Team, description: ours, members: [ada@acme.com]}
assigned_groups:
  - {group: Everyone, priority: 1, profile: {rank: member, seat: "7"}}
assignments:
  - {user: ada@acme.com, user_name: ada, status: ACTIVE, sync_state: DISABLED, profile: {rank: admin}}
push_mappings:
  - {group: Team, status: ACTIVE, target: Our team, error: ""}
`

func TestAWorldFileSaysAllOfAnOrg(t *testing.T) {
	var in oktatest.Org
	d := yaml.NewDecoder(strings.NewReader(world))
	d.KnownFields(true)
	noError(t, d.Decode(&in))
	o := start(t, in)
	for _, c := range []struct{ login, want string }{{"ada@acme.com", `"rank":"admin","seat":null`}, {"bob@acme.com", `"rank":"member","seat":"7"`}} {
		id, err := o.UserID(c.login)
		noError(t, err)
		if a := o.must(200, "GET", app("/users/"+id), ""); !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %s, want %s in it", c.login, a.body, c.want)
		}
	}
	noError(t, o.SetRole("bob@acme.com", "admin"))
	id, err := o.UserID("bob@acme.com")
	noError(t, err)
	if a := o.get(app("/users/" + id)); !strings.Contains(a.body, `"rank":"admin","seat":"7"`) {
		t.Errorf("a role of type string, and what the group gave stays: %s", a.body)
	}
}

func TestIDsAreTheSameEveryTime(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		o := start(t, oktatest.Org{Users: []oktatest.User{{Login: "ada@acme.com"}}, Groups: []oktatest.Group{{Name: "Team"}}})
		u, err := o.UserID("ada@acme.com")
		noError(t, err)
		g, err := o.GroupID("Team")
		noError(t, err)
		for prefix, id := range map[string]string{"00u": u, "00g": g, "0oa": o.AppID()} {
			if len(id) != 20 || !strings.HasPrefix(id, prefix) {
				t.Errorf("id %q, want 20 characters that begin with %s", id, prefix)
			}
			seen[id] = true
		}
	}
	if len(seen) != 3 {
		t.Errorf("ids %v, want three", seen)
	}
}

func TestReadersAndWritersDoNotMeet(t *testing.T) {
	o := start(t, crowd(60), oktatest.WithMembershipLag(time.Millisecond), oktatest.WithRateLimits(oktatest.NoLimits()))
	id, err := o.GroupID("All")
	noError(t, err)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 20 {
				login := []string{"p1@acme.com", "p2@acme.com", "p3@acme.com", "p4@acme.com"}[i]
				if n%2 == 0 {
					_ = o.RemoveMember("All", login)
					_ = o.Assign(login, "admin")
				} else {
					_ = o.AddMember("All", login)
					_ = o.Unassign(login)
				}
			}
		})
		wg.Go(func() {
			for range 5 {
				o.walk(app("/users?limit=7"))
				o.walk("/api/v1/groups/" + id + "/users?limit=7")
				o.walk("/api/v1/groups?limit=20")
			}
		})
	}
	wg.Wait()
	ids, _ := o.walk(app("/users"))
	if len(ids) != 60 {
		t.Errorf("%d people at the end, want 60", len(ids))
	}
}
