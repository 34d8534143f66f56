package attiotest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"scim-sync/attio/attiotest"
)

const callback = "http://localhost:8910/callback?from=attio"

func consentSite() attiotest.Site {
	s := site()
	s.Apps = []attiotest.App{{
		ClientID: "app-1", ClientSecret: "s3cret+/&", Name: "scim-sync", RedirectURIs: []string{callback},
	}}
	s.OtherWorkspaces = []attiotest.Workspace{
		{Slug: "globex", Name: "Globex", Members: []string{ada}},
		{Slug: "initech", Name: "Initech", PlainMembers: []string{ada, ben}},
	}
	return s
}

func request(t testing.TB, method, address, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func client(testing.TB) *http.Client { return http.DefaultClient }

// browser keeps cookies and stays on the served site.
type browser struct {
	*place
	c    *http.Client
	from http.Header // what a browser says of the page that a form is on
	page reply
	at   string
}

func (p *place) browser() *browser {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return &browser{place: p, c: &http.Client{Jar: jar, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(req.URL.String(), p.url) {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

func (b *browser) open(path string) *browser {
	b.t.Helper()
	b.page, b.at = send(b.t, b.c, request(b.t, "GET", b.url+path, "")), path
	return b
}

var hidden = regexp.MustCompile(`name="request" value="([^"]*)"`)

// submit sends the page's form.
func (b *browser) submit(action string, fields url.Values) *browser {
	b.t.Helper()
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(b.page.text, -1) {
		form.Set("request", html.UnescapeString(m[1]))
	}
	maps.Copy(form, fields)
	return b.post(action, form)
}

func (b *browser) post(action string, form url.Values) *browser {
	b.t.Helper()
	req := request(b.t, "POST", b.url+action, form.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	maps.Copy(req.Header, b.from)
	b.page = send(b.t, b.c, req)
	return b
}

func (b *browser) shows(status int, words ...string) {
	b.t.Helper()
	if b.page.status != status {
		b.t.Fatalf("status %d, want %d: %s", b.page.status, status, b.page.text)
	}
	text := strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(b.page.text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			b.t.Errorf("the page does not say %q: %s", w, b.page.text)
		}
	}
}

// goes is where the page redirects to outside.
func (b *browser) goes() url.Values {
	b.t.Helper()
	to, err := url.Parse(b.page.header.Get("Location"))
	if err != nil || b.page.status != 302 || !strings.HasPrefix(to.String(), "http://localhost:8910/callback?") {
		b.t.Fatalf("went %d to %q: %s", b.page.status, b.page.header.Get("Location"), b.page.text)
	}
	return to.Query()
}

func authorizeURL(change func(url.Values)) string {
	q := url.Values{"client_id": {"app-1"}, "response_type": {"code"}, "redirect_uri": {callback}, "state": {"st/&=1"}}
	if change != nil {
		change(q)
	}
	return "/authorize?" + q.Encode()
}

func (b *browser) signIn(email string) *browser {
	b.t.Helper()
	return b.open(authorizeURL(nil)).submit("/sign-in", url.Values{"email": {email}})
}

func workspaceID(b *browser, slug string) string {
	m := regexp.MustCompile(`value="([^"]+)"[^>]*><span><bdi>[^<]*</bdi><small>` + slug).FindStringSubmatch(b.page.text)
	if m == nil {
		b.t.Fatalf("%s is not offered: %s", slug, b.page.text)
	}
	return m[1]
}

func (b *browser) confirm(slug string) string {
	b.t.Helper()
	q := b.submit("/authorize", url.Values{"workspace": {workspaceID(b, slug)}, "action": {"confirm"}}).goes()
	if q.Get("state") != "st/&=1" || q.Get("code") == "" || q.Get("from") != "attio" {
		b.t.Fatalf("came back with %v", q)
	}
	return q.Get("code")
}

// redeem asks for a token; change may spoil the form.
func (p *place) redeem(code string, change func(url.Values)) reply {
	p.t.Helper()
	f := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"app-1"}, "client_secret": {"s3cret+/&"}, "redirect_uri": {callback},
	}
	if change != nil {
		change(f)
	}
	req := request(p.t, "POST", p.url+"/oauth/token", f.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(p.t, http.DefaultClient, req)
}

func TestConsent(t *testing.T) {
	p := serve(t, consentSite())
	b := p.browser()
	b.open(authorizeURL(nil)).shows(200, "Sign in to continue to scim-sync")
	b.submit("/sign-in", url.Values{"email": {"ADA@acme.test"}}).shows(200,
		"scim-sync asks for access", "Acme", "Globex", "Initech", "add, invite and suspend people", "localhost:8910", "Confirm", "Cancel")
	if !strings.Contains(b.page.text, `disabled><span><bdi>Initech`) {
		t.Error("a workspace where one is no admin can be chosen")
	}
	code := b.confirm("acme")
	r := p.redeem(code, nil)
	token, _ := r.json["access_token"].(string)
	if r.status != 200 || len(r.json) != 2 || r.json["token_type"] != "Bearer" || token == "" {
		t.Fatalf("answered %d %s", r.status, r.text)
	}
	self := p.as(token, "GET", "/v2/self", "").json
	if self["workspace_slug"] != "acme" || self["scope"] != attiotest.ScopeWrite || self["client_id"] != "app-1" {
		t.Errorf("self: %v", self)
	}
	if r := p.as(token, "GET", "/scim/v2/Users", ""); r.status != 200 {
		t.Errorf("SCIM: %d", r.status)
	}
	if p.member(ada).Sessions != 2 {
		t.Errorf("%d sessions after signing in", p.member(ada).Sessions)
	}
}

func TestATokenIsForOneWorkspace(t *testing.T) {
	p := serve(t, consentSite())
	token := p.redeem(p.browser().signIn(ada).confirm("globex"), nil).json["access_token"].(string)
	if self := p.as(token, "GET", "/v2/self", "").json; self["workspace_slug"] != "globex" {
		t.Errorf("self: %v", self)
	}
	if r := p.as(token, "GET", "/scim/v2/Users", ""); r.json["totalResults"] != 1.0 || strings.Contains(r.text, ben) {
		t.Errorf("sees another workspace: %s", r.text)
	}
}

func TestCancelSendsTheAppBack(t *testing.T) {
	p := serve(t, consentSite())
	q := p.browser().signIn(ada).submit("/authorize", url.Values{"action": {"cancel"}}).goes()
	if q.Get("error") != "access_denied" || q.Get("state") != "st/&=1" || q.Has("code") {
		t.Errorf("came back with %v", q)
	}
}

func TestOnlyAdminsConfirm(t *testing.T) {
	p := serve(t, consentSite())
	b := p.browser().signIn(ben)
	b.shows(200, "not an admin", `value="confirm" disabled`)
	b.submit("/authorize", url.Values{"workspace": {"acme"}, "action": {"confirm"}}).shows(403, "Only admins", "Use another account", `href="/authorize?`)
	b.submit("/sign-out", nil).shows(200, "Sign in to continue")
	b = p.browser().signIn(ada)
	b.submit("/authorize", url.Values{"workspace": {"initech"}, "action": {"confirm"}}).shows(403, "Only admins")
	b.open(b.at).submit("/authorize", url.Values{"workspace": {"nowhere"}, "action": {"confirm"}}).shows(400, "No workspace")
	p.browser().signIn("nobody@acme.test").shows(401, "no Attio account")
	p.browser().signIn(sue).shows(200, "not an active member of any workspace")
}

func TestSuspensionEndsTheSignIn(t *testing.T) {
	p := serve(t, consentSite())
	b := p.browser().signIn(ben)
	if err := p.Suspend(ben); err != nil {
		t.Fatal(err)
	}
	b.submit("/authorize", url.Values{"workspace": {"acme"}, "action": {"confirm"}}).shows(401, "Sign in again")
}

func TestRequestsThatCannotBeTrusted(t *testing.T) {
	p := serve(t, consentSite())
	for name, c := range map[string]struct {
		change func(url.Values)
		words  string
	}{
		"unknown client":       {func(q url.Values) { q.Set("client_id", "x") }, "Unknown app"},
		"no client":            {func(q url.Values) { q.Del("client_id") }, "Unknown app"},
		"other redirect":       {func(q url.Values) { q.Set("redirect_uri", "https://evil.test/") }, "exactly"},
		"redirect with a tail": {func(q url.Values) { q.Set("redirect_uri", callback+"/") }, "exactly"},
		"no redirect":          {func(q url.Values) { q.Del("redirect_uri") }, "exactly"},
	} {
		t.Run(name, func(t *testing.T) {
			b := p.browser().open(authorizeURL(c.change))
			b.shows(400, c.words)
			if b.page.header.Get("Location") != "" {
				t.Error("redirected all the same")
			}
		})
	}
	for code, change := range map[string]func(url.Values){
		"unsupported_response_type": func(q url.Values) { q.Set("response_type", "token") },
		"invalid_request":           func(q url.Values) { q.Set("code_challenge", "x"); q.Set("code_challenge_method", "S512") },
	} {
		if q := p.browser().open(authorizeURL(change)).goes(); q.Get("error") != code || q.Get("state") != "st/&=1" {
			t.Errorf("%s: came back with %v", code, q)
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	p := serve(t, consentSite())
	for _, origin := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"http://evil.example"}}, {"Origin": {"null"}},
	} {
		b := p.browser().signIn(ada)
		b.from = origin
		b.submit("/authorize", url.Values{"workspace": {"acme"}, "action": {"confirm"}}).shows(403, "not from here")
		b.post("/sign-in", url.Values{"email": {ben}}).shows(403, "not from here")
		b.post("/sandbox/do", url.Values{"event": {"suspend"}, "email": {ben}}).shows(403, "not from here")
	}
	if p.member(ben).Status != attiotest.Active {
		t.Error("somebody was suspended")
	}
}

func TestCodesAndSecrets(t *testing.T) {
	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	p := serve(t, consentSite(), attiotest.WithClock(func() time.Time { return now }))
	b := p.browser().signIn(ada)
	code := func() string { return b.open(authorizeURL(nil)).confirm("acme") }
	fails := func(name, code string, status int, want string, change func(url.Values)) {
		t.Helper()
		if r := p.redeem(code, change); r.status != status || r.json["error"] != want || strings.Contains(r.text, "s3cret") {
			t.Errorf("%s: %d %s, want %d %s", name, r.status, r.text, status, want)
		}
	}
	c := code()
	fails("wrong secret", c, 401, "invalid_client", func(f url.Values) { f.Set("client_secret", "x") })
	fails("no secret", c, 401, "invalid_client", func(f url.Values) { f.Del("client_secret") })
	fails("unknown client", c, 401, "invalid_client", func(f url.Values) { f.Set("client_id", "x") })
	fails("other redirect", c, 400, "invalid_grant", func(f url.Values) { f.Set("redirect_uri", "http://localhost/") })
	fails("other grant", c, 400, "unsupported_grant_type", func(f url.Values) { f.Set("grant_type", "password") })
	fails("wrong code", "x", 400, "invalid_grant", nil)
	if r := p.redeem(c, func(f url.Values) { f.Del("redirect_uri") }); r.status != 200 {
		t.Fatalf("documented parameters alone: %s", r.text)
	}
	again := code()
	token := p.redeem(again, nil).json["access_token"].(string)
	fails("code twice", again, 400, "invalid_grant", nil)
	if r := p.as(token, "GET", "/v2/self", ""); r.text != `{"active":false}` {
		t.Errorf("a code that came back leaves its token: %s", r.text)
	}
	late := code()
	now = now.Add(60 * time.Second)
	fails("late", late, 400, "invalid_grant", nil)
	gone := code()
	p.do(200, "PATCH", p.userPath(ben), setTo("appRole", `"admin"`))
	if err := p.SetRole(ada, attiotest.RoleMember); err != nil {
		t.Fatal(err)
	}
	fails("no admin any more", gone, 400, "invalid_grant", nil)
	if r := p.as("", "POST", "/oauth/token", "{}"); r.status != 400 || r.json["error"] != "invalid_request" {
		t.Errorf("JSON: %d %s", r.status, r.text)
	}
}

func TestPKCE(t *testing.T) {
	p := serve(t, consentSite())
	verifier := oauth2.GenerateVerifier()
	sum := sha256.Sum256([]byte(verifier))
	b := p.browser().signIn(ada)
	code := func() string {
		return b.open(authorizeURL(func(q url.Values) {
			q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
			q.Set("code_challenge_method", "S256")
		})).confirm("acme")
	}
	if r := p.redeem(code(), nil); r.status != 400 {
		t.Errorf("without verifier: %d", r.status)
	}
	if r := p.redeem(code(), func(f url.Values) { f.Set("code_verifier", verifier+"x") }); r.status != 400 {
		t.Errorf("wrong verifier: %d", r.status)
	}
	if r := p.redeem(code(), func(f url.Values) { f.Set("code_verifier", verifier) }); r.status != 200 {
		t.Errorf("right verifier: %d %s", r.status, r.text)
	}
}

// An independent client goes through, with Basic client authentication.
func TestOAuth2ClientWithExpiryAndRefresh(t *testing.T) {
	s := consentSite()
	s.Apps[0].TokenExpiresIn, s.Apps[0].Refresh = time.Hour, true
	now := time.Now()
	p := serve(t, s, attiotest.WithClock(func() time.Time { return now }))
	conf := oauth2.Config{
		ClientID: "app-1", ClientSecret: "s3cret+/&", RedirectURL: callback,
		Endpoint: oauth2.Endpoint{AuthURL: p.url + "/authorize", TokenURL: p.url + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader},
	}
	verifier := oauth2.GenerateVerifier()
	b := p.browser().signIn(ada)
	b.open(strings.TrimPrefix(conf.AuthCodeURL("st/&=1", oauth2.S256ChallengeOption(verifier)), p.url))
	tok, err := conf.Exchange(t.Context(), b.confirm("acme"), oauth2.VerifierOption(verifier))
	if err != nil || tok.RefreshToken == "" || tok.Expiry.IsZero() {
		t.Fatalf("%+v %v", tok, err)
	}
	now = now.Add(time.Hour)
	if r := p.as(tok.AccessToken, "GET", "/scim/v2/Users", ""); r.status != 401 {
		t.Errorf("expired and answered with %d", r.status)
	}
	tok.Expiry = now.Add(-time.Hour * 24)
	next, err := conf.TokenSource(t.Context(), tok).Token()
	if err != nil || next.AccessToken == tok.AccessToken || next.RefreshToken == tok.RefreshToken {
		t.Fatalf("%+v %v", next, err)
	}
	if r := p.as(next.AccessToken, "GET", "/scim/v2/Users", ""); r.status != 200 {
		t.Errorf("renewed and answered with %d", r.status)
	}
	if _, err = conf.TokenSource(t.Context(), tok).Token(); err == nil {
		t.Error("a refresh token was good for two uses")
	}
}

func TestSignInAsSomebodyElse(t *testing.T) {
	b := serve(t, consentSite()).browser().signIn(ben)
	b.submit("/sign-out", nil).shows(200, "Sign in to continue")
	b.submit("/sign-in", url.Values{"email": {ada}}).shows(200, "Signed in as <strong>"+ada)
}
