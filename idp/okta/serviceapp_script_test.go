package okta_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"scim-sync/idp/okta"
	"scim-sync/internal/transport"
)

// endpoint is an Okta of a few lines, for what only a script can show.
type endpoint struct {
	token func(n int, r *http.Request) *http.Response // n from 1
	api   func(n int, r *http.Request) *http.Response

	mu        sync.Mutex
	nt, na    int
	seen      map[string]bool // ids of assertions and proofs
	repeated  bool
	proofs    []map[string]any
	form      []url.Values
	authorize []string
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	e.mu.Lock()
	if e.seen == nil {
		e.seen = map[string]bool{}
	}
	once := func(token string) map[string]any {
		claims := map[string]any{}
		parts := strings.Split(token, ".")
		for _, part := range parts[:2] {
			raw, _ := base64.RawURLEncoding.DecodeString(part)
			json.Unmarshal(raw, &claims)
		}
		id, _ := claims["jti"].(string)
		e.repeated = e.repeated || e.seen[id] || id == ""
		e.seen[id] = true
		return claims
	}
	if p := r.Header.Get("DPoP"); p != "" {
		e.proofs = append(e.proofs, once(p))
	}
	var answer func(int, *http.Request) *http.Response
	var n int
	if r.URL.Path == "/oauth2/v1/token" {
		e.nt++
		answer, n = e.token, e.nt
		b, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(b))
		once(form.Get("client_assertion"))
		e.form = append(e.form, form)
	} else {
		e.na++
		answer, n = e.api, e.na
		e.authorize = append(e.authorize, r.Header.Get("Authorization"))
	}
	e.mu.Unlock()
	resp := answer(n, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return resp, nil
}

func say(r *http.Request, code int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}, "X-Okta-Request-Id": {"req1"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: code, Header: h, Request: r, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}
}

func issue(kind string, life time.Duration) func(int, *http.Request) *http.Response {
	return func(n int, r *http.Request) *http.Response {
		return say(r, 200, fmt.Sprintf(`{"token_type":%q,"expires_in":%d,"access_token":"token%d","scope":"okta.apps.read"}`, kind, int(life.Seconds()), n), "DPoP-Nonce", "n1")
	}
}

func fine(_ int, r *http.Request) *http.Response { return say(r, 200, "{}") }

func scripted(t *testing.T, e *endpoint) (*okta.ServiceApp, *transport.Transport) {
	t.Helper()
	o := serviceOptions(t, "https://acme.okta.com")
	o.Transport = e
	app, err := okta.NewServiceApp(o)
	if err != nil {
		t.Fatal(err)
	}
	return app, transport.New(transport.Options{Side: "okta", Base: app, Hosts: []string{"acme.okta.com"}})
}

func get(ctx context.Context, tr http.RoundTripper) error {
	r, _ := http.NewRequestWithContext(ctx, "GET", "https://acme.okta.com/api/v1/groups?limit=1", nil)
	resp, err := tr.RoundTrip(r)
	if err == nil && resp.StatusCode != 200 {
		err = fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return err
}
