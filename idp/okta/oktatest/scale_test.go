package oktatest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"scim-sync/idp/okta/oktatest"
)

// large is an org of 100,000 people and 2,000 groups of 500.
func large() oktatest.Org {
	const people, groups, size = 100_000, 2_000, 500
	o := oktatest.Org{APIToken: token, App: oktatest.App{ID: "0oa1b2c3d4e5f6g7h8i9"}}
	o.Users = make([]oktatest.User, people)
	for i := range o.Users {
		o.Users[i] = oktatest.User{Login: fmt.Sprintf("p%d@acme.com", i), FirstName: "P", LastName: fmt.Sprint(i)}
	}
	for g := range groups {
		in := oktatest.Group{Name: fmt.Sprintf("Group %d", g), Members: make([]string, size)}
		for m := range size {
			in.Members[m] = o.Users[(g*997+m*181)%people].Login
		}
		o.Groups = append(o.Groups, in)
	}
	o.Groups = append(o.Groups, oktatest.Group{Name: "Everyone", Type: "BUILT_IN"})
	o.AssignedGroups = []oktatest.GroupAssignment{{Group: "Everyone"}}
	return o
}

func BenchmarkLoadLargeOrg(b *testing.B) {
	in := large()
	for b.Loop() {
		if _, err := oktatest.New(in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPage reads one page from the middle of each large list.
func BenchmarkPage(b *testing.B) {
	s, err := oktatest.New(large(), oktatest.WithRateLimits(oktatest.NoLimits()))
	if err != nil {
		b.Fatal(err)
	}
	id, err := s.GroupID("Group 7")
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range []string{app("/users?limit=500&expand=user"), app("/users?limit=500"), "/api/v1/groups/" + id + "/users", "/api/v1/groups?limit=200"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Header.Set("Authorization", "SSWS "+token)
				w := httptest.NewRecorder()
				if s.ServeHTTP(w, r); w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
