package oktatest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp/okta/oktatest"
)

const bobAsAppUser = `{
 "id": "00u00000000000000bob", "externalId": null,
 "created": "2026-02-02T12:00:00.000Z", "lastUpdated": "2026-02-02T12:00:00.000Z",
 "scope": "GROUP", "status": "ACTIVE", "statusChanged": "2026-02-02T12:00:00.000Z", "passwordChanged": null, "syncState": "DISABLED",
 "credentials": {"userName": "bob@acme.com"},
 "profile": {
  "givenName": "Bob", "familyName": "Low", "middleName": null, "honorificPrefix": null, "honorificSuffix": null, "title": null, "displayName": null,
  "nickName": null, "profileUrl": null, "primaryPhone": null, "streetAddress": null, "locality": null, "region": null, "postalCode": null,
  "country": null, "formatted": null, "preferredLanguage": null, "locale": null, "timezone": null, "userType": null, "employeeNumber": null,
  "costCenter": null, "organization": null, "division": null, "department": null, "managerValue": null, "managerDisplayName": null,
  "email": "bob@mail.acme.com", "roles": ["member", "admin"]
 },
 "_links": {
  "app": {"href": "ORG/api/v1/apps/0oa1b2c3d4e5f6g7h8i9"},
  "user": {"href": "ORG/api/v1/users/00u00000000000000bob"},
  "group": {"name": "Leads", "href": "ORG/api/v1/groups/00g0000000000000lead"}
 }
}`

const bobAsMember = `{
 "id": "00u00000000000000bob", "status": "ACTIVE", "created": "2026-02-02T12:00:00.000Z", "activated": "2026-02-02T12:00:00.000Z",
 "statusChanged": "2026-02-02T12:00:00.000Z", "lastLogin": null, "lastUpdated": "2026-02-02T12:00:00.000Z", "passwordChanged": null,
 "type": {"id": "oty1scimsync0type0d7"},
 "profile": {"firstName": "Bob", "lastName": "Low", "mobilePhone": null, "secondEmail": null, "login": "bob@acme.com", "email": "bob@mail.acme.com"},
 "credentials": {
  "password": {}, "emails": [{"value": "bob@mail.acme.com", "status": "VERIFIED", "type": "PRIMARY"}], "provider": {"type": "OKTA", "name": "OKTA"}
 },
 "_links": {"self": {"href": "ORG/api/v1/users/00u00000000000000bob"}}
}`

const staff = `{
 "id": "00g000000000000staff", "created": "2026-02-02T12:00:00.000Z", "lastUpdated": "2026-02-02T12:00:00.000Z",
 "lastMembershipUpdated": "2026-02-02T12:00:00.000Z", "objectClass": ["okta:user_group"], "type": "OKTA_GROUP",
 "profile": {"name": "Staff", "description": "who works here"},
 "_links": {
  "logo": [
   {"name": "medium", "href": "ORG/assets/img/logos/groups/odyssey/okta-medium.png", "type": "image/png"},
   {"name": "large", "href": "ORG/assets/img/logos/groups/odyssey/okta-large.png", "type": "image/png"}
  ],
  "users": {"href": "ORG/api/v1/groups/00g000000000000staff/users"},
  "apps": {"href": "ORG/api/v1/groups/00g000000000000staff/apps"}
 }
}`

const staffAssigned = `{
 "id": "00g000000000000staff", "lastUpdated": "2026-02-02T12:00:00.000Z", "priority": 1, "profile": {"roles": ["member"]},
 "_links": {
  "app": {"href": "ORG/api/v1/apps/0oa1b2c3d4e5f6g7h8i9"},
  "self": {"href": "ORG/api/v1/apps/0oa1b2c3d4e5f6g7h8i9/groups/00g000000000000staff"},
  "group": {"href": "ORG/api/v1/groups/00g000000000000staff"}
 }
}`

func TestEntriesHaveOktasShape(t *testing.T) {
	o := start(t, acme(), oktatest.WithClock(noon().now))
	o.sameJSON(bobAsAppUser, o.get(app("/users/00u00000000000000bob")).body)
	o.sameJSON(`[`+bobAsMember+`]`, o.get("/api/v1/groups/00g0000000000000lead/users").body)
	o.sameJSON(staff, o.get("/api/v1/groups/00g000000000000staff").body)
	o.sameJSON(staffAssigned, o.get(app("/groups/00g000000000000staff")).body)
	o.sameJSON(strings.TrimSuffix(staffAssigned, "\n}")+`, "_embedded": {"group": `+staff+`}}`,
		o.get(app("/groups/00g000000000000staff?expand=group")).body)
}

func TestAPushMappingHasNoFractionsAndAnErrorOnlyWhenThereIsOne(t *testing.T) {
	o := start(t, acme(), oktatest.WithClock(noon().now))
	var got []map[string]any
	if err := json.Unmarshal([]byte(o.get(app("/group-push/mappings")).body), &got); err != nil {
		t.Fatal(err)
	}
	for _, m := range got {
		target, _ := m["targetGroupId"].(string)
		var g struct {
			Type    string
			Profile struct{ Name string }
		}
		if err := json.Unmarshal([]byte(o.get("/api/v1/groups/"+target).body), &g); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"status": "ACTIVE", "errorSummary": nil, "target": "Everybody at Acme"}
		if m["sourceGroupId"] == "00g0000000000000lead" {
			want = map[string]any{"status": "ERROR", "errorSummary": "no such team", "target": "Leads"}
		}
		if d := cmp.Diff(want, map[string]any{"status": m["status"], "errorSummary": m["errorSummary"], "target": g.Profile.Name}); d != "" {
			t.Error(d)
		}
		if m["created"] != "2026-02-02T12:00:00Z" || m["lastUpdated"] != m["created"] || g.Type != "APP_GROUP" || !strings.HasPrefix(m["id"].(string), "gPm") {
			t.Errorf("mapping %v to a group of type %s", m, g.Type)
		}
	}
	if len(got) != 2 {
		t.Errorf("%d mappings, want 2", len(got))
	}
}

func TestAnAppUserCanCarryItsOktaUser(t *testing.T) {
	o := start(t, acme())
	var got struct {
		Status   string
		Embedded struct {
			User struct {
				ID, Status string
				Links      map[string]any `json:"_links"`
			}
		} `json:"_embedded"`
	}
	if err := json.Unmarshal([]byte(o.get(app("/users/00u00000000000000eve?expand=user")).body), &got); err != nil {
		t.Fatal(err)
	}
	if got.Status != "ACTIVE" || got.Embedded.User.Status != "SUSPENDED" || got.Embedded.User.Links["unsuspend"] == nil {
		t.Errorf("a suspended person stays ACTIVE in the app and is only seen by their own status: %+v", got)
	}
}

func TestTheSchemaHoldsTheRoleAttributeOrNot(t *testing.T) {
	for _, missing := range []bool{false, true} {
		in := acme()
		in.App.NoRoleAttribute, in.App.Attributes = missing, []string{"team"}
		if missing {
			in.Assignments, in.AssignedGroups = nil, nil
		}
		o := start(t, in)
		var got struct {
			Definitions struct {
				Custom, Base struct {
					Properties map[string]struct{ Type string }
				}
			}
		}
		if err := json.Unmarshal([]byte(o.get("/api/v1/meta/schemas/apps/0oa1b2c3d4e5f6g7h8i9/default").body), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]struct{ Type string }{"roles": {"array"}, "team": {"string"}}
		if missing {
			delete(want, "roles")
		}
		if d := cmp.Diff(want, got.Definitions.Custom.Properties); d != "" {
			t.Error(d)
		}
		if got.Definitions.Base.Properties["givenName"].Type != "string" {
			t.Error("the base attributes are missing")
		}
	}
}

func TestEveryAnswerCarriesOktasHeaders(t *testing.T) {
	c := noon()
	o := start(t, acme(), oktatest.WithClock(c.now))
	seen := map[string]bool{}
	for _, path := range []string{app(""), app("/users"), "/api/v1/groups", "/api/v1/nothing", app("/users/nobody")} {
		h := o.get(path).header
		for name, want := range map[string]string{
			"Date": "Mon, 02 Feb 2026 12:00:00 GMT", "Content-Type": "application/json", "Cache-Control": "no-cache, no-store",
			"Pragma": "no-cache", "Expires": "0", "X-Rate-Limit-Reset": "1770033660",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
		}
		if id := h.Get("X-Okta-Request-Id"); id == "" || seen[id] {
			t.Errorf("%s: request id %q is empty or was given before", path, id)
		} else {
			seen[id] = true
		}
	}
	if a := o.get(app("")); a.header.Get("X-Rate-Limit-Limit") != "250" || a.header.Get("X-Rate-Limit-Remaining") != "248" {
		t.Errorf("the second request to the app: %v", a.header)
	}
}

func TestTheAppIsFoundByNameAndSaysItsStatus(t *testing.T) {
	o := start(t, acme())
	find := `/api/v1/apps?q=att&filter=status+eq+%22ACTIVE%22&limit=1`
	a := o.get(find)
	var apps []struct {
		ID, Label, Status string
		Features          []string
	}
	if err := json.Unmarshal([]byte(a.body), &apps); err != nil {
		t.Fatal(err)
	}
	if len(apps) != 1 || apps[0].ID != "0oa1b2c3d4e5f6g7h8i9" || apps[0].Status != "ACTIVE" {
		t.Errorf("%+v", apps)
	}
	want := []string{`<` + o.url + `/api/v1/apps?limit=1&q=att&filter=status+eq+%22ACTIVE%22>; rel="self"`}
	if d := cmp.Diff(want, a.header.Values("Link")); d != "" {
		t.Error(d)
	}
	o.must(200, "POST", app("/lifecycle/deactivate"), "")
	if got := o.get(find).body; got != "[]" {
		t.Errorf("an app that is off is not found among the active ones: %s", got)
	}
}
