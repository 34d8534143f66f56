package oktatest_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp/okta/oktatest"
)

type claims = map[string]any

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func sign(t testing.TB, key crypto.Signer, header, body claims) string {
	t.Helper()
	header = maps.Clone(header)
	if _, isRSA := key.(*rsa.PrivateKey); isRSA {
		header["alg"] = "RS256"
	} else {
		header["alg"] = "ES256"
	}
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(body)
	text := b64(h) + "." + b64(c)
	sum := sha256.Sum256([]byte(text))
	if k, isRSA := key.(*rsa.PrivateKey); isRSA {
		sig, err := rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + b64(sig)
	}
	r, s, err := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), sum[:])
	if err != nil {
		t.Fatal(err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return text + "." + b64(sig)
}

func ecJWK(t testing.TB, k *ecdsa.PrivateKey) claims {
	t.Helper()
	point, err := k.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return claims{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])}
}

// service is a service app with DPoP, made by hand.
type service struct {
	*org
	clock     *clock
	key       *rsa.PrivateKey
	proofKey  *ecdsa.PrivateKey
	nonce     string
	lastProof string
}

func newService(t *testing.T, change func(*oktatest.ServiceApp)) *service {
	t.Helper()
	s := &service{clock: noon()}
	var err error
	if s.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if s.proofKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	a := oktatest.ServiceApp{ClientID: "0oaservice", KeyID: "k1", PublicKey: publicPEM(t, &s.key.PublicKey), DPoP: true, Scopes: []string{"okta.apps.read", "okta.groups.read"}}
	if change != nil {
		change(&a)
	}
	in := acme()
	in.ServiceApps = []oktatest.ServiceApp{a}
	s.org = start(t, in, oktatest.WithClock(s.clock.now))
	return s
}

func (s *service) assertion(change claims) string {
	c := claims{"iss": "0oaservice", "sub": "0oaservice", "aud": s.url + "/oauth2/v1/token", "jti": rand.Text(),
		"iat": s.clock.at.Unix(), "exp": s.clock.at.Add(5 * time.Minute).Unix()}
	maps.Copy(c, change)
	return sign(s.t, s.key, claims{"kid": "k1"}, c)
}

func (s *service) proof(method, path, accessToken string, change claims) string {
	c := claims{"htm": method, "htu": s.url + path, "iat": s.clock.at.Unix(), "jti": rand.Text()}
	if accessToken != "" {
		sum := sha256.Sum256([]byte(accessToken))
		c["ath"] = b64(sum[:])
	} else if s.nonce != "" {
		c["nonce"] = s.nonce
	}
	maps.Copy(c, change)
	s.lastProof = sign(s.t, s.proofKey, claims{"typ": "dpop+jwt", "jwk": ecJWK(s.t, s.proofKey)}, c)
	return s.lastProof
}

type tokenAnswer struct {
	Type        string `json:"token_type"`
	Expires     int    `json:"expires_in"`
	Token       string `json:"access_token"`
	Scope       string `json:"scope"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// ask asks for a token; proof "" sends none.
func (s *service) ask(assertion, proof string) (int, tokenAnswer) {
	s.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"okta.apps.read"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
	req, _ := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/oauth2/v1/token", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if proof != "" {
		req.Header.Set("DPoP", proof)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if n := resp.Header.Get("DPoP-Nonce"); n != "" {
		s.nonce = n
	}
	var out tokenAnswer
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, out
}

// signIn goes the whole way: a proof without a nonce, then one with it.
func (s *service) signIn() string {
	s.t.Helper()
	for range 2 {
		status, a := s.ask(s.assertion(nil), s.proof("POST", "/oauth2/v1/token", "", nil))
		if status == 200 {
			return a.Token
		}
	}
	s.t.Fatal("no token in two attempts")
	return ""
}

// call calls the API and gives the status, the challenge and the body.
func (s *service) call(path, scheme, accessToken, proof string) (int, string, string) {
	s.t.Helper()
	req, _ := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	req.Header.Set("Authorization", scheme+" "+accessToken)
	if proof != "" {
		req.Header.Set("DPoP", proof)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("WWW-Authenticate"), string(body)
}

func TestSignInWithDPoP(t *testing.T) {
	s := newService(t, nil)
	status, a := s.ask(s.assertion(nil), "")
	if status != 400 || a.Error != "invalid_dpop_proof" || a.Description != "The DPoP proof JWT header is missing." {
		t.Errorf("without a proof: %d %+v", status, a)
	}
	s.nonce = ""
	status, a = s.ask(s.assertion(nil), s.proof("POST", "/oauth2/v1/token", "", nil))
	if status != 400 || a.Error != "use_dpop_nonce" || a.Description != "Authorization server requires nonce in DPoP proof." || s.nonce == "" {
		t.Errorf("without a nonce: %d %+v, nonce %q", status, a, s.nonce)
	}
	status, a = s.ask(s.assertion(nil), s.proof("POST", "/oauth2/v1/token", "", nil))
	want := tokenAnswer{Type: "DPoP", Expires: 3600, Token: a.Token, Scope: "okta.apps.read"}
	if d := cmp.Diff(want, a); d != "" || status != 200 || a.Token == "" {
		t.Fatalf("with the nonce: %d %s", status, d)
	}
	if status, _, _ := s.call(app("/users?limit=3"), "DPoP", a.Token, s.proof("GET", app("/users"), a.Token, nil)); status != 200 {
		t.Errorf("a call with a proof: %d", status)
	}
	status, why, body := s.call(app("/users?limit=3"), "DPoP", a.Token, s.lastProof)
	if status != 400 || body != "" || !strings.HasPrefix(why, "DPoP algs=") || !strings.Contains(why, `error="invalid_dpop_proof", error_description="The DPoP proof JWT has already been used."`) {
		t.Errorf("the same proof again: %d %s %s", status, why, body)
	}
}

func TestACallsProofMustFitTheCall(t *testing.T) {
	s := newService(t, nil)
	tok := s.signIn()
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := app("")
	for want, proof := range map[string]string{
		"'htu' claim":                   s.proof("GET", app("/users"), tok, nil),
		"'htm' claim":                   s.proof("POST", path, tok, nil),
		"'ath' claim":                   s.proof("GET", path, "another token", nil),
		"'jti' claim":                   s.proof("GET", path, tok, claims{"jti": ""}),
		"five minutes in the past":      s.proof("GET", path, tok, claims{"iat": s.clock.at.Add(-6 * time.Minute).Unix()}),
		"header is missing":             "",
		"malformed":                     "x.y.z",
		"signature is invalid":          s.proof("GET", path, tok, nil) + "AA",
		"header is invalid":             sign(t, s.proofKey, claims{"typ": "JWT", "jwk": ecJWK(t, s.proofKey)}, claims{}),
		"not bound to the access token": func() string { s := *s; s.proofKey = other; return s.proof("GET", path, tok, nil) }(),
	} {
		status, why, _ := s.call(path, "DPoP", tok, proof)
		if status != 400 || !strings.Contains(why, want) {
			t.Errorf("%d %s, want a challenge about %s", status, why, want)
		}
	}
	if status, why, _ := s.call(path, "Bearer", tok, ""); status != 401 || !strings.Contains(why, "invalid_token") {
		t.Errorf("a bound token as bearer: %d %s", status, why)
	}
}

func TestAnAssertionIsCheckedAndGoodForOneRequest(t *testing.T) {
	s := newService(t, nil)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for want, assertion := range map[string]string{
		"The client_assertion token is expired.":                             s.assertion(claims{"exp": s.clock.at.Add(-time.Second).Unix()}),
		"The client_assertion token has an expiration too far into the futu": s.assertion(claims{"exp": s.clock.at.Add(2 * time.Hour).Unix()}),
		"The audience claim for client_assertion":                            s.assertion(claims{"aud": "https://elsewhere.okta.com/oauth2/v1/token"}),
		"Invalid value for 'client_id'":                                      s.assertion(claims{"iss": "x", "sub": "x"}),
		"signature is invalid":                                               func() string { s := *s; s.key = stranger; return s.assertion(nil) }(),
		"parsing of the client_assertion failed":                             "nonsense",
	} {
		status, a := s.ask(assertion, s.proof("POST", "/oauth2/v1/token", "", nil))
		if status != 401 || a.Error != "invalid_client" || !strings.Contains(a.Description, want) {
			t.Errorf("%d %+v, want %q", status, a, want)
		}
	}
	once := s.assertion(nil)
	if _, a := s.ask(once, s.proof("POST", "/oauth2/v1/token", "", nil)); a.Error != "use_dpop_nonce" {
		t.Fatalf("%+v", a)
	}
	status, a := s.ask(once, s.proof("POST", "/oauth2/v1/token", "", nil))
	if status != 401 || a.Description != "The client_assertion token has already been used." {
		t.Errorf("even a refused request uses it up: %d %+v", status, a)
	}
}

func TestNonceAndTokenRunOut(t *testing.T) {
	s := newService(t, nil)
	tok := s.signIn()
	s.clock.advance(3 * 24 * time.Hour)
	if _, a := s.ask(s.assertion(nil), s.proof("POST", "/oauth2/v1/token", "", nil)); a.Token == "" {
		t.Errorf("a nonce is good for three days more: %+v", a)
	}
	if status, why, body := s.call(app(""), "DPoP", tok, s.proof("GET", app(""), tok, nil)); status != 401 || body != "" || !strings.Contains(why, "The token has expired.") {
		t.Errorf("a token after its hour: %d %s", status, why)
	}
	s.RenewNonce()
	before := s.nonce
	if _, a := s.ask(s.assertion(nil), s.proof("POST", "/oauth2/v1/token", "", nil)); a.Error != "use_dpop_nonce" || s.nonce == before {
		t.Errorf("after a renewal: %+v", a)
	}
	tok = s.signIn()
	s.RevokeTokens()
	if status, _, _ := s.call(app(""), "DPoP", tok, s.proof("GET", app(""), tok, nil)); status != 401 {
		t.Errorf("a revoked token: %d", status)
	}
}

func TestScopesAndRoleBoundWhatAServiceAppSees(t *testing.T) {
	s := newService(t, nil)
	tok := s.signIn()
	status, why, _ := s.call(app("/group-push/mappings"), "DPoP", tok, s.proof("GET", app("/group-push/mappings"), tok, nil))
	if status != 403 || !strings.Contains(why, `scope="okta.apps.read okta.groups.read", error="insufficient_scope"`) {
		t.Errorf("%d %s", status, why)
	}
	s = newService(t, func(a *oktatest.ServiceApp) { a.NoAdminRole = true })
	tok = s.signIn()
	status, _, body := s.call(app(""), "DPoP", tok, s.proof("GET", app(""), tok, nil))
	if status != 403 || !strings.Contains(body, "E0000006") {
		t.Errorf("without an admin role: %d %s", status, body)
	}
	s = newService(t, func(a *oktatest.ServiceApp) { a.Scopes = []string{"okta.groups.read"} })
	if status, a := s.ask(s.assertion(nil), s.proof("POST", "/oauth2/v1/token", "", nil)); status != 400 || a.Error != "invalid_scope" {
		t.Errorf("a scope that was not granted: %d %+v", status, a)
	}
}

func TestAJWKSignsInAsWellAndWithoutDPoPTheTokenIsABearer(t *testing.T) {
	s := newService(t, nil)
	key, err := json.Marshal(claims{"kty": "RSA", "n": b64(s.key.N.Bytes()), "e": "AQAB"})
	if err != nil {
		t.Fatal(err)
	}
	in := acme()
	in.ServiceApps = []oktatest.ServiceApp{{ClientID: "0oaservice", PublicKey: string(key), Scopes: []string{"okta.apps.read"}}}
	s.org = start(t, in, oktatest.WithClock(s.clock.now))
	status, a := s.ask(s.assertion(nil), "")
	if status != 200 || a.Type != "Bearer" || s.nonce != "" {
		t.Fatalf("%d %+v nonce %q", status, a, s.nonce)
	}
	if status, _, _ := s.call(app(""), "Bearer", a.Token, ""); status != 200 {
		t.Errorf("%d", status)
	}
}
