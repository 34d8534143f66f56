package commands

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWhatLooksDoesNotWait: with Okta's limit used up, status and doctor say so
// at once, with until when; they do not wait until it is over.
func TestWhatLooksDoesNotWait(t *testing.T) {
	p := serve(t, nil)
	if r := p.run("apply", "--yes", "--first-run"); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.errors)
	}
	app := p.env["SCIM_SYNC_OKTA_ORG_URL"] + "/api/v1/apps/" + p.env["SCIM_SYNC_OKTA_APP_ID"]
	for _, path := range []string{app, app + "/users"} {
		for used := false; !used; {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			must(t, err)
			r.Header.Set("Authorization", "SSWS "+p.env["SCIM_SYNC_OKTA_API_TOKEN"])
			resp, err := http.DefaultClient.Do(r)
			must(t, err)
			_ = resp.Body.Close()
			used = resp.StatusCode == http.StatusTooManyRequests
		}
	}
	began := time.Now()
	if r := p.run("status"); r.code != 0 || !strings.Contains(r.out, "Okta: unknown: Okta's rate limit is used up until ") {
		t.Errorf("status: exit %d: %s%s", r.code, r.out, r.errors)
	}
	d, r := p.doctor()
	if got := strings.Join(d.with("fail"), " "); got != "okta-rate-limit" || r.code != 75 || !strings.Contains(r.out, "used up until ") {
		t.Errorf("doctor: exit %d: %s", r.code, r.out)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}
