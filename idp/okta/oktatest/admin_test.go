package oktatest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp/okta/oktatest"
)

// entry is an app user in a word or two.
type entry struct {
	Scope, Via, Status, Okta, UserName, Email string
	Roles                                     []string
	Updated                                   time.Time
}

// assigned reads the app's users by login.
func (o *org) assigned() map[string]entry {
	o.t.Helper()
	out := map[string]entry{}
	for path := app("/users?limit=500&expand=user"); path != ""; {
		a := o.must(200, "GET", path, "")
		var page []struct {
			Scope, Status string
			LastUpdated   time.Time
			Credentials   struct{ UserName string }
			Profile       struct {
				Email string
				Roles []string
			}
			Links struct {
				Group struct{ Name string }
			} `json:"_links"`
			Embedded struct {
				User struct {
					Status  string
					Profile struct{ Login string }
				}
			} `json:"_embedded"`
		}
		if err := json.Unmarshal([]byte(a.body), &page); err != nil {
			o.t.Fatal(err)
		}
		for _, e := range page {
			out[e.Embedded.User.Profile.Login] = entry{e.Scope, e.Links.Group.Name, e.Status, e.Embedded.User.Status, e.Credentials.UserName, e.Profile.Email, e.Profile.Roles, e.LastUpdated}
		}
		path = a.next()
	}
	return out
}

// lines are the assignments for comparing: "bob@acme.com GROUP Leads [member admin]".
func (o *org) lines() []string {
	o.t.Helper()
	var out []string
	for login, e := range o.assigned() {
		out = append(out, strings.Join(strings.Fields(fmt.Sprint(login, " ", e.Scope, " ", e.Via, " ", e.Roles)), " "))
	}
	slices.Sort(out)
	return out
}

func (o *org) isNow(when string, want ...string) {
	o.t.Helper()
	if d := cmp.Diff(want, o.lines()); d != "" {
		o.t.Errorf("%s: %s", when, d)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const ada = "ada@acme.com USER [admin]"

func TestTheGroupOfTheSmallerNumberWins(t *testing.T) {
	o := start(t, acme())
	o.isNow("at the start", ada, "bob@acme.com GROUP Leads [member admin]", "eve@acme.com GROUP Staff [member]")
	noError(t, o.RemoveMember("Leads", "bob@acme.com"))
	o.isNow("out of Leads", ada, "bob@acme.com GROUP Staff [member]", "eve@acme.com GROUP Staff [member]")
	noError(t, o.UnassignGroup("Staff"))
	o.isNow("Staff is off", ada)
	noError(t, o.AssignGroup(oktatest.GroupAssignment{Group: "Everyone", Priority: 9}))
	o.isNow("Everyone is on", ada, "bob@acme.com GROUP Everyone []", "eve@acme.com GROUP Everyone []", "out@acme.com GROUP Everyone []")
}

func TestWhatBecomesOfAnAssignment(t *testing.T) {
	o := start(t, acme())
	noError(t, o.SetStatus("ada@acme.com", "SUSPENDED"))
	if e := o.assigned()["ada@acme.com"]; e.Status != "ACTIVE" || e.Okta != "SUSPENDED" {
		t.Errorf("suspension keeps the assignment: %+v", e)
	}
	noError(t, o.SetStatus("bob@acme.com", "DEPROVISIONED"))
	o.isNow("bob is deactivated", ada, "eve@acme.com GROUP Staff [member]")
	if ids, _ := o.walk("/api/v1/groups/00g000000000000staff/users"); !slices.Contains(ids, "00u00000000000000bob") {
		t.Error("deactivation keeps memberships")
	}
	noError(t, o.SetStatus("bob@acme.com", "ACTIVE"))
	o.isNow("bob is back", ada, "bob@acme.com GROUP Leads [member admin]", "eve@acme.com GROUP Staff [member]")
	noError(t, o.SetAppStatus("INACTIVE"))
	o.isNow("the app is off: what came from groups is gone", ada)
	noError(t, o.SetAppStatus("ACTIVE"))
	noError(t, o.DeleteGroup("Leads"))
	noError(t, o.DeleteUser("eve@acme.com"))
	o.isNow("Leads and eve are deleted", ada, "bob@acme.com GROUP Staff [member]")
	if err := o.Unassign("bob@acme.com"); err == nil {
		t.Error("an assignment through a group cannot be taken away by name")
	}
}

func TestDeactivationLingersUntilTold(t *testing.T) {
	o := start(t, acme(), oktatest.WithLingering())
	noError(t, o.SetStatus("ada@acme.com", "DEPROVISIONED"))
	noError(t, o.SetStatus("bob@acme.com", "DEPROVISIONED"))
	if e := o.assigned()["bob@acme.com"]; e.Status != "ACTIVE" || e.Okta != "DEPROVISIONED" {
		t.Errorf("still listed, and only the Okta user tells: %+v", e)
	}
	noError(t, o.SetStatus("bob@acme.com", "ACTIVE"))
	o.ClearLingering()
	o.isNow("cleared", "bob@acme.com GROUP Leads [member admin]", "eve@acme.com GROUP Staff [member]")
}

func TestAProfileFollowsThePersonAndTheRoleTheAssignment(t *testing.T) {
	c := noon()
	o := start(t, acme(), oktatest.WithClock(c.now))
	c.advance(time.Hour)
	noError(t, o.SetEmail("bob@acme.com", "robert@acme.com"))
	noError(t, o.SetLogin("bob@acme.com", "robert@acme.com"))
	e := o.assigned()["robert@acme.com"]
	if e.Email != "robert@acme.com" || e.UserName != "robert@acme.com" || !e.Updated.Equal(c.at.Truncate(time.Second)) {
		t.Errorf("%+v", e)
	}
	if e := o.assigned()["ada@acme.com"]; e.UserName != "ada" || !e.Updated.Equal(noon().at.Truncate(time.Second)) {
		t.Errorf("a name of its own stays: %+v", e)
	}
	noError(t, o.SetRole("ada@acme.com"))
	noError(t, o.SetRole("eve@acme.com", "admin"))
	o.isNow("roles", "ada@acme.com USER []", "eve@acme.com USER [admin]", "robert@acme.com GROUP Leads [member admin]")
}

// The mapping applies on each update of the person: names given with the
// assignment hold until the person's own change, and then follow.
func TestAnExplicitProfileFollowsLaterNamesOfThePerson(t *testing.T) {
	o := start(t, acme())
	name := func(id string) string {
		t.Helper()
		var a struct {
			Profile struct{ GivenName, FamilyName, Email, Department *string }
		}
		if err := json.Unmarshal([]byte(o.get(app("/users/"+id)).body), &a); err != nil {
			t.Fatal(err)
		}
		text := func(s *string) string {
			if s == nil {
				return "-"
			}
			return *s
		}
		return text(a.Profile.GivenName) + " " + text(a.Profile.FamilyName) + " " + text(a.Profile.Email) + " " + text(a.Profile.Department)
	}
	const otto = "00u00000000000000out"
	o.must(200, "POST", app("/users"), `{"id":"`+otto+`","profile":{"givenName":"Otti","familyName":"U.","email":"app@acme.com","roles":["admin"]}}`)
	if got := name(otto); got != "Otti U. app@acme.com R&D" {
		t.Errorf("as assigned: %s", got)
	}
	noError(t, o.SetName("out@acme.com", "Otto", "Utzon"))
	if got := name(otto); got != "Otto Utzon app@acme.com R&D" {
		t.Errorf("after a change of name: %s", got)
	}
	o.must(200, "POST", "/api/v1/users/"+otto, `{"profile":{"email":"otto@acme.com"}}`)
	if got := name(otto); got != "Otto Utzon otto@acme.com R&D" {
		t.Errorf("after a change of address: %s", got)
	}
	o.isNow("the role stays that of the assignment", "ada@acme.com USER [admin]", "bob@acme.com GROUP Leads [member admin]", "eve@acme.com GROUP Staff [member]", "out@acme.com USER [admin]")
}

func TestPutReplacesAUserWholly(t *testing.T) {
	o := start(t, acme())
	const otto = "/api/v1/users/00u00000000000000out"
	o.must(400, "PUT", otto, `{"profile":{"firstName":"Otto","lastName":"Utz","email":"out@acme.com"}}`)
	o.must(400, "PUT", otto, `{"profile":{"firstName":"Otto","lastName":"Utz","email":"out@acme.com","login":"ada@acme.com"}}`)
	o.must(404, "PUT", "/api/v1/users/00uNOBODY", `{"profile":{}}`)
	a := o.must(200, "PUT", otto, `{"profile":{"firstName":"O","lastName":"U","email":"o@acme.com","login":"o@acme.com","title":"Dr"}}`)
	if strings.Contains(a.body, "department") || !strings.Contains(a.body, `"title":"Dr"`) || o.get("/api/v1/users/o@acme.com").body != a.body {
		t.Errorf("%s", a.body)
	}
}

func TestAnAdminsRequestsTellTheSameStory(t *testing.T) {
	o := start(t, acme())
	var made struct{ ID, Status string }
	a := o.must(200, "POST", "/api/v1/users?activate=true", `{"profile":{"login":"new@acme.com","email":"new@acme.com","firstName":"N","lastName":"Ew"},"groupIds":["00g000000000000staff"]}`)
	if err := json.Unmarshal([]byte(a.body), &made); err != nil || made.Status != "PROVISIONED" {
		t.Fatalf("%s %v", a.body, err)
	}
	person := "/api/v1/users/" + made.ID
	o.must(200, "POST", app("/users"), `{"id":"00u00000000000000out","scope":"USER","credentials":{"userName":"otto"},"profile":{"roles":["admin"]}}`)
	o.must(200, "POST", app("/users/00u00000000000000out"), `{"profile":{"roles":["member"]}}`)
	o.must(204, "DELETE", app("/users/00u00000000000000ada"), "")
	o.must(204, "DELETE", app("/groups/00g0000000000000lead"), "")
	o.must(200, "PUT", app("/groups/00g000000000000staff"), `{"priority":5,"profile":{"roles":["guest"]}}`)
	o.isNow("changed", "bob@acme.com GROUP Staff [guest]", "eve@acme.com GROUP Staff [guest]", "new@acme.com GROUP Staff [guest]", "out@acme.com USER [member]")

	o.must(204, "DELETE", "/api/v1/groups/00g000000000000staff/users/00u00000000000000bob", "")
	o.must(200, "POST", "/api/v1/users/eve@acme.com/lifecycle/unsuspend", "")
	o.must(204, "DELETE", person, "") // deactivates
	o.must(200, "GET", person, "")
	o.must(204, "DELETE", person, "") // deletes
	o.must(404, "GET", person, "")
	o.must(200, "POST", "/api/v1/users/out@acme.com", `{"profile":{"email":"otto@acme.com","department":"Ops"}}`)
	o.isNow("and again", "eve@acme.com GROUP Staff [guest]", "out@acme.com USER [member]")
	if e := o.assigned()["out@acme.com"]; e.Email != "otto@acme.com" || e.UserName != "otto" {
		t.Errorf("%+v", e)
	}

	o.must(200, "POST", "/api/v1/groups", `{"profile":{"name":"Sales"}}`)
	sales, err := o.GroupID("Sales")
	noError(t, err)
	o.must(200, "PUT", "/api/v1/groups/"+sales, `{"profile":{"name":"Revenue"}}`)
	a = o.must(200, "POST", app("/group-push/mappings"), `{"sourceGroupId":"`+sales+`","status":"ACTIVE","targetGroupName":"Money"}`)
	if err := json.Unmarshal([]byte(a.body), &made); err != nil {
		t.Fatal(err)
	}
	mapping := app("/group-push/mappings/" + made.ID)
	o.must(400, "DELETE", mapping, "")
	o.must(200, "PATCH", mapping, `{"status":"INACTIVE"}`)
	if a = o.must(200, "DELETE", mapping, ""); a.body != "" {
		t.Errorf("deleting a mapping answers without a body, got %q", a.body)
	}
	o.must(204, "DELETE", "/api/v1/groups/"+sales, "")
	o.must(404, "GET", "/api/v1/groups/"+sales, "")
}

func TestGroupTimesSayWhatChanged(t *testing.T) {
	c := noon()
	o := start(t, acme(), oktatest.WithClock(c.now), oktatest.WithAged(c.at.Add(-48*time.Hour)))
	since := c.at.UTC().Format(time.RFC3339)
	changed := func() []string {
		ids, _ := o.walk(`/api/v1/groups?limit=200&filter=lastUpdated+gt+"` + since + `"+or+lastMembershipUpdated+gt+"` + since + `"`)
		return ids
	}
	if got := changed(); got != nil {
		t.Errorf("everything is old, got %v", got)
	}
	c.advance(time.Minute)
	noError(t, o.AddMember("Staff", "bob@acme.com")) // was in already
	noError(t, o.SetStatus("bob@acme.com", "DEPROVISIONED"))
	if got := changed(); got != nil {
		t.Errorf("nothing changed in any group, got %v", got)
	}
	noError(t, o.RemoveMember("Staff", "bob@acme.com"))
	noError(t, o.RenameGroup("Leads", "Heads"))
	if d := cmp.Diff([]string{"00g0000000000000lead", "00g000000000000staff"}, changed()); d != "" {
		t.Error(d)
	}
	var g struct{ LastUpdated, LastMembershipUpdated time.Time }
	if err := json.Unmarshal([]byte(o.get("/api/v1/groups/00g0000000000000lead").body), &g); err != nil {
		t.Fatal(err)
	}
	if !g.LastUpdated.Equal(c.at.Truncate(time.Second)) || !g.LastMembershipUpdated.Equal(noon().at.Add(-48*time.Hour).Truncate(time.Second)) {
		t.Errorf("a rename is no change of membership: %+v", g)
	}
}

func TestMembershipsTrailWrites(t *testing.T) {
	c := noon()
	o := start(t, acme(), oktatest.WithClock(c.now), oktatest.WithMembershipLag(3*time.Second))
	seen := func() string {
		ids, _ := o.walk("/api/v1/groups/00g0000000000000lead/users")
		var g struct{ LastMembershipUpdated time.Time }
		if err := json.Unmarshal([]byte(o.get("/api/v1/groups/00g0000000000000lead").body), &g); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(len(ids), " ", g.LastMembershipUpdated.Format("05"))
	}
	steps := []string{seen()}
	c.advance(10 * time.Second)
	noError(t, o.AddMember("Leads", "ada@acme.com", "eve@acme.com"))
	c.advance(2 * time.Second)
	noError(t, o.RemoveMember("Leads", "bob@acme.com"))
	steps = append(steps, seen())
	for range 3 {
		c.advance(time.Second)
		steps = append(steps, seen())
	}
	if d := cmp.Diff([]string{"1 00", "1 00", "3 10", "3 10", "2 12"}, steps); d != "" {
		t.Error(d)
	}
}

func TestEveryoneHoldsEverybody(t *testing.T) {
	o := start(t, acme())
	noError(t, o.AddUser(oktatest.User{Login: "new@acme.com"}))
	noError(t, o.DeleteUser("out@acme.com"))
	ids, _ := o.walk("/api/v1/groups/00g0000000everyone00/users")
	if len(ids) != 4 {
		t.Errorf("%d people, want 4", len(ids))
	}
	before, err := o.UserID("new@acme.com")
	noError(t, err)
	noError(t, o.DeleteUser("new@acme.com"))
	noError(t, o.AddUser(oktatest.User{Login: "new@acme.com"}))
	if after, err := o.UserID("new@acme.com"); err != nil || after == before {
		t.Errorf("a person made anew is another one: %s, %v", after, err)
	}
}

func TestUnknownNamesAreErrors(t *testing.T) {
	o := start(t, acme())
	for name, err := range map[string]error{
		"user": o.SetStatus("x", "ACTIVE"), "status": o.SetStatus("ada@acme.com", "AWAY"), "group": o.AddMember("x", "ada@acme.com"),
		"member": o.AddMember("Staff", "x"), "assignment": o.SetRole("out@acme.com", "admin"), "app status": o.SetAppStatus("x"),
		"taken": o.AddUser(oktatest.User{Login: "ADA@acme.com"}), "name": o.RenameGroup("Staff", "leads"), "push": o.RemovePushMapping("Everyone"),
		"login": o.SetLogin("ada@acme.com", "bob@acme.com"), "attribute": o.SetAppProfile("ada@acme.com", map[string]any{"x": 1}),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "oktatest: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestTheDeactivatedAreListedOnlyWhenAskedFor(t *testing.T) {
	in := acme()
	in.Users[1].Status = "DEPROVISIONED"
	o := start(t, in)
	o.isNow("a member who is deactivated from the start is not assigned", ada, "eve@acme.com GROUP Staff [member]")
	const bob = "00u00000000000000bob"
	for path, want := range map[string]bool{
		"/api/v1/users": false, `/api/v1/users?filter=status+eq+"DEPROVISIONED"`: true, `/api/v1/users?filter=status+eq+"SUSPENDED"`: false,
		`/api/v1/users?search=profile.firstName+sw+"bo"`: true, `/api/v1/users?filter=id+eq+"` + bob + `"+or+status+eq+"SUSPENDED"`: true,
		"/api/v1/groups/00g000000000000staff/users": true,
	} {
		if ids, _ := o.walk(path); slices.Contains(ids, bob) != want {
			t.Errorf("%s: %v, want bob in it: %v", path, ids, want)
		}
	}
}
