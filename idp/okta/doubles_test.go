package okta

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scim-sync/idp"
)

func entryOf(id, status, email string) string {
	return fmt.Sprintf(`{"id":%q,"status":"ACTIVE","profile":{"email":%q,"roles":"member"},"_embedded":{"user":{"id":%q,"status":%q}}}`, id, email, id, status)
}

// Which of two entries of a list is true is for Okta to say, not for their
// places.
func TestDoublesThatContradictAreAskedFor(t *testing.T) {
	old, now, other := entryOf("00u1", "ACTIVE", "old@x.org"), entryOf("00u1", "SUSPENDED", "new@x.org"), entryOf("00u2", "ACTIVE", "b@x.org")
	for name, c := range map[string]struct {
		list  []string
		asked int
		want  string
	}{
		"the older first":  {[]string{old, other, now}, 1, "new@x.org suspended, b@x.org granted"},
		"the older last":   {[]string{now, other, old}, 1, "new@x.org suspended, b@x.org granted"},
		"thrice":           {[]string{old, now, old, other}, 1, "new@x.org suspended, b@x.org granted"},
		"twice the same":   {[]string{old, other, old}, 0, "old@x.org granted, b@x.org granted"},
		"gone by now":      {[]string{other, entryOf("00u3", "ACTIVE", "x@x.org"), entryOf("00u3", "ACTIVE", "y@x.org")}, 1, "b@x.org granted"},
		"on the next page": {[]string{old, other, now, entryOf("00u4", "ACTIVE", "d@x.org")}, 1, "new@x.org suspended, b@x.org granted, d@x.org granted"},
	} {
		o := newOrg(t)
		o.on(appRoot+"/users", paged(c.list, 2))
		o.on(appRoot+"/users/00u1", serveJSON(now))
		dir, err := o.read(t, o.source(t))
		var got []string
		for _, p := range dir.People {
			got = append(got, p.Email+" "+p.Access.String())
		}
		if n := len(o.requests(appRoot + "/users/")); err != nil || n != c.asked || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v after %d questions, %v", name, got, n, err)
		}
	}
	o := newOrg(t)
	var many []string
	for i := range 101 {
		id := userID(i)
		many = append(many, entryOf(id, "ACTIVE", "a@x.org"), entryOf(id, "ACTIVE", "b@x.org"))
	}
	o.on(appRoot+"/users", paged(many, 500))
	if _, err := o.read(t, o.source(t)); idp.KindOf(err) != idp.Untrusted || !strings.Contains(err.Error(), "more than 100 people twice") {
		t.Errorf("a list that contradicts itself all over: %v", err)
	}
}

// Two names of one group are settled by the later change, or by its id.
func TestGroupsWithTwoNamesAreSettled(t *testing.T) {
	group := func(name, at string) string {
		return fmt.Sprintf(`{"id":%q,"type":"OKTA_GROUP","lastUpdated":%q,"profile":{"name":%q}}`, groupIDN(1), at, name)
	}
	assigned := func(g string) string { return fmt.Sprintf(`{"id":%q,"_embedded":{"group":%s}}`, groupIDN(1), g) }
	then, later := group("Old", "2026-01-01T00:00:00.000Z"), group("New", "2026-01-02T00:00:00.000Z")
	undated := group("New", "")
	for name, list := range map[string][]string{
		"the older first": {then, later}, "the older last": {later, then}, "no times": {undated, group("Old", "")}, "no times, the other way": {group("Old", ""), undated},
		"the same twice": {later, later},
	} {
		o := newOrg(t)
		o.on(appRoot+"/groups", serveJSON("["+assigned(list[0])+","+assigned(list[1])+"]"))
		o.on("/api/v1/groups/"+groupIDN(1), serveJSON(later))
		o.on("/api/v1/groups/"+groupIDN(1)+"/users", serveJSON("[]"))
		o.on("/api/v1/groups", serveJSON("["+strings.Join(list, ",")+"]"))
		s := o.source(t)
		for _, q := range []idp.Query{{Teams: idp.AssignedGroups}, {Teams: idp.ListedGroups, Listed: []string{"New"}}} {
			dir, err := s.Directory(t.Context(), q)
			if err != nil || len(dir.Groups) != 1 || dir.Groups[0].Name != "New" {
				t.Errorf("%s, %s: %v, %v", name, q.Teams, dir.Groups, err)
			}
		}
		byID := slices.ContainsFunc(o.requests("/api/v1/groups/"+groupIDN(1)), func(r string) bool { return strings.HasSuffix(r, groupIDN(1)) })
		if byID != strings.HasPrefix(name, "no times") {
			t.Errorf("%s: asked by id: %v", name, byID)
		}
	}
}
