package oktatest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"scim-sync/idp/okta/oktatest"
)

// A test can change the org between any two requests of a reader.
func TestTheOrgChangesBetweenRequests(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*oktatest.Server) error
		want   int
	}{
		"unassign":   {func(o *oktatest.Server) error { return o.Unassign("ada@acme.com") }, 2},
		"assign":     {func(o *oktatest.Server) error { return o.Assign("out@acme.com") }, 4},
		"deactivate": {func(o *oktatest.Server) error { return o.SetStatus("bob@acme.com", "DEPROVISIONED") }, 2},
		"switch off": {func(o *oktatest.Server) error { return o.SetAppStatus("INACTIVE") }, 1},
	} {
		for _, early := range []bool{true, false} {
			var o *org
			var seen []int
			hook := func(n int, r *http.Request) {
				seen = append(seen, n)
				if n == 2 {
					noError(t, c.change(o.Server))
				}
			}
			with := oktatest.WithAfter(hook)
			if early {
				with = oktatest.WithBefore(hook)
			}
			o = start(t, acme(), with)
			var counts []int
			for range 3 {
				ids, _ := o.walk(app("/users"))
				counts = append(counts, len(ids))
			}
			want := []int{3, 3, c.want}
			if early {
				want[1] = want[2]
			}
			if !slices.Equal(counts, want) || !slices.Equal(seen, []int{1, 2, 3}) {
				t.Errorf("%s, early %v: %v people at requests %v, want %v", name, early, counts, seen, want)
			}
		}
	}
}

// One list may leave entries out while all else still shows them.
func TestAListLeavesEntriesOut(t *testing.T) {
	const bob = "00u00000000000000bob"
	out := 2
	o := start(t, acme(), oktatest.WithLeftOut(func(n int, r *http.Request, id string) bool {
		return n == out && (id == bob || strings.HasSuffix(r.URL.Path, app("/groups")) && id == "00g0000000000000lead")
	}))
	for n, path := range []string{app("/users"), app("/users"), "/api/v1/groups/00g0000000000000lead/users", app("/groups")} {
		ids, _ := o.walk(path)
		if want := map[int]int{0: 3, 1: 2, 2: 1, 3: 2}[n]; len(ids) != want {
			t.Errorf("request %d, %s: %v", n+1, path, ids)
		}
	}
	o.must(200, "GET", app("/users/"+bob), "")
	out = 6
	if ids, _ := o.walk(app("/groups")); !slices.Equal(ids, []string{"00g000000000000staff"}) {
		t.Errorf("groups %v", ids)
	}
}
