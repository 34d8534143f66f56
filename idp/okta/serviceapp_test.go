package okta_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/idp"
	"scim-sync/idp/okta"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/transport"
)

// The emulated org takes what is sent, with and without DPoP; its clock may be
// far from ours; any number of requests share one token.
func TestServiceAppSignsIn(t *testing.T) {
	public, _ := x509.MarshalPKIXPublicKey(&serviceKey().PublicKey)
	for _, dpop := range []bool{true, false} {
		for _, skew := range []time.Duration{0, 3 * time.Hour, -3 * time.Hour} {
			t.Run(fmt.Sprintf("dpop %v skew %s", dpop, skew), func(t *testing.T) {
				server, err := oktatest.New(oktatest.Org{
					App: oktatest.App{ID: "0oaapp00000000000000"},
					ServiceApps: []oktatest.ServiceApp{{ClientID: "0oaservice", KeyID: "k1", DPoP: dpop,
						PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), Scopes: []string{"okta.apps.read", "okta.groups.read"}}},
				}, oktatest.WithRateLimits(oktatest.NoLimits()), oktatest.WithClock(func() time.Time { return time.Now().Add(skew) }))
				if err != nil {
					t.Fatal(err)
				}
				web := httptest.NewServer(server)
				defer web.Close()
				o := serviceOptions(t, web.URL)
				o.DPoP = dpop
				app, tr := through(t, o, web)
				defer app.CloseIdleConnections()
				read := func() {
					var wg sync.WaitGroup
					for range 16 {
						wg.Go(func() {
							r, _ := http.NewRequestWithContext(t.Context(), "GET", web.URL+"/api/v1/apps/0oaapp00000000000000?x=1", nil)
							resp, err := tr.RoundTrip(r)
							if err != nil || resp.StatusCode != 200 {
								t.Errorf("%v, %v", resp, err)
							}
						})
					}
					wg.Wait()
				}
				read()
				tokens := len(asked(server))
				if most := 3; tokens > most || dpop && tokens < 2 {
					t.Errorf("%d token requests", tokens)
				}
				server.RenewNonce()
				server.RevokeTokens()
				server.ResetLog()
				read()
				ok, refused := 0, 0
				for _, r := range server.Requests() {
					if r.Path == "/oauth2/v1/token" && r.Query != "" {
						t.Error("something was sent in the query")
					}
					if r.Path != "/oauth2/v1/token" {
						if r.Status == 200 {
							ok++
						} else {
							refused++
						}
					}
				}
				if ok != 16 || refused > 16 || len(asked(server)) > 2*16 {
					t.Errorf("after the tokens were revoked: %d answered, %d refused, %d token requests", ok, refused, len(asked(server)))
				}
				if scopes, err := app.SignIn(t.Context()); err != nil || !slices.Equal(scopes, []string{"okta.apps.read", "okta.groups.read"}) {
					t.Errorf("scopes %v, %v", scopes, err)
				}
			})
		}
	}
}

func asked(s *oktatest.Server) (all []oktatest.Request) {
	for _, r := range s.Requests() {
		if r.Path == "/oauth2/v1/token" {
			all = append(all, r)
		}
	}
	return all
}

// A token is renewed a minute before its end, not before, and each proof says
// what RFC 9449 asks for.
func TestServiceAppRenewsBeforeTheEnd(t *testing.T) {
	serviceKey()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{token: issue("DPoP", time.Hour), api: fine}
		_, tr := scripted(t, e)
		for _, wait := range []time.Duration{0, 58 * time.Minute, 2 * time.Minute} {
			<-time.After(wait)
			if err := get(t.Context(), tr); err != nil {
				t.Fatal(err)
			}
		}
		if want := []string{"DPoP token1", "DPoP token1", "DPoP token2"}; !slices.Equal(e.authorize, want) || e.repeated {
			t.Errorf("authorized by %v, want %v; repeated %v", e.authorize, want, e.repeated)
		}
		sum := sha256.Sum256([]byte("token2"))
		last := maps.Clone(e.proofs[len(e.proofs)-1])
		if last["htm"] != "GET" || last["htu"] != "https://acme.okta.com/api/v1/groups" || last["typ"] != "dpop+jwt" || last["alg"] != "ES256" ||
			last["ath"] != base64.RawURLEncoding.EncodeToString(sum[:]) || last["nonce"] != nil {
			t.Errorf("proof %v", last)
		}
		if renewal := e.proofs[len(e.proofs)-2]; renewal["nonce"] != "n1" || renewal["htm"] != "POST" || renewal["ath"] != nil {
			t.Errorf("proof of the renewal %v", renewal)
		}
		if f := e.form[0]; f.Get("grant_type") != "client_credentials" || f.Get("scope") != "okta.apps.read okta.groups.read" {
			t.Errorf("form %v", f)
		}
	})
}

// A 401 costs one new token and one more attempt, not more; a nonce that the
// API asks for costs no token.
func TestServiceApp401(t *testing.T) {
	serviceKey()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{token: issue("DPoP", time.Hour), api: func(_ int, r *http.Request) *http.Response { return say(r, 401, "{}") }}
		_, tr := scripted(t, e)
		if err := get(t.Context(), tr); err == nil || err.Error() != "HTTP 401" || e.nt != 2 || e.na != 2 {
			t.Errorf("%v after %d token and %d other requests", err, e.nt, e.na)
		}
		e = &endpoint{token: issue("DPoP", time.Hour), api: func(n int, r *http.Request) *http.Response {
			if n == 1 {
				return say(r, 401, "{}", "WWW-Authenticate", `DPoP error="use_dpop_nonce"`, "DPoP-Nonce", "a1")
			}
			return say(r, 200, "{}", "DPoP-Nonce", fmt.Sprint("a", n))
		}}
		_, tr = scripted(t, e)
		for range 2 {
			if err := get(t.Context(), tr); err != nil {
				t.Fatal(err)
			}
		}
		var nonces []any
		for _, p := range e.proofs[1:] {
			nonces = append(nonces, p["nonce"])
		}
		if e.nt != 1 || fmt.Sprint(nonces) != "[<nil> a1 a2]" || e.repeated {
			t.Errorf("%d tokens, nonces %v", e.nt, nonces)
		}
	})
}

// Failures that pass are repeated, each time with an assertion and a proof that
// were not used before.
func TestServiceAppRepeatsTokenRequests(t *testing.T) {
	serviceKey()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{api: fine, token: func(n int, r *http.Request) *http.Response {
			switch n {
			case 1:
				return say(r, 400, `{"error":"use_dpop_nonce"}`, "DPoP-Nonce", "n0")
			case 2:
				return say(r, 429, `{}`, "Retry-After", "20")
			case 3:
				return say(r, 503, `{}`)
			}
			return issue("DPoP", time.Hour)(n, r)
		}}
		app, tr := scripted(t, e)
		if err := get(t.Context(), tr); err != nil {
			t.Fatal(err)
		}
		if e.nt != 4 || e.repeated || app.Counts().Retries != 2 {
			t.Errorf("%d token requests, repeated %v, counts %+v", e.nt, e.repeated, app.Counts())
		}
		if fmt.Sprint([]any{e.proofs[0]["nonce"], e.proofs[1]["nonce"], e.proofs[3]["nonce"]}) != "[<nil> n0 n0]" {
			t.Errorf("proofs %v", e.proofs)
		}
	})
}

// One who leaves does not take the token from those who wait with them; when
// all have left, the fetch ends, and the next begins anew.
func TestServiceAppCallersComeAndGo(t *testing.T) {
	serviceKey()
	synctest.Test(t, func(t *testing.T) {
		slow := func(n int, r *http.Request) *http.Response {
			select {
			case <-time.After(10 * time.Second):
			case <-r.Context().Done():
			}
			return issue("DPoP", time.Hour)(n, r)
		}
		e := &endpoint{token: slow, api: fine}
		_, tr := scripted(t, e)
		for _, leavers := range []int{3, 2} {
			start := time.Now()
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					if i < leavers {
						ctx, cancel = context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
						defer cancel()
					}
					err := get(ctx, tr)
					if i < leavers && (!errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 3*time.Second) {
						t.Errorf("leaver: %v after %s", err, time.Since(start))
					}
					if i >= leavers && err != nil {
						t.Errorf("who stayed: %v", err)
					}
				})
			}
			wg.Wait()
			synctest.Wait()
		}
		if e.nt != 2 || e.na != 1 {
			t.Errorf("%d token requests and %d others, want 2 and 1", e.nt, e.na)
		}
	})
}

// When renewing fails for now, the last minute of the old token is used.
func TestServiceAppUsesTheLastMinute(t *testing.T) {
	serviceKey()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{api: fine, token: func(n int, r *http.Request) *http.Response {
			if n > 1 {
				return say(r, 500, "{}")
			}
			return issue("DPoP", time.Hour)(n, r)
		}}
		_, tr := scripted(t, e)
		get(t.Context(), tr)
		<-time.After(59*time.Minute + time.Second)
		if err := get(t.Context(), tr); err != nil {
			t.Error(err)
		}
		<-time.After(time.Minute)
		if err := get(t.Context(), tr); idp.KindOf(err) != idp.Unavailable {
			t.Errorf("after its end: %v", err)
		}
		if want := []string{"DPoP token1", "DPoP token1"}; !slices.Equal(e.authorize, want) {
			t.Errorf("authorized by %v", e.authorize)
		}
	})
}

// Each refusal is an *idp.Error through the Transport, asked for once, says
// what to mend where, and shows no secret.
func TestServiceAppRefusals(t *testing.T) {
	serviceKey()
	for _, tc := range []struct {
		name string
		code int
		body string
		kind idp.ErrorKind
		hint string
	}{
		{"key", 401, `{"error":"invalid_client","error_description":"The client_assertion signature is invalid."}`, idp.Credential, "the key with the id k1"},
		{"clock", 401, `{"error":"invalid_client","error_description":"The client_assertion token is expired."}`, idp.Credential, "machine's clock"},
		{"scope", 400, `{"error":"invalid_scope","error_description":"One or more scopes are not configured."}`, idp.Credential, "grant okta.apps.read, okta.groups.read on Okta API Scopes"},
		{"proof", 400, `{"error":"invalid_dpop_proof","error_description":"The DPoP proof JWT is issued in the future."}`, idp.Credential, "Demonstrating Proof of Possession"},
		{"nonce for ever", 400, `{"error":"use_dpop_nonce"}`, idp.Credential, "Demonstrating Proof of Possession"},
		{"grant type", 400, `{"error":"unauthorized_client"}`, idp.Credential, "API Services app"},
		{"denied", 403, `{"error":"access_denied"}`, idp.Credential, "admin role"},
		{"not Okta", 404, `<html>`, idp.Setting, "okta.org_url"},
		{"sent elsewhere", 302, ``, idp.Setting, "okta.org_url"},
		{"no token", 200, `{"token_type":"DPoP","expires_in":3600}`, idp.Untrusted, "okta.org_url"},
		{"not JSON", 200, `secret<html>`, idp.Untrusted, "okta.org_url"},
		{"odd type", 200, `{"token_type":"MAC","access_token":"secret"}`, idp.Untrusted, "okta.org_url"},
		{"line break", 200, `{"token_type":"Bearer","access_token":"secret\r\nX: y"}`, idp.Untrusted, "okta.org_url"},
		{"500", 500, `{}`, idp.Unavailable, "Run again later"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &endpoint{api: fine, token: func(_ int, r *http.Request) *http.Response { return say(r, tc.code, tc.body) }}
				_, tr := scripted(t, e)
				err := get(t.Context(), tr)
				var i *idp.Error
				if !errors.As(err, &i) || i.Kind != tc.kind || !strings.Contains(i.Hint, tc.hint) {
					t.Fatalf("got %v, hint %q", err, i.Hint)
				}
				if transport.KindOf(err) != transport.Unreachable || e.na != 0 || e.nt > 1 && tc.code < 500 {
					t.Errorf("%v; %d token requests, %d others", transport.KindOf(err), e.nt, e.na)
				}
				for _, f := range e.form {
					if s := fmt.Sprintf("%v %s", err, i.Hint); strings.Contains(s, f.Get("client_assertion")) || strings.Contains(s, "secret") || strings.ContainsAny(s, "\r\n") {
						t.Errorf("%q shows a secret", s)
					}
				}
			})
		})
	}
}

// Nothing is signed for another host.
func TestServiceAppSignsForTheOrgOnly(t *testing.T) {
	e := &endpoint{api: fine, token: issue("DPoP", time.Hour)}
	app, _ := scripted(t, e)
	for _, u := range []string{"https://evil.example/api/v1/groups", "http://acme.okta.com/api/v1/groups", "https://acme.okta.com:8443/"} {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", u, nil)
		if _, err := app.RoundTrip(r); idp.KindOf(err) != idp.Setting || e.nt+e.na != 0 {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// Each request that Okta sees is counted and paced, those of the sign-in and
// those that a nonce or a new token makes necessary too.
func TestServiceAppCountsAll(t *testing.T) {
	serviceKey()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{
			token: func(n int, r *http.Request) *http.Response {
				if n == 1 {
					return say(r, 400, `{"error":"use_dpop_nonce"}`, "DPoP-Nonce", "n0")
				}
				return issue("DPoP", time.Hour)(n, r)
			},
			api: func(n int, r *http.Request) *http.Response {
				switch n {
				case 1:
					return say(r, 401, "{}", "WWW-Authenticate", `DPoP error="use_dpop_nonce"`, "DPoP-Nonce", "a1")
				case 2:
					return say(r, 401, "{}")
				}
				return say(r, 200, "{}")
			},
		}
		pacer := &tally{buckets: map[string]int{}}
		o := serviceOptions(t, "https://acme.okta.com")
		o.Transport, o.Pacer = e, pacer
		app, err := okta.NewServiceApp(o)
		if err != nil {
			t.Fatal(err)
		}
		tr := transport.New(transport.Options{Side: "okta", Base: app, Hosts: []string{"acme.okta.com"}, Pacer: pacer})
		if err := get(t.Context(), tr); err != nil {
			t.Fatal(err)
		}
		api, tokens := tr.Counts(), app.Counts()
		if e.na != 3 || e.nt != 3 || api.Requests != 3 || tokens.Requests != 3 || api.Retries+tokens.Retries != 0 || e.repeated {
			t.Errorf("%d and %d token requests; counted %+v and %+v", e.na, e.nt, api, tokens)
		}
		if pacer.buckets["groups"] != 3 || pacer.buckets["token"] != 3 {
			t.Errorf("paced %v", pacer.buckets)
		}
	})
}

// tally is a pacer that holds nobody and counts by bucket.
type tally struct {
	mu      sync.Mutex
	buckets map[string]int
}

func (c *tally) Wait(ctx context.Context, r *http.Request, _ time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buckets[okta.Bucket(r)]++
	return ctx.Err()
}

func (*tally) Observe(*http.Request, *http.Response) {}

// TestServiceAppTakesWhatIsGranted: scopes that it can do without are asked for, and
// an app that lacks them signs in all the same.
func TestServiceAppTakesWhatIsGranted(t *testing.T) {
	public, _ := x509.MarshalPKIXPublicKey(&serviceKey().PublicKey)
	need := []string{"okta.apps.read", "okta.groups.read"}
	for requests, granted := range map[int][]string{1: append(slices.Clone(need), "okta.logs.read"), 2: need} {
		server, err := oktatest.New(oktatest.Org{
			App: oktatest.App{ID: "0oaapp00000000000000"},
			ServiceApps: []oktatest.ServiceApp{{ClientID: "0oaservice", KeyID: "k1",
				PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), Scopes: granted}},
		}, oktatest.WithRateLimits(oktatest.NoLimits()))
		if err != nil {
			t.Fatal(err)
		}
		web := httptest.NewServer(server)
		defer web.Close()
		o := serviceOptions(t, web.URL)
		o.DPoP, o.Optional = false, []string{"okta.logs.read"}
		app, _ := through(t, o, web)
		defer app.CloseIdleConnections()
		if scopes, err := app.SignIn(t.Context()); err != nil || !slices.Equal(scopes, granted) {
			t.Errorf("granted %v: got %v, %v", granted, scopes, err)
		}
		if n := len(asked(server)); n != requests {
			t.Errorf("granted %v: %d token requests, not %d", granted, n, requests)
		}
	}
}
