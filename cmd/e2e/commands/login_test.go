package commands

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/sandbox"
)

// consented is where Attio sends the browser of somebody who confirms.
func consented(t *testing.T, address, workspace string) string {
	t.Helper()
	back, err := attiotest.Visitor{Email: "ada@acme.example", Workspace: workspace}.Consent(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// signIn signs in to acme and gives the stored token.
func (p *place) signIn() string {
	p.t.Helper()
	k := p.start(p.t.Context(), false, "login", "--no-browser")
	if _, err := io.WriteString(k.in, consented(p.t, k.line(p.t), "acme")+"\n"); err != nil {
		p.t.Fatal(err)
	}
	if r := k.end(); r.code != 0 {
		p.t.Fatalf("login ended with %d: %s%s", r.code, r.out, r.errors)
	}
	r := p.run("token")
	return strings.TrimSpace(r.out)
}

// TestPaste: with --no-browser the address that the browser ends at may be
// pasted; what is no such address is said so and waited on.
func TestPaste(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	k := p.start(t.Context(), false, "login", "--no-browser")
	address := k.line(t)
	for _, line := range []string{"", "what shall I paste?", consented(t, address, "acme")} {
		if _, err := io.WriteString(k.in, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	r := k.end()
	if r.code != 0 || !strings.Contains(r.out, "Signed in to Acme") || !strings.Contains(r.errors, "Not taken: that is not the address") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
}

// TestEndOfInputIsNoFailure: without anybody at standard input the sign-in
// goes on listening, and the token goes into the keyring.
func TestEndOfInputIsNoFailure(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	k := p.start(t.Context(), false, "login", "--no-browser")
	_ = k.in.Close()
	shown := get(t, consented(t, k.line(t), "acme"))
	r := k.end()
	if r.code != 0 || !strings.Contains(shown, "Signed in to Acme") || !strings.Contains(r.out, "kept in the keyring") {
		t.Fatalf("exit %d: %s%s; the page: %s", r.code, r.out, r.errors, shown)
	}
	id := p.box.Attio.Snapshot().Workspace.ID
	secret, err := keyring.Get("scim-sync", id)
	if err != nil || secret == "" {
		t.Fatalf("the keyring has %q %v", secret, err)
	}
	token := strings.TrimSpace(p.run("token").out)
	for name, text := range files(t, p.home) {
		if strings.Contains(text, token) {
			t.Errorf("the token is also in %s", name)
		}
	}
	if r := p.run("plan"); r.code != 0 {
		t.Errorf("plan ended with %d: %s", r.code, r.errors)
	}
	if r := p.run("logout"); r.code != 0 || !strings.Contains(r.out, "gone from the keyring") {
		t.Errorf("logout ended with %d: %s", r.code, r.out)
	}
	if _, err := keyring.Get("scim-sync", id); err == nil {
		t.Error("the token is still in the keyring")
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return string(text)
}

// TestAsksForTheWorkspace: where no workspace is configured, the one that was
// chosen is shown and asked about; only yes keeps it.
func TestAsksForTheWorkspace(t *testing.T) {
	for answer, want := range map[string]int{"yes": 0, "no": 1, "": 1} {
		p := serve(t, nil)
		delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
		delete(p.env, "SCIM_SYNC_ATTIO_WORKSPACE")
		k := p.start(t.Context(), true, "login", "--no-browser")
		shown := get(t, consented(t, k.line(t), "globex"))
		if _, err := io.WriteString(k.in, answer+"\n"); err != nil {
			t.Fatal(err)
		}
		r := k.end()
		if r.code != want || !strings.Contains(r.errors, "the workspace Globex (globex)") || !strings.Contains(shown, "Globex (globex)") {
			t.Errorf("%q: exit %d: %s%s; the page: %s", answer, r.code, r.out, r.errors, shown)
		}
		if status := p.run("status"); (status.code == 0) != (want == 0) {
			t.Errorf("%q: status ended with %d: %s", answer, status.code, status.out)
		}
	}
}

// TestTokenIsTyped: somebody who gives a token by hand, with no workspace
// configured, is shown its workspace and asked, as after the browser.
func TestTokenIsTyped(t *testing.T) {
	for answer, want := range map[string]int{"yes": 0, "no": 1} {
		p := serve(t, nil)
		token := p.env["SCIM_SYNC_ATTIO_TOKEN"]
		delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
		delete(p.env, "SCIM_SYNC_ATTIO_WORKSPACE")
		k := p.start(t.Context(), true, "login", "--token-stdin")
		go func() { _, _ = io.WriteString(k.in, token+"\n"+answer+"\n") }() // it may end without reading
		r := k.end()
		if r.code != want || !strings.Contains(r.errors, "That is the workspace Acme (acme)") || strings.Contains(r.out, "Signed in to Acme") != (want == 0) {
			t.Errorf("%s: exit %d: %s%s", answer, r.code, r.out, r.errors)
		}
		if got := p.run("token"); (strings.TrimSpace(got.out) == token) != (want == 0) {
			t.Errorf("%s: the token kept is %q", answer, got.out)
		}
	}
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_WORKSPACE")
	if r := p.run("login", "--token-stdin"); r.code != 5 || !strings.Contains(r.errors, "no terminal to ask on") {
		t.Errorf("from a pipe: exit %d: %s", r.code, r.errors)
	}
}

// TestBusyPortAndPasting: with --no-browser a port in use is told, and pasting
// works all the same.
func TestBusyPortAndPasting(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	u, _ := url.Parse(p.env["SCIM_SYNC_ATTIO_OAUTH_REDIRECT_URL"])
	l, err := net.Listen("tcp", "127.0.0.1:"+u.Port())
	must(t, err)
	defer l.Close()
	k := p.start(t.Context(), false, "login", "--no-browser")
	_, err = io.WriteString(k.in, consented(t, k.line(t), "acme")+"\n")
	must(t, err)
	if r := k.end(); r.code != 0 || !strings.Contains(r.errors, u.Port()+" is in use by another program") || !strings.Contains(r.errors, "paste the address") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
}

// TestBusyPortAndInterrupt: a port in use ends it when nothing can be pasted
// either, and says which; Ctrl-C ends the waiting with its own code.
func TestBusyPortAndInterrupt(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	u, _ := url.Parse(p.env["SCIM_SYNC_ATTIO_OAUTH_REDIRECT_URL"])
	l, err := net.Listen("tcp", "127.0.0.1:"+u.Port())
	if err != nil {
		t.Fatal(err)
	}
	if r := p.run("login", "--no-browser"); r.code != 1 || !strings.Contains(r.errors, u.Port()) || !strings.Contains(r.errors, "redirect_url") {
		t.Errorf("exit %d: %s", r.code, r.errors)
	}
	l.Close()
	ctx, stop := context.WithCancel(t.Context())
	k := p.start(ctx, false, "login", "--no-browser")
	k.line(t)
	stop()
	if r := k.end(); r.code != 130 {
		t.Errorf("interrupted: exit %d: %s", r.code, r.errors)
	}
}

// TestExpiringTokens: should Attio ever send tokens with an end, it is kept to
// and said; with a refresh token it is renewed before.
func TestExpiringTokens(t *testing.T) {
	p := serve(t, func(w *sandbox.World) {
		w.Attio.Apps = []attiotest.App{{ClientID: "app-1", ClientSecret: "app-secret", Name: "scim-sync", TokenExpiresIn: time.Minute, Refresh: true}}
	})
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	first := p.signIn()
	if r := p.run("status"); r.code != 0 || !strings.Contains(r.out, "good until") {
		t.Errorf("status: exit %d: %s", r.code, r.out)
	}
	// A minute of life is near enough to the end to be renewed at each use.
	if second := strings.TrimSpace(p.run("token").out); second == first || second == "" {
		t.Errorf("the token was not renewed: %q", second)
	}
	if r := p.run("plan"); r.code != 0 {
		t.Errorf("plan ended with %d: %s", r.code, r.errors)
	}
	p.env["SCIM_SYNC_ATTIO_OAUTH_CLIENT_SECRET"] = "changed-since"
	if r := p.run("plan"); r.code != 6 || !strings.Contains(r.errors, "client_secret") || strings.Contains(r.errors, "changed-since") {
		t.Errorf("with another secret: exit %d: %s", r.code, r.errors)
	}
}

// TestEndWithoutRenewal: a token with an end and no refresh token is kept,
// with the date by which to sign in again, and refused after it.
func TestEndWithoutRenewal(t *testing.T) {
	p := serve(t, func(w *sandbox.World) {
		w.Attio.Apps = []attiotest.App{{ClientID: "app-1", ClientSecret: "app-secret", Name: "scim-sync", TokenExpiresIn: time.Hour}}
	})
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	k := p.start(t.Context(), false, "login", "--no-browser")
	if _, err := io.WriteString(k.in, consented(t, k.line(t), "acme")+"\n"); err != nil {
		t.Fatal(err)
	}
	if r := k.end(); r.code != 0 || !strings.Contains(r.out, "The token ends on") || !strings.Contains(r.out, "sign in again before then") {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.errors)
	}
	p.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	if r := p.run("plan"); r.code != 6 || !strings.Contains(r.errors, "ended on") || !strings.Contains(r.errors, "scim-sync login") {
		t.Errorf("after its end: exit %d: %s", r.code, r.errors)
	}
}

// TestTokenThatIsOver: a token that has ended is refused before it is kept,
// however it came.
func TestTokenThatIsOver(t *testing.T) {
	p := serve(t, func(w *sandbox.World) {
		w.Attio.Apps = []attiotest.App{{ClientID: "app-1", ClientSecret: "app-secret", Name: "scim-sync", TokenExpiresIn: time.Hour}}
	})
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	p.now = func() time.Time { return time.Now().Add(2 * time.Hour) } // by our clock it has ended
	k := p.start(t.Context(), false, "login", "--no-browser")
	_, err := io.WriteString(k.in, consented(t, k.line(t), "acme")+"\n")
	must(t, err)
	if r := k.end(); r.code != 6 || !strings.Contains(r.errors, "has ended already") || !strings.Contains(r.errors, "Nothing was stored") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
	if r := p.run("status"); r.code != 6 || !strings.Contains(r.errors, "no sign-in") {
		t.Errorf("status: exit %d: %s", r.code, r.errors)
	}
}

// TestSandboxLogin: the sign-in can be tried out against the sandbox inside
// the process; nothing is kept.
func TestSandboxLogin(t *testing.T) {
	p := serve(t, nil)
	k := p.start(t.Context(), false, "login", "--sandbox")
	_ = k.in.Close()
	address := k.line(t)
	if strings.HasPrefix(address, p.box.AttioURL) {
		t.Errorf("it leads outside: %s", address)
	}
	page := make(chan string, 1)
	back := consented(t, address, "acme")
	go func() { page <- get(t, back) }()
	if r := k.end(); r.code != 0 || !strings.Contains(r.out, "Nothing was kept") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
	if !strings.Contains(<-page, "Signed in to Acme") || len(files(t, p.home)) != 0 {
		t.Error("the page or the home folder is not as it should be")
	}
}

// TestSandboxIsSealed: with --sandbox no stored token is read, none is kept,
// and the keyring is not asked, whatever the environment says.
func TestSandboxIsSealed(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	stored := p.signIn()
	before := files(t, p.home)
	seen := len(p.box.Attio.Requests()) + len(p.box.Okta.Requests())
	if token := strings.TrimSpace(p.run("token", "--sandbox").out); token == stored || token == "" {
		t.Errorf("token --sandbox gives %q", token)
	}
	for _, args := range [][]string{{"status", "--sandbox"}, {"doctor", "--sandbox"}, {"logout", "--sandbox"}, {"plan", "--sandbox"}} {
		if r := p.run(args...); r.code != 0 || strings.Contains(r.out+r.errors, p.box.AttioURL) {
			t.Errorf("%v: exit %d: %s%s", args, r.code, r.out, r.errors)
		}
	}
	if n := len(p.box.Attio.Requests()) + len(p.box.Okta.Requests()); n != seen {
		t.Errorf("%d requests went to the place that the environment names", n-seen)
	}
	after := files(t, p.home)
	for name, text := range after {
		if before[name] != text {
			t.Errorf("%s was changed", name)
		}
	}
	if token := strings.TrimSpace(p.run("token").out); token != stored || len(after) != len(before) {
		t.Errorf("the stored token is now %q", token)
	}
}

// TestTokenShunsTerminals is about what a command line cannot show in a pipe:
// that the refusal names both ways on.
func TestTokenShunsTerminals(t *testing.T) {
	p := serve(t, nil)
	if r := p.run("token", "--help"); !strings.Contains(r.out, "--force") || !strings.Contains(r.out, "pipe") {
		t.Errorf("%s", r.out)
	}
	if got := strings.TrimSpace(p.run("token").out); got != p.env["SCIM_SYNC_ATTIO_TOKEN"] {
		t.Errorf("to a pipe it prints %q", got)
	}
}

// TestWarnsOfTheAuthor: every run warns when the token may end with the person
// behind it.
func TestWarnsOfTheAuthor(t *testing.T) {
	p := serve(t, nil)
	if r := p.run("apply", "--yes", "--first-run"); r.code != 0 || strings.Contains(r.errors, "Warning") {
		t.Fatalf("exit %d: %s", r.code, r.errors)
	}
	for _, c := range []struct {
		do   func() error
		says string
	}{
		{func() error { return p.box.Okta.Unassign("ada@acme.example") }, "not assigned in Okta any more"},
		{func() error { return p.box.Attio.SetRole("ada@acme.example", attiotest.RoleMember) }, "no admin in Attio any more"},
		{func() error { return p.box.Attio.Suspend("ada@acme.example") }, "suspended in Attio"},
	} {
		must(t, c.do())
		for _, args := range [][]string{{"plan"}, {"status"}} {
			r := p.run(args...)
			if !strings.Contains(r.out+r.errors, "ada@acme.example, who authorised the token, is "+c.says) || !strings.Contains(r.out+r.errors, "another admin") {
				t.Errorf("%v after %s: %s%s", args, c.says, r.out, r.errors)
			}
		}
	}
}
