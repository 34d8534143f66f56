package oktatest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp/okta/oktatest"
)

func TestSnapshotSaysWhoHasTheAppAndHow(t *testing.T) {
	in := acme()
	in.Groups = append(in.Groups, oktatest.Group{ID: "00g000000000000sales", Name: "Sales"})
	snap := start(t, in).Snapshot()
	want := []oktatest.PersonState{
		{ID: "00u00000000000000ada", Login: "ada@acme.com", Email: "ada@acme.com", FirstName: "Ada", LastName: "King", Status: "ACTIVE",
			Assigned: oktatest.ByName, AppStatus: "ACTIVE", Roles: []string{"admin"}},
		{ID: "00u00000000000000bob", Login: "bob@acme.com", Email: "bob@mail.acme.com", FirstName: "Bob", LastName: "Low", Status: "ACTIVE",
			Assigned: oktatest.ThroughGroup, Group: "Leads", AppStatus: "ACTIVE", Roles: []string{"member", "admin"}},
		{ID: "00u00000000000000eve", Login: "eve@acme.com", Email: "eve@acme.com", FirstName: "Eve", LastName: "Moss", Status: "SUSPENDED",
			Assigned: oktatest.ThroughGroup, Group: "Staff", AppStatus: "ACTIVE", Roles: []string{"member"}},
		{ID: "00u00000000000000out", Login: "out@acme.com", Email: "out@acme.com", FirstName: "Otto", LastName: "Utz", Status: "ACTIVE",
			Assigned: oktatest.NotAssigned, Roles: []string{}},
	}
	if d := cmp.Diff(want, snap.People); d != "" {
		t.Error(d)
	}
	groups := map[string]oktatest.GroupState{}
	for _, g := range snap.Groups {
		if g.Type != "APP_GROUP" {
			groups[g.Name] = g
		}
	}
	if d := cmp.Diff(map[string]oktatest.GroupState{
		"Everyone": {ID: "00g0000000everyone00", Name: "Everyone", Type: "BUILT_IN", Roles: []string{},
			Members: []string{"ada@acme.com", "bob@acme.com", "eve@acme.com", "out@acme.com"}},
		"Leads": {ID: "00g0000000000000lead", Name: "Leads", Type: "OKTA_GROUP", Members: []string{"bob@acme.com"}, Assigned: true,
			Roles: []string{"member", "admin"}, Push: &oktatest.PushState{Target: "Leads", Status: "ERROR", Error: "no such team"}},
		"Staff": {ID: "00g000000000000staff", Name: "Staff", Type: "OKTA_GROUP", Members: []string{"bob@acme.com", "eve@acme.com"}, Assigned: true,
			Priority: 1, Roles: []string{"member"}, Push: &oktatest.PushState{Target: "Everybody at Acme", Status: "ACTIVE"}},
		"Sales": {ID: "00g000000000000sales", Name: "Sales", Type: "OKTA_GROUP", Members: []string{}, Roles: []string{}},
	}, groups); d != "" {
		t.Error(d)
	}
}

func TestSnapshotReadsRolesAsTheyAreWritten(t *testing.T) {
	in := acme()
	in.App.RoleType = "string"
	in.AssignedGroups[0].Profile = map[string]any{"roles": "member, admin"}
	in.Assignments[0].Profile = map[string]any{"roles": 7}
	people := start(t, in).Snapshot().People
	if d := cmp.Diff([]string{"7"}, people[0].Roles); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"member", "admin"}, people[2].Roles); d != "" {
		t.Error(d)
	}
}
