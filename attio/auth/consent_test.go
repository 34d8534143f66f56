package auth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/internal/freeport"
)

const secretText = "app-secret-0123456789"

// site is the other side: an Attio that gives tokens.
type site struct {
	*httptest.Server
	form   url.Values // of the last token request
	status int
	body   string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{status: 200, body: `{"access_token":"at-0123456789","token_type":"Bearer"}`}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		s.form = r.PostForm
		w.Header().Set("Content-Type", "application/json")
		if s.status == 302 {
			w.Header().Set("Location", "https://elsewhere.example/")
		}
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.body)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) consent(redirect string) auth.Consent {
	return auth.Consent{
		Client: auth.Client{ClientID: "app-1", ClientSecret: func() string { return secretText }, TokenURL: s.URL + "/oauth/token",
			Transport: http.DefaultTransport},
		AuthorizeURL: s.URL + "/authorize", RedirectURL: redirect, Wait: time.Minute,
	}
}

// freePort gives a redirect address on a port that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	redirect, err := freeport.Callback()
	if err != nil {
		t.Fatal(err)
	}
	return redirect
}

// page is what the browser got.
type page struct {
	status int
	text   string
	header http.Header
}

func visit(t *testing.T, address string) page {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Error(err)
		return page{}
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return page{resp.StatusCode, string(text), resp.Header}
}

// stateOf reads the state that an authorize address carries.
func stateOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("state")
}

// TestConsentGivesAToken: the address asks for what Attio documents, with
// state and PKCE; the code goes back with everything RFC 6749 asks for; the
// browser hears how it ended, and a second visit that it is over.
func TestConsentGivesAToken(t *testing.T) {
	s := newSite(t)
	redirect := freePort(t)
	flow, err := s.consent(redirect).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer flow.Close()
	u, _ := url.Parse(flow.Address())
	q := u.Query()
	if q.Get("client_id") != "app-1" || q.Get("response_type") != "code" || q.Get("redirect_uri") != redirect || len(q.Get("state")) < 22 ||
		q.Get("code_challenge_method") != "S256" || q.Has("scope") || strings.Contains(flow.Address(), secretText) {
		t.Errorf("the address is %s", flow.Address())
	}
	pages := make(chan page, 1)
	go func() { pages <- visit(t, redirect+"?code=the-code&state="+q.Get("state")) }()
	token, err := flow.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if token.Access() != "at-0123456789" || token.Refresh() != "" || !token.Expires.IsZero() {
		t.Errorf("got %q %q %v", token.Access(), token.Refresh(), token.Expires)
	}
	if f := s.form; f.Get("grant_type") != "authorization_code" || f.Get("code") != "the-code" || f.Get("client_id") != "app-1" ||
		f.Get("client_secret") != secretText || f.Get("redirect_uri") != redirect || oauth2.S256ChallengeFromVerifier(f.Get("code_verifier")) != q.Get("code_challenge") {
		t.Errorf("the token request was %v", s.form)
	}
	if p := visit(t, redirect+"?code=again&state="+q.Get("state")); p.status != 410 || !strings.Contains(p.text, "is over") {
		t.Errorf("a second callback was answered %d %s", p.status, p.text)
	}
	flow.Show(auth.Page{Good: true, Title: "Signed in to", Name: "<b>\"A&B\"</b>\u202e", Text: "o\u2066k", Facts: [][2]string{{"Workspace", "<script>x</script>"}, {"By", "x\u202ey"}}})
	p := <-pages
	if p.status != 200 || !strings.Contains(p.text, `Signed in to <bdi>&lt;b&gt;&#34;A&amp;B&#34;&lt;/b&gt;\u202e</bdi>`) || strings.Contains(p.text, "<script") ||
		!strings.Contains(p.text, `<bdi>x\u202ey</bdi>`) || strings.ContainsAny(p.text, "\u202e\u2066") {
		t.Errorf("the last page is %d %s", p.status, p.text)
	}
	if csp := p.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || p.header.Get("Referrer-Policy") != "no-referrer" || p.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the last page came with %v", p.header)
	}
	flow.Close()
	if c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(redirect, "http://"), "/callback")); err == nil {
		c.Close()
		t.Error("the port is still open")
	}
}

// TestOutcomes: each way in which a sign-in fails says what happened and what
// to do, has the kind that decides the exit code, and shows no secret.
func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		query  string // STATE is replaced
		status int
		body   string
		kind   attio.ErrorKind
		says   string
		hint   string
	}{
		"refused":              {query: "error=access_denied&error_description=The+request+was+cancelled.&state=STATE", kind: attio.NotSignedIn, says: "refused in the browser (access_denied: The request was cancelled)", hint: "choose Confirm"},
		"hostile words":        {query: "error=x%1b%5b31m&error_description=%e2%80%ae%0aout&state=STATE", kind: attio.NotSignedIn, says: "(x[31m: out)"},
		"attio is down":        {query: "error=temporarily_unavailable&state=STATE", kind: attio.Unavailable, says: "could not answer"},
		"other error":          {query: "error=unauthorized_client&state=STATE", kind: attio.NotSignedIn, says: "unauthorized_client", hint: "build.attio.com"},
		"two codes":            {query: "code=the-code&code=b&state=STATE", kind: attio.NotSignedIn, says: "code twice"},
		"wrong secret":         {status: 401, body: `{"error":"invalid_client","error_description":"Unknown client, or a wrong client secret."}`, kind: attio.NotSignedIn, says: "client id and secret (invalid_client", hint: "attio.oauth.client_secret"},
		"used code":            {status: 400, body: `{"error":"invalid_grant","error_description":"The code was used before."}`, kind: attio.NotSignedIn, says: "The code was used before", hint: "good for one use"},
		"error with 200":       {status: 200, body: `{"error":"invalid_grant"}`, kind: attio.NotSignedIn, says: "invalid_grant"},
		"no token":             {status: 200, body: `{"token_type":"Bearer"}`, kind: attio.Untrusted, says: "no access token"},
		"no json":              {status: 200, body: `<html>`, kind: attio.Untrusted, says: "malformed"},
		"other kind of token":  {status: 200, body: `{"access_token":"at-0123456789","token_type":"mac"}`, kind: attio.Untrusted, says: "not Bearer"},
		"token with a newline": {status: 200, body: `{"access_token":"at-0123\n456789"}`, kind: attio.Untrusted, says: "cannot be one"},
		"redirect":             {status: 302, kind: attio.Untrusted, says: "neither a token nor an error"},
		"page with 404":        {status: 404, body: `<html>`, kind: attio.Untrusted, says: "HTTP 404 (untrusted answer): the answer to the code cannot be believed: it is neither a token nor an error", hint: "attio.oauth.token_url"},
		"page with 401":        {status: 401, body: `<html>`, kind: attio.Untrusted, says: "neither a token nor an error", hint: "attio.oauth.token_url"},
		"other json with 400":  {status: 400, body: `{"message":"no"}`, kind: attio.Untrusted, says: "neither a token nor an error", hint: "attio.oauth.token_url"},
		"over already":         {status: 200, body: `{"access_token":"at-0123456789","token_type":"Bearer","expires_in":-5}`, kind: attio.Untrusted, says: "has ended already"},
		"error with 503":       {status: 503, body: `{"error":"invalid_client"}`, kind: attio.Unavailable, hint: "later"},
		"down":                 {status: 503, body: `{}`, kind: attio.Unavailable, hint: "later"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			if c.status != 0 {
				s.status, s.body = c.status, c.body
			}
			redirect := freePort(t)
			flow, err := s.consent(redirect).Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer flow.Close()
			query := c.query
			if query == "" {
				query = "code=the-code&state=STATE"
			}
			pages := make(chan page, 1)
			go func() {
				pages <- visit(t, redirect+"?"+strings.ReplaceAll(query, "STATE", stateOf(t, flow.Address())))
			}()
			_, err = flow.Token(t.Context())
			var e *attio.Error
			if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Error(), c.says) || !strings.Contains(e.Hint, c.hint) || e.Hint == "" {
				t.Fatalf("got %v (hint %q)", err, e.Hint)
			}
			for _, secret := range []string{secretText, "the-code", "at-0123", stateOf(t, flow.Address())} {
				if strings.Contains(fmt.Sprintf("%v %s", err, e.Hint), secret) {
					t.Errorf("%s is in %v", secret, err)
				}
			}
			flow.Close() // without a word: the page says that it came to nothing
			if p := <-pages; !strings.Contains(p.text, "Not signed in") {
				t.Errorf("the browser was shown %d %s", p.status, p.text)
			}
		})
	}
}

// TestOnlyTheWayBackIsAnswered: nothing but a GET of the redirect address with
// an answer in it counts, and none of the rest uses the sign-in up.
func TestOnlyTheWayBackIsAnswered(t *testing.T) {
	s := newSite(t)
	redirect := freePort(t)
	flow, err := s.consent(redirect).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer flow.Close()
	base := strings.TrimSuffix(redirect, "/callback")
	state := stateOf(t, flow.Address())
	for address, want := range map[string]int{base + "/": 404, base + "/callback/?code=a&state=" + state: 404, redirect: 400, redirect + "?state=" + state: 400} {
		if p := visit(t, address); p.status != want {
			t.Errorf("%s was answered %d, want %d", address, p.status, want)
		}
	}
	resp, err := http.Post(redirect+"?code=a&state="+state, "text/plain", nil)
	if err != nil || resp.StatusCode != 405 {
		t.Errorf("a POST was answered %v %v", resp, err)
	}
	go visit(t, redirect+"?code=the-code&state="+state)
	if _, err := flow.Token(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestForgedCallbackEndsNothing: whoever does not know the state is answered 400,
// and the wait for the right answer goes on; so it is with what is pasted, and
// with a request that names another host.
func TestForgedCallbackEndsNothing(t *testing.T) {
	s := newSite(t)
	redirect := freePort(t)
	flow, err := s.consent(redirect).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer flow.Close()
	state := stateOf(t, flow.Address())
	for _, query := range []string{
		"code=forged", "code=forged&state=", "code=forged&state=other", "code=forged&state=" + state + "&state=other",
		"error=access_denied", "error=access_denied&state=other", "code=forged&error=x&state=" + strings.ToUpper(state) + "x",
	} {
		if p := visit(t, redirect+"?"+query); p.status != 400 || strings.Contains(p.text, state) {
			t.Errorf("%s was answered %d %s", query, p.status, p.text)
		}
		if err := flow.Paste(redirect + "?" + query); err == nil || !strings.Contains(err.Error(), "another state") {
			t.Errorf("%s was pasted: %v", query, err)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, redirect+"?code=forged&state="+state, nil)
	r.Host = "attio.example"
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host was answered %v %v", resp, err)
	}
	go visit(t, redirect+"?code=the-code&state="+state)
	if _, err := flow.Token(t.Context()); err != nil || s.form.Get("code") != "the-code" {
		t.Errorf("the right answer gave %v, with the code %q", err, s.form.Get("code"))
	}
}

// TestRedirectElsewhere: an address that is not this machine cannot be
// listened at; pasting works with it all the same.
func TestRedirectElsewhere(t *testing.T) {
	s := newSite(t)
	c := s.consent("https://acme.example/callback")
	var setting *auth.SettingError
	if _, err := c.Begin(t.Context()); !errors.As(err, &setting) || !strings.Contains(setting.Hint(), "--no-browser") {
		t.Errorf("got %v", err)
	}
	c.PasteOnly = true
	flow, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer flow.Close()
	if err := flow.Paste("https://acme.example/callback"); err == nil {
		t.Error("an address without an answer was taken")
	}
	if err := flow.Paste(" 'https://acme.example/callback?code=the-code&state=" + stateOf(t, flow.Address()) + "#x'\n"); err != nil {
		t.Fatal(err)
	}
	if token, err := flow.Token(t.Context()); err != nil || token.Access() == "" {
		t.Error(err)
	}
	if err := flow.Paste("code=a&state=b"); err == nil {
		t.Error("a second answer was taken")
	}
}

// TestClosedBrowser: nobody comes back. The sign-in ends after its time, not
// before, and Ctrl-C ends it at once.
func TestClosedBrowser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := auth.Consent{
			Client:       auth.Client{ClientID: "app-1", ClientSecret: func() string { return "" }},
			AuthorizeURL: "https://app.attio.com/authorize", RedirectURL: "http://127.0.0.1:8910/callback",
			Listen: func(context.Context, string, string) (net.Listener, error) {
				return &silent{done: make(chan struct{})}, nil
			},
		}
		flow, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer flow.Close()
		began := time.Now()
		_, err = flow.Token(t.Context())
		if !attio.Is(err, attio.NotSignedIn) || !strings.Contains(err.Error(), "within 10 minutes") || time.Since(began) != 10*time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		if _, err = flow.Token(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
	})
}

// silent is a listener to which nobody comes.
type silent struct{ done chan struct{} }

func (s *silent) Accept() (net.Conn, error) { <-s.done; return nil, net.ErrClosed }
func (s *silent) Close() error {
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	return nil
}
func (s *silent) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8910} }

// TestTokenNeverPrints: no way of printing shows a token.
func TestTokenNeverPrints(t *testing.T) {
	token := auth.NewToken("at-0123456789", "rt-0123456789", time.Time{})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, shown := range []string{fmt.Sprintf(verb, token), fmt.Sprintf(verb, &token), fmt.Sprintf(verb, struct{ t auth.Token }{token})} {
			if strings.Contains(shown, "0123456789") || strings.Contains(shown, fmt.Sprintf("%x", "at-0123456789")) {
				t.Errorf("%s prints %s", verb, shown)
			}
		}
	}
}
