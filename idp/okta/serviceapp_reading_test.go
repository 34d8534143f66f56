package okta_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"scim-sync/idp"
	"scim-sync/idp/okta"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/transport"
)

// expiring revokes the token at the first list, and lets the next two requests for
// a new one fail.
type expiring struct {
	base    http.RoundTripper
	revoke  func()
	revoked atomic.Bool
	fails   atomic.Int32
}

// RoundTrip implements http.RoundTripper.
func (w *expiring) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/users") && !w.revoked.Swap(true) {
		w.revoke()
	}
	if r.URL.Path == "/oauth2/v1/token" && w.revoked.Load() && w.fails.Add(1) <= 2 {
		return say(r, 500, "{}"), nil
	}
	return w.base.RoundTrip(r)
}

// Who asks for tokens that are bound to the key takes no other, and no text shows
// a token that some answer repeats.
func TestTokenIsBoundAndHidden(t *testing.T) {
	const secret = "opaque-token-0123456789"
	for dpop, want := range map[bool]string{true: "okta.service_app.dpop", false: "E0000006"} {
		var asked atomic.Int64
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.URL.Path == "/oauth2/v1/token" {
				_, _ = io.WriteString(w, `{"token_type":"Bearer","access_token":"`+secret+`","expires_in":3600,"scope":"okta.apps.read okta.groups.read"}`)
				return
			}
			asked.Add(1)
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"errorCode":"E0000006","errorSummary":"no permission for `+secret+`"}`)
		}))
		defer web.Close()
		o := serviceOptions(t, web.URL)
		o.DPoP = dpop
		app, tr := through(t, o, web)
		s, err := okta.New(t.Context(), okta.Options{OrgURL: web.URL, AppID: "0oaapp00000000000000", Signed: true, ServiceApp: app, Transport: tr})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Directory(t.Context(), idp.Query{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) || asked.Load() > 0 == dpop {
			t.Errorf("dpop %v, asked %d times: %v", dpop, asked.Load(), err)
		}
	}
}

// A list that would rather ask for less than wait for a slow answer asks for its
// token as often as anybody: there is no smaller token.
func TestTokenIsAskedForAsOftenAsEver(t *testing.T) {
	public, _ := x509.MarshalPKIXPublicKey(&serviceKey().PublicKey)
	server, err := oktatest.New(oktatest.Org{
		App: oktatest.App{ID: "0oaapp00000000000000"}, Users: []oktatest.User{{Login: "ada@acme.example"}},
		ServiceApps: []oktatest.ServiceApp{{ClientID: "0oaservice", KeyID: "k1",
			PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), Scopes: []string{"okta.apps.read", "okta.groups.read"}}},
	}, oktatest.WithRateLimits(oktatest.NoLimits()))
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	defer web.Close()
	o := serviceOptions(t, web.URL)
	o.DPoP = false
	way := &expiring{base: transport.Connections(), revoke: server.RevokeTokens}
	o.Transport = way
	_, tr := through(t, o, web)
	s, err := okta.New(t.Context(), okta.Options{OrgURL: web.URL, AppID: "0oaapp00000000000000", Signed: true, Transport: tr})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Directory(t.Context(), idp.Query{Teams: idp.NoTeams}); err != nil || way.fails.Load() != 3 {
		t.Errorf("after %d requests for a token: %v", way.fails.Load(), err)
	}
}

// TestAnAssertionThatComesBackIsHidden: what was signed is good for a sign-in as
// long as nobody has used it, so no part of an answer that repeats it is told.
func TestAnAssertionThatComesBackIsHidden(t *testing.T) {
	for _, in := range []string{"error_description", "token_type", "X-Okta-Request-Id"} {
		var sent string
		e := &endpoint{api: fine}
		e.token = func(_ int, r *http.Request) *http.Response {
			sent = e.form[len(e.form)-1].Get("client_assertion")
			switch in {
			case "token_type":
				return say(r, 200, `{"access_token":"opaque-token","token_type":"`+sent+`"}`)
			case "error_description":
				return say(r, 401, `{"error":"invalid_client","error_description":"bad: `+sent+`"}`)
			}
			return say(r, 401, `{"error":"invalid_client"}`, in, sent)
		}
		_, tr := scripted(t, e)
		err := get(t.Context(), tr)
		var i *idp.Error
		if !errors.As(err, &i) || len(sent) < 100 {
			t.Fatalf("%s: %v, sent %q", in, err, sent)
		}
		if said := err.Error() + i.RequestID; strings.Contains(said, sent[:40]) || !strings.Contains(said, "(secret)") {
			t.Errorf("%s: %s", in, said)
		}
	}
}
