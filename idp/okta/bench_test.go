package okta

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"scim-sync/idp"
	"scim-sync/internal/idset"
	"scim-sync/internal/transport"
)

// fixed serves pages that were made beforehand, so that a benchmark measures
// the source alone.
func fixed(entries []string, size int) http.RoundTripper {
	pages := map[string]*http.Response{}
	bodies := map[string]string{}
	for from := 0; from < len(entries); from += size {
		key := ""
		if from > 0 {
			key = fmt.Sprint(from)
		}
		h := http.Header{"Content-Type": {"application/json"}}
		if from+size < len(entries) {
			h.Set("Link", fmt.Sprintf(`<?after=%d>; rel="next"`, from+size))
		}
		pages[key], bodies[key] = &http.Response{StatusCode: 200, Header: h}, "["+strings.Join(entries[from:min(from+size, len(entries))], ",")+"]"
	}
	return carrier(func(r *http.Request) (*http.Response, error) {
		key := r.URL.Query().Get("after")
		resp := *pages[key]
		resp.Header = resp.Header.Clone()
		if l := resp.Header.Get("Link"); l != "" {
			resp.Header.Set("Link", "<"+r.URL.Path+l[1:])
		}
		resp.Body, resp.ContentLength, resp.Request = readCloser(bodies[key]), int64(len(bodies[key])), r
		return &resp, nil
	})
}

func benchSource(b *testing.B, t http.RoundTripper) *Source {
	s, err := New(b.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, RoleAttribute: "roles", Transport: t})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkAppUsers reads 10,000 app users with their Okta users, 20 pages.
func BenchmarkAppUsers(b *testing.B) {
	const n = 10_000
	s := benchSource(b, fixed(appUsers(n), appUserPage))
	b.ReportAllocs()
	var people []idp.Person
	var err error
	for b.Loop() {
		if people, err = s.listPeople(b.Context(), s.newUserDecoder(idset.NewDictionary()), func(string, int) {}); err != nil || len(people) != n {
			b.Fatal(len(people), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/person")
	with := heap()
	runtime.KeepAlive(people)
	people = nil //nolint:ineffassign // so that the next reading of the heap is without it
	b.ReportMetric((with-heap())/n, "kept-B/person")
}

func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkMembers reads a group of 20,000 members, 20 pages.
func BenchmarkMembers(b *testing.B) {
	const n = 20_000
	s := benchSource(b, fixed(members(n), memberPage))
	texts := idset.NewDictionary()
	b.ReportAllocs()
	for b.Loop() {
		read, err := s.listMembers(b.Context(), idp.GroupRef{ID: "00g1", Name: "G"}, texts)
		if err != nil || read.ids.Len() != n {
			b.Fatal(read.ids.Len(), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/member")
}

// BenchmarkDirectory reads 100,000 people and 2,000 groups of 500, through a transport
// that lends its answers: what a plan of a large company reads of Okta.
func BenchmarkDirectory(b *testing.B) {
	const people, groups, size = 100_000, 2_000, 500
	lists := map[string]http.RoundTripper{appRoot + "/users": fixed(appUsers(people), appUserPage)}
	var assigned []string
	for g := range groups {
		assigned = append(assigned, assignment(g, fmt.Sprint("Team ", g)))
	}
	lists[appRoot+"/groups"] = fixed(assigned, assignmentPage)
	everybody := members(people)
	var teams []http.RoundTripper // some hundred lists serve for all
	for from := 0; from < people; from += size {
		teams = append(teams, fixed(everybody[from:from+size], memberPage))
	}
	for g := range groups {
		lists["/api/v1/groups/"+groupIDN(g)+"/users"] = teams[g%len(teams)]
	}
	other := map[string]string{appRoot: fmt.Sprintf(`{"id":%q,"label":"Attio","status":"ACTIVE"}`, testApp), "/api/v1/groups": "[]"}
	s := benchSource(b, transport.New(transport.Options{Hosts: []string{"acme.okta.com"}, Base: carrier(func(r *http.Request) (*http.Response, error) {
		if list := lists[r.URL.Path]; list != nil {
			return list.RoundTrip(r)
		}
		body, ok := other[r.URL.Path]
		if !ok {
			b.Errorf("asked for %s", r.URL)
		}
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: readCloser(body), ContentLength: int64(len(body)), Request: r}, nil
	})}))
	b.ReportAllocs()
	for b.Loop() {
		dir, err := s.Directory(b.Context(), idp.Query{Teams: idp.AssignedGroups})
		if err != nil || len(dir.People) != people || len(dir.Groups) != groups || dir.Groups[7].Members.Len() != size {
			b.Fatal(len(dir.People), len(dir.Groups), err)
		}
	}
}
