package attiotest_test

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/sample"
)

// bigSite is n people in teams of which everybody is in ten.
func bigSite(n, teams int) attiotest.Site {
	s := attiotest.Site{
		Workspace: attiotest.Workspace{Slug: "big", VerifiedDomains: []string{"big.test"}},
		Members:   make([]attiotest.Member, n), Teams: make([]attiotest.Team, teams),
		Tokens: []attiotest.Token{{Token: writer}},
	}
	for i := range teams {
		s.Teams[i].Name = fmt.Sprintf("Team %d", i)
	}
	for i := range n {
		s.Members[i].Email = fmt.Sprintf("p%d@big.test", i)
		for k := range 10 {
			t := &s.Teams[(i+k*teams/10)%teams]
			t.Members = append(t.Members, s.Members[i].Email)
		}
	}
	s.Members[0].Role = attiotest.RoleAdmin
	return s
}

// The server carries 100,000 members, 2,000 teams and 1,000,000 memberships.
func TestScale(t *testing.T) {
	n, teams := sample.Times(10_000, 100_000), sample.Times(200, 2_000)
	start := time.Now()
	srv, err := attiotest.New(bigSite(n, teams), attiotest.WithRateLimits(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("made in %s", time.Since(start))
	start = time.Now()
	seen := 0
	for at := 1; ; at += 100 {
		got := strings.Count(record(srv, "GET", fmt.Sprintf("/scim/v2/Users?startIndex=%d&count=100", at)).Body.String(), `"userName"`)
		if got == 0 {
			break
		}
		seen += got
	}
	t.Logf("walked %d users in %s", seen, time.Since(start))
	if seen != n {
		t.Fatalf("saw %d users", seen)
	}
	start, seen = time.Now(), 0
	for at := 1; at <= teams; at += 100 {
		seen += strings.Count(record(srv, "GET", fmt.Sprintf("/scim/v2/Groups?startIndex=%d&count=100", at)).Body.String(), `"$ref"`)
	}
	t.Logf("walked %d memberships in %s", seen, time.Since(start))
	if seen != n*10 {
		t.Fatalf("saw %d memberships", seen)
	}
	start = time.Now()
	snap := srv.Snapshot()
	for i := range 1000 {
		r := httptest.NewRequest("PATCH", "/scim/v2/Users/"+snap.Members[i+1].ID, strings.NewReader(setTo("active", "false")))
		r.Header.Set("Authorization", "Bearer "+writer)
		w := httptest.NewRecorder()
		if srv.ServeHTTP(w, r); w.Code != 200 {
			t.Fatal(w.Body)
		}
	}
	t.Logf("suspended 1000 in %s", time.Since(start))
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	t.Logf("heap %d MB", m.HeapAlloc>>20)
	if used := srv.Snapshot().Workspace.SeatsUsed; used != n-1000 {
		t.Errorf("%d seats used", used)
	}
}
