package commands

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd"
	"scim-sync/cmd/sandbox"
	"scim-sync/idp/okta/oktatest"
)

// leaks looks for secrets, in whatever clothes.
type leaks struct {
	t       *testing.T
	secrets map[string]string // by what they are
}

// signed is what a client assertion, a proof or any other signed token looks like.
var signed = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`)

func (l leaks) search(where, text string) {
	l.t.Helper()
	for what, secret := range l.secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret)} {
			if strings.Contains(text, form) {
				l.t.Errorf("%s is in %s", what, where)
			}
		}
	}
	if found := signed.FindString(text); found != "" {
		l.t.Errorf("a signed token is in %s: %.12s…", where, found)
	}
}

// commands lists every command that the program has.
func (p *place) commands() [][]string {
	p.t.Helper()
	var all [][]string
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.HasParent() && c.Runnable() && !c.HasSubCommands() {
			all = append(all, strings.Fields(c.CommandPath())[1:])
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(cmd.Tree("test"))
	return all
}

// arguments are what makes a command do its work; the others run without.
func arguments(p *place, path []string) [][]string {
	plan := filepath.Join(p.home, "plan.json")
	switch strings.Join(path, " ") {
	case "plan":
		return [][]string{{"--out", plan}, {"--format", "json"}, {"--format", "html"}, {"--format", "markdown"}}
	case "apply":
		return [][]string{{"--yes", "--first-run", "--format", "json"}, {plan, "--yes"}}
	case "watch": // else it goes on until it is stopped
		return [][]string{{"--once", "--first-run"}}
	case "explain", "release":
		return [][]string{{"bo@acme.example"}}
	case "login":
		return [][]string{{"--no-browser", "--quiet"}}
	case "history":
		return [][]string{nil, {"--verify"}}
	case "token", "sandbox", "completion", "completion bash", "completion zsh", "completion fish", "completion powershell", "logout", "help":
		return nil // prints the token because it is asked to; serves until stopped; says nothing of settings
	}
	return [][]string{nil}
}

// everything runs every command at debug level, in both formats of the log,
// and searches all that they say.
func (l leaks) everything(p *place) {
	l.t.Helper()
	commands := p.commands()
	if len(commands) < 10 {
		l.t.Fatalf("the help names only %v", commands)
	}
	for _, format := range []string{"text", "json"} {
		for _, path := range commands {
			for _, args := range arguments(p, path) {
				line := append(append(slices.Clip(path), args...), "--log-level", "debug", "--log-format", format)
				var r result
				if path[0] == "login" {
					r = l.signIn(p, line)
				} else {
					r = p.run(line...)
				}
				l.search(fmt.Sprint(line), r.out+r.errors)
			}
		}
	}
}

// signIn signs in by pasting, and makes a secret of the code and of the state
// that belong to it.
func (l leaks) signIn(p *place, line []string) result {
	l.t.Helper()
	k := p.start(l.t.Context(), false, line...)
	first, err := readLine(k.out)
	if err != nil {
		return k.end()
	}
	if back, err := (attiotest.Visitor{Email: "ada@acme.example", Workspace: "acme"}).Consent(l.t.Context(), first); err == nil {
		u, _ := url.Parse(back)
		l.secrets["a code"] = u.Query().Get("code")
		_, _ = io.WriteString(k.in, back+"\n")
	} else { // no consent page there: any code will do
		state := regexp.MustCompile(`state=([^&]*)`).FindStringSubmatch(first)
		_, _ = io.WriteString(k.in, "?code="+l.secrets["a code"]+"&state="+state[1]+"\n")
	}
	return k.end()
}

func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := r.Read(b)
		if n == 1 && b[0] == '\n' {
			return string(line), nil
		}
		line = append(line, b[:n]...)
		if err != nil {
			return "", err
		}
	}
}

// inFiles searches everything that the commands have left, but for the one
// file that is there to keep a token.
func (l leaks) inFiles(p *place) {
	l.t.Helper()
	all := files(l.t, p.home)
	for name, text := range all {
		if strings.HasPrefix(filepath.Base(name), "token-") {
			continue
		}
		l.search(name, text)
	}
}

// keyPair makes a key of a service app, as PEM.
func keyPair(t *testing.T) (private, public string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// secretive serves a world whose credentials are told apart from all else, in
// which Okta is signed in to with a key.
func secretive(t *testing.T) (*place, leaks) {
	t.Helper()
	private, public := keyPair(t)
	l := leaks{t: t, secrets: map[string]string{
		"the client secret": "CLIENT-secret-0123456789", "the Attio token": "ATTIO-token-0123456789", "the Okta token": "OKTA-token-0123456789",
		"the private key": strings.Split(private, "\n")[5],
	}}
	p := serve(t, func(w *sandbox.World) {
		w.Okta.APIToken = l.secrets["the Okta token"]
		w.Okta.ServiceApps = []oktatest.ServiceApp{{ClientID: "0oaserviceapp0000000", KeyID: "kid1", DPoP: true, Scopes: []string{"okta.apps.read", "okta.groups.read"},
			PublicKey: public}}
		w.Attio.Tokens = []attiotest.Token{{Token: l.secrets["the Attio token"], AuthorizedBy: "ada@acme.example"}}
		w.Attio.Apps = []attiotest.App{{ClientID: "app-1", ClientSecret: l.secrets["the client secret"], Name: "scim-sync", Refresh: true, TokenExpiresIn: 3600e9}}
	})
	p.env["SCIM_SYNC_OKTA_SERVICE_APP_CLIENT_ID"] = "0oaserviceapp0000000"
	p.env["SCIM_SYNC_OKTA_SERVICE_APP_KEY_ID"] = "kid1"
	p.env["SCIM_SYNC_OKTA_SERVICE_APP_PRIVATE_KEY"] = private
	p.env["SCIM_SYNC_OKTA_SERVICE_APP_DPOP"] = "true"
	return p, l
}

// TestSecretsStayHidden: no command says a secret, at any log level, nor
// leaves one in state, journal or plan: neither with the settings' own
// credentials, nor with those of a sign-in.
func TestSecretsStayHidden(t *testing.T) {
	t.Run("settings", func(t *testing.T) {
		p, l := secretive(t)
		for _, name := range []string{"SCIM_SYNC_OKTA_SERVICE_APP_CLIENT_ID", "SCIM_SYNC_OKTA_SERVICE_APP_KEY_ID", "SCIM_SYNC_OKTA_SERVICE_APP_PRIVATE_KEY", "SCIM_SYNC_OKTA_SERVICE_APP_DPOP"} {
			delete(p.env, name)
		}
		l.everything(p)
		l.inFiles(p)
	})
	t.Run("signed in", func(t *testing.T) {
		p, l := secretive(t)
		delete(p.env, "SCIM_SYNC_OKTA_API_TOKEN")
		delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
		l.secrets["the stored token"] = p.signIn()
		if r := p.run("plan"); r.code != 0 {
			t.Fatalf("plan ended with %d: %s", r.code, r.errors)
		}
		l.everything(p)
		l.inFiles(p)
	})
}

// TestSecretsThatComeBack: a server that repeats what it was sent, in every
// place where an error may have words, gets none of it shown.
func TestSecretsThatComeBack(t *testing.T) {
	for _, status := range []int{200, 400, 401, 403, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			p, l := secretive(t)
			echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				all := r.Header.Get("Authorization") + " " + r.PostForm.Encode() + " " + strings.Join(r.PostForm["client_secret"], "") + " " + strings.Join(r.PostForm["code"], "")
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="`+all+`"`)
				w.WriteHeader(status)
				_ = json.NewEncoder(w).Encode(map[string]any{"error": "invalid_request", "error_description": all, "errorCode": "E0000011", "errorSummary": all,
					"detail": all, "message": all, "type": all, "code": all, "errorCauses": []any{map[string]string{"errorSummary": all}}})
			}))
			defer echo.Close()
			l.secrets["a code"] = "CODE-0123456789abcdef"
			for name, path := range map[string]string{"OKTA_ORG_URL": "", "ATTIO_API_URL": "", "ATTIO_SCIM_URL": "/scim/v2", "ATTIO_OAUTH_TOKEN_URL": "/oauth/token", "ATTIO_OAUTH_AUTHORIZE_URL": "/authorize"} {
				p.env["SCIM_SYNC_"+name] = echo.URL + path
			}
			for _, other := range []string{"SCIM_SYNC_OKTA_API_TOKEN", "SCIM_SYNC_OKTA_SERVICE_APP"} {
				q := *p
				q.env = maps.Clone(p.env)
				maps.DeleteFunc(q.env, func(name, _ string) bool { return strings.HasPrefix(name, other) })
				for _, line := range [][]string{{"plan"}, {"apply", "--yes", "--first-run"}, {"status"}, {"doctor"}, {"doctor", "--format", "json"}, {"login", "--no-browser"}} {
					if status == 500 && (line[0] == "plan" || line[0] == "apply") {
						continue // they repeat it for long; the checks of doctor come by the same way
					}
					line = append(line, "--log-level", "debug")
					run := q.run
					if line[0] == "login" {
						run = func(line ...string) result { return l.signIn(&q, line) }
					}
					r := run(line...)
					l.search(fmt.Sprint(line), r.out+r.errors)
					if r.code == 0 || r.code == 5 {
						t.Errorf("%v ended with %d, before it heard anything: %s", line, r.code, r.errors)
					}
				}
			}
			l.inFiles(p)
		})
	}
}

// TestTokenOfAServiceAppThatComesBack: what Okta gave for a key is in no output, in
// whatever answer and form Okta sends it back.
func TestTokenOfAServiceAppThatComesBack(t *testing.T) {
	for _, status := range []int{200, 400, 403, 404} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			p, l := secretive(t)
			given := "eyJh-ACCESS-token/0123456789+abcdef=="
			l.secrets = map[string]string{"the access token": given, "the access token in base64": base64.StdEncoding.EncodeToString([]byte(given))}
			echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if r.URL.Path == "/oauth2/v1/token" {
					_ = json.NewEncoder(w).Encode(map[string]any{"access_token": given, "token_type": "Bearer", "expires_in": 3600, "scope": "okta.apps.read okta.groups.read"})
					return
				}
				all := "asked with " + given + " and " + base64.StdEncoding.EncodeToString([]byte(given)) + " and " + url.QueryEscape(given)
				w.Header().Set("X-Okta-Request-Id", given)
				w.WriteHeader(status)
				_ = json.NewEncoder(w).Encode(map[string]any{"id": given, "label": given, "status": given, "errorCode": given, "errorSummary": all, "errorId": given,
					"errorCauses": []any{map[string]string{"errorSummary": all}}})
			}))
			defer echo.Close()
			p.env["SCIM_SYNC_OKTA_ORG_URL"], p.env["SCIM_SYNC_OKTA_SERVICE_APP_DPOP"] = echo.URL, "false"
			delete(p.env, "SCIM_SYNC_OKTA_API_TOKEN")
			for _, line := range [][]string{{"plan"}, {"apply", "--yes", "--first-run"}, {"doctor"}, {"doctor", "--format", "json"}} {
				r := p.run(append(line, "--log-level", "debug")...)
				l.search(fmt.Sprint(line), r.out+r.errors)
				if r.code == 0 || r.code == 5 {
					t.Errorf("%v ended with %d, before it heard anything: %s", line, r.code, r.errors)
				}
			}
			l.inFiles(p)
		})
	}
}

// TestStateAddressesStayHidden: what state.url holds in secret is shown by
// nothing, however the place is refused.
func TestStateAddressesStayHidden(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"postgres://127.0.0.1:1/db?user=u&password=SECRET", "s3://b/k?secret_key=SECRET", "postgres://u:SECRET@127.0.0.1:1/db",
		"s3://b/k?endpoint=http://u:SECRET@127.0.0.1:1", "file:///tmp/x.json?token=SECRET", "file:///tmp/x.json#SECRET",
	} {
		// A short one goes through the last net over the streams.
		for secret, written := range map[string]string{"hush/hush-0123456789": "hush%2Fhush-0123456789", "7Xq-z2": "7Xq-z2"} {
			t.Run(strings.ReplaceAll(address, "SECRET", written), func(t *testing.T) {
				t.Parallel()
				p := serve(t, nil)
				l := leaks{t: t, secrets: map[string]string{"the secret": secret}}
				p.env["SCIM_SYNC_STATE_URL"] = strings.ReplaceAll(address, "SECRET", written)
				for _, line := range [][]string{{"plan"}, {"status"}, {"doctor"}, {"state", "show"}, {"history"}, {"config", "validate"}, {"config", "show"}} {
					r := p.run(append(line, "--log-level", "debug")...)
					l.search(fmt.Sprint(address, line), r.out+r.errors)
					if r.code != 0 && !strings.Contains(r.out+r.errors, "state.url") {
						t.Errorf("%v does not name the setting: %s%s", line, r.out, r.errors)
					}
				}
			})
		}
	}
}

// TestBrowserGetsNoSecret: the browser's arguments hold the address alone, and
// its environment none of the settings' secrets.
func TestBrowserGetsNoSecret(t *testing.T) {
	p, l := secretive(t)
	delete(p.env, "SCIM_SYNC_OKTA_API_TOKEN")
	seen, program := filepath.Join(p.home, "seen"), filepath.Join(p.home, "browser")
	must(t, os.WriteFile(program, []byte("#!/bin/sh\n{ printf '%s\\n' \"$@\"; env; } > "+seen+".part && mv "+seen+".part "+seen+"\n"), 0o700))
	p.env["BROWSER"] = program
	p.env["PATH"] = os.Getenv("PATH")
	k := p.start(t.Context(), false, "login")
	back, err := attiotest.Visitor{Email: "ada@acme.example", Workspace: "acme"}.Consent(t.Context(), k.line(t))
	must(t, err)
	go func() {
		if resp, err := http.Get(back); err == nil {
			_ = resp.Body.Close()
		}
	}()
	if r := k.end(); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.errors)
	}
	text := awaitFile(t, seen)
	l.search("the browser's arguments and environment", text)
	if !strings.Contains(text, "HOME="+p.home) || !strings.Contains(text, "code_challenge=") {
		t.Errorf("the browser saw %s", text)
	}
}
