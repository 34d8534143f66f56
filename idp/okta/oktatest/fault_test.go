package oktatest_test

import (
	"net/http"
	"strings"
	"testing"

	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/faults"
)

func TestAFaultHitsTheRequestItIsMeantFor(t *testing.T) {
	o := start(t, acme(), oktatest.WithFault(func(n int, r *http.Request) faults.Kind {
		switch {
		case n == 2:
			return faults.ServerError
		case n == 3:
			return faults.Limited
		case n == 4:
			return faults.LimitedBare
		case n == 5 && r.Method == http.MethodGet:
			return faults.RepeatedCursor
		case n == 6:
			return faults.Unavailable
		}
		return faults.None
	}))
	list := app("/users?limit=1")
	o.must(200, "GET", list, "")
	if a := o.must(500, "GET", list, ""); !strings.Contains(a.body, `"errorCode":"E0000009"`) {
		t.Error(a.body)
	}
	a := o.must(429, "GET", list, "")
	if !strings.Contains(a.body, `"errorCode":"E0000047"`) || a.header.Get("X-Rate-Limit-Limit") != "50" || a.header.Get("X-Rate-Limit-Remaining") != "0" || a.header.Get("X-Rate-Limit-Reset") == "" {
		t.Error(a)
	}
	if a = o.must(429, "GET", list, ""); a.header.Get("X-Rate-Limit-Reset") != "" {
		t.Error(a.header)
	}
	if a = o.must(200, "GET", list, ""); a.next() != o.url+list {
		t.Errorf("the next page is this page again: %q", a.next())
	}
	if a = o.must(503, "GET", list, ""); !strings.Contains(a.body, `"errorCode":"E0000010"`) {
		t.Error(a.body)
	}
	o.must(200, "GET", list, "")
}

func TestALostAnswerIsDoneAndInTheLogWithoutStatus(t *testing.T) {
	o := start(t, acme(), oktatest.WithFault(func(n int, _ *http.Request) faults.Kind {
		return map[int]faults.Kind{1: faults.AnswerLost}[n]
	}))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, o.url+app("/users"), strings.NewReader(`{"id":"00u00000000000000out"}`))
	req.Header.Set("Authorization", o.auth)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Fatalf("answered %s", resp.Status)
	}
	o.must(200, "GET", app("/users/00u00000000000000out"), "")
	if got := o.Requests()[0].Status; got != 0 {
		t.Errorf("status %d of a request that was never answered", got)
	}
}
