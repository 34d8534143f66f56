package oktatest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/idp/okta/oktatest"
)

func limits(window time.Duration, n int, buckets ...oktatest.Bucket) oktatest.Limits {
	l := oktatest.Limits{Window: window, PerWindow: map[oktatest.Bucket]int{}}
	for _, b := range buckets {
		l.PerWindow[b] = n
	}
	return l
}

func TestOneBeyondTheLimitIsA429UntilTheWindowEnds(t *testing.T) {
	c := noon() // 12:00:00.7: the window began at 12:00:00
	o := start(t, acme(), oktatest.WithClock(c.now), oktatest.WithRateLimits(limits(5*time.Second, 3, oktatest.BucketApps)))
	o.must(200, "GET", app("/users"), "")
	o.must(404, "GET", "/api/v1/apps/0oaNONE/users", "") // counts as well
	o.must(200, "GET", app("/users"), "")
	a := o.must(429, "GET", app("/groups"), "")
	if !strings.Contains(a.body, `"errorCode":"E0000047"`) || a.header.Get("X-Rate-Limit-Limit") != "3" || a.header.Get("X-Rate-Limit-Remaining") != "0" ||
		a.header.Get("X-Rate-Limit-Reset") != "1770033605" {
		t.Errorf("%v %s", a.header, a.body)
	}
	o.must(200, "GET", app(""), "")           // another bucket
	o.must(200, "GET", "/api/v1/groups", "")  // and another
	c.advance(4200 * time.Millisecond)        // 12:00:04.9
	o.must(429, "GET", app("/users"), "")     //
	c.advance(100 * time.Millisecond)         // 12:00:05.0
	a = o.must(200, "GET", app("/users"), "") //
	if a.header.Get("X-Rate-Limit-Remaining") != "2" || a.header.Get("X-Rate-Limit-Reset") != "1770033610" {
		t.Errorf("a new window: %v", a.header)
	}
	load := o.Loads()[oktatest.BucketApps]
	if want := (oktatest.Load{Requests: 6, Limited: 2, Peak: 1, Busiest: 3}); load != want {
		t.Errorf("load %+v, want %+v", load, want)
	}
}

func TestTheLongestMatchIsTheBucket(t *testing.T) {
	o := start(t, acme())
	staff := "/api/v1/groups/00g000000000000staff"
	for _, path := range []string{"/api/v1/apps", app("/users"), app("/group-push/mappings"), app(""), "/api/v1/groups", staff + "/users", staff, "/api/v1/users", "/api/v1/users/ada@acme.com", "/api/v1/meta/schemas/apps/0oa1b2c3d4e5f6g7h8i9/default"} {
		o.must(200, "GET", path, "")
	}
	want := map[oktatest.Bucket]int{oktatest.BucketApps: 3, oktatest.BucketApp: 1, oktatest.BucketGroups: 2, oktatest.BucketGroup: 1,
		oktatest.BucketUsers: 1, oktatest.BucketUser: 1, oktatest.BucketOther: 1}
	for b, n := range want {
		if got := o.Loads()[b].Requests; got != n {
			t.Errorf("%s: %d requests, want %d", b, got, n)
		}
	}
}

func TestTooManyAtOnceAreRefusedWithALimitOfNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := oktatest.New(acme(), oktatest.WithConcurrency(2), oktatest.WithLatency(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		got := map[int]int{}
		answers := make(chan *httptest.ResponseRecorder)
		for range 3 {
			go func() {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, app(""), nil)
				r.Header.Set("Authorization", "SSWS "+token)
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				answers <- w
			}()
		}
		begun := time.Now()
		for range 3 {
			w := <-answers
			if got[w.Code]++; w.Code == 429 && w.Header().Get("X-Rate-Limit-Limit")+w.Header().Get("X-Rate-Limit-Remaining") != "00" {
				t.Errorf("headers %v, want a limit and a remainder of 0", w.Header())
			}
		}
		if got[200] != 2 || got[429] != 1 {
			t.Errorf("answers %v, want two and one refusal", got)
		}
		if took := time.Since(begun); took != time.Second {
			t.Errorf("answered after %v, want the latency of 1 s", took)
		}
		if l := s.Loads()[oktatest.BucketApp]; l.Peak != 3 || l.InFlight != 0 {
			t.Errorf("load %+v", l)
		}
	})
}

func TestTheLogTellsWhatWasAskedAndStartsAnew(t *testing.T) {
	c := noon()
	o := start(t, acme(), oktatest.WithClock(c.now))
	o.get(app("/users?limit=1"))
	o.do("POST", "/oauth2/v1/token?client_assertion=secret", "")
	got := o.Requests()
	want := oktatest.Request{N: 1, Method: "GET", Path: app("/users"), Query: "limit=1", Status: 200, At: c.at, Limit: 50, Left: 49}
	if len(got) != 2 || got[0] != want {
		t.Errorf("log %+v, want %+v first", got, want)
	}
	if got[1].Query != "" || got[1].Status != 400 {
		t.Errorf("an assertion must not stay in the log: %+v", got[1])
	}
	o.ResetLog()
	o.get(app(""))
	if got = o.Requests(); len(got) != 1 || got[0].N != 1 {
		t.Errorf("log after a reset: %+v", got)
	}
}
