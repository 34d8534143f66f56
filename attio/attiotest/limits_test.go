package attiotest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
)

func TestRateLimits(t *testing.T) {
	now := time.Date(2026, 8, 1, 12, 0, 0, 400e6, time.UTC)
	p := serve(t, site(), attiotest.WithClock(func() time.Time { return now }), attiotest.WithRateLimits(3, 2))
	off := setTo("name.givenName", `"X"`)
	for range 2 {
		p.do(200, "PATCH", p.userPath(ben), off)
	}
	before := p.Snapshot()
	r := p.do(429, "DELETE", p.userPath(ben), "")
	want := map[string]any{"status_code": 429.0, "type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "Rate limit exceeded, please try again later"}
	if d := cmp.Diff(want, r.json); d != "" {
		t.Error(d)
	}
	if got := r.header.Get("Retry-After"); got != "Sat, 01 Aug 2026 12:00:02 GMT" {
		t.Errorf("Retry-After %q", got)
	}
	if r.header.Get("Date") != "Sat, 01 Aug 2026 12:00:00 GMT" {
		t.Errorf("Date %q", r.header.Get("Date"))
	}
	if d := cmp.Diff(before, p.Snapshot()); d != "" {
		t.Errorf("a refused request was processed:\n%s", d)
	}
	for range 3 { // reads have a limit of their own
		p.do(200, "GET", "/scim/v2/Users", "")
	}
	p.do(429, "GET", "/v2/workspace_members", "")
	now = now.Add(999 * time.Millisecond) // any sliding second, not a fixed one
	p.do(429, "PATCH", p.userPath(ben), off)
	now = now.Add(time.Millisecond)
	p.do(200, "PATCH", p.userPath(ben), off)
}

func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	for form, want := range map[attiotest.RetryAfter]string{
		attiotest.RetryAfterDate: "Sat, 01 Aug 2026 12:00:04 GMT", attiotest.RetryAfterISO: "2026-08-01T12:00:04.000Z",
		attiotest.RetryAfterSeconds: "4", attiotest.RetryAfterNone: "",
	} {
		p := serve(t, site(), attiotest.WithClock(func() time.Time { return now }), attiotest.WithRateLimits(0.25, 0),
			behaving(func(b *attiotest.Behaviour) { b.RetryAfter = form }))
		p.do(200, "GET", "/scim/v2/Schemas", "")
		if got := p.do(429, "GET", "/scim/v2/Schemas", "").header.Get("Retry-After"); got != want {
			t.Errorf("%s: %q, want %q", form, got, want)
		}
	}
}

func TestDefaultLimitsAreAttios(t *testing.T) {
	now := time.Now()
	srv, err := attiotest.New(site(), attiotest.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	for method, limit := range map[string]int{"GET": 100, "PATCH": 25} {
		passed := 0
		for range 120 {
			if w := record(srv, method, "/scim/v2/Schemas"); w.Code != 429 {
				passed++
			}
		}
		if passed != limit {
			t.Errorf("%d of %s passed, want %d", passed, method, limit)
		}
	}
}
