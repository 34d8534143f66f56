package cli

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scim-sync/cmd/view"
	"scim-sync/config"
	core "scim-sync/sync"
)

const secret = "00secret_token-to/ken+0123=456"

func begun(t *testing.T, format string) (*Program, *bytes.Buffer) {
	t.Helper()
	var b bytes.Buffer
	p := New(System{Stdin: strings.NewReader(""), Stdout: &b, Stderr: &b})
	p.Flags.LogLevel, p.Flags.LogFormat = "debug", format
	if err := p.Begin(); err != nil {
		t.Fatal(err)
	}
	p.Secret(secret)
	return p, &b
}

// TestStateAddressIsRedacted: the gate knows what an address holds in secret,
// wherever it stands there and however it is written.
func TestStateAddressIsRedacted(t *testing.T) {
	c := &config.Settings{State: config.State{URL: config.NewStateURL("s3://me:pass%2fword-1@b/k?secret_key=word%2fpass-2&region=eu-central-1")}}
	p := new(Program)
	p.Secret(secretsOf(c)...)
	const text = "pass%2fword-1 pass/word-1 pass%2Fword-1 word%2fpass-2 word/pass-2 word%2Fpass-2 eu-central-1"
	if got := p.Scrub(text); got != strings.Repeat("(secret) ", 6)+"eu-central-1" {
		t.Errorf("got %q", got)
	}
}

// TestNoSecretGetsOutEncodedOrCut: whatever the length of a text around it, in
// base64 too, in text, Markdown, HTML, JSON, an error and the log, nothing is
// left that tells a part of the secret.
func TestNoSecretGetsOutEncodedOrCut(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte("xy" + secret))
	parts := []string{secret[3:15], secret[len(secret)-15:], encoded[6:20], "_token-to", "token-to"}
	for _, before := range []int{0, 40, 430, 560, 590, 2990, 3970, 65520, 70000} {
		for _, said := range []string{secret, encoded} {
			said = strings.Repeat("e", before) + " " + said + " " + strings.Repeat("f", 200)
			step := core.Step{N: 1, Action: core.Provision, Person: &core.PersonRef{Email: said}, Reason: said}
			plan := core.Plan{Steps: []core.Step{step}, Notes: []core.Note{{Code: "x", Subject: said, Detail: said}},
				Refusals: []core.Refusal{{Code: "x", Detail: said, Remedy: said}}}
			for name, write := range map[string]func(*Program) error{
				"text":     func(p *Program) error { return view.PlanText(p.Out, plan, view.PlanOptions{}) },
				"markdown": func(p *Program) error { return view.PlanMarkdown(p.Stdout, plan) },
				"html":     func(p *Program) error { return view.PlanHTML(p.Stdout, plan) },
				"json":     func(p *Program) error { return view.PlanJSON(p.Stdout, plan) },
				"error":    func(p *Program) error { return view.Error(p.Err, errors.New(said)) },
				"log":      func(p *Program) error { p.Log.Debug("x", "said", said); return nil },
			} {
				p, b := begun(t, "text")
				if err := write(p); err != nil {
					t.Fatal(err)
				}
				for _, part := range parts {
					if strings.Contains(b.String(), part) {
						t.Errorf("%s, %d before: %q is told", name, before, part)
					}
				}
			}
		}
	}
}

// TestNoLogLineIsACommandToARunner: the log is part of what a CI runner reads.
func TestNoLogLineIsACommandToARunner(t *testing.T) {
	for format, want := range map[string]string{"text": `#\x23[error]x`, "json": `#\u0023[error]x`} {
		p, b := begun(t, format)
		p.Log.Debug("said", "name", "##[error]x")
		if !strings.Contains(b.String(), want) || strings.Contains(b.String(), "##[") {
			t.Errorf("%s: %s", format, b.String())
		}
	}
}

// TestTheBrowserGetsNoSecretThatAVariableShadows: the file names OKTA_TOKEN and
// STATE, stronger variables replace them, and the browser of login gets none of
// all these, whatever else holds them.
func TestTheBrowserGetsNoSecretThatAVariableShadows(t *testing.T) {
	dir := t.TempDir()
	file := "okta: {api_token: '${OKTA_TOKEN}'}\nattio: {token: in-the-file-alone}\nstate: {url: 'postgres://u:${STATE}@h/db'}\n"
	if err := os.WriteFile(filepath.Join(dir, "scim-sync.yaml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"HOME=/home/me", "BROWSER=firefox", "OKTA_TOKEN=shadowed-by-a-variable", "SCIM_SYNC_OKTA_API_TOKEN=in-force-1234",
		"SCIM_SYNC_ATTIO_TOKEN=in-force-5678", "MINE=in-the-file-alone", "STATE=pass-word-1", "SCIM_SYNC_STATE_URL=file:///x/state.json",
		"ALL=a in-force-1234 b", "BASE64=" + base64.StdEncoding.EncodeToString([]byte("user:in-force-5678")),
	}
	p, _ := begun(t, "text")
	p.Environ, p.Dir = environ, dir
	s, err := NewSettings(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.PublicEnviron(p); !slices.Equal(got, []string{"HOME=/home/me", "BROWSER=firefox"}) {
		t.Error(got)
	}
	if got := p.Scrub("shadowed-by-a-variable pass-word-1"); got != "(secret) (secret)" {
		t.Errorf("what is shadowed is told: %s", got)
	}
}

// TestNoTokenOfAnAddressIsQuotedBack: settings that are addresses may hold one
// by mistake, with a scheme and without.
func TestNoTokenOfAnAddressIsQuotedBack(t *testing.T) {
	for _, name := range []string{"OKTA_ORG_URL", "ATTIO_API_URL", "ATTIO_SCIM_URL", "ATTIO_OAUTH_AUTHORIZE_URL", "ATTIO_OAUTH_TOKEN_URL", "ATTIO_OAUTH_REDIRECT_URL", "STATE_URL"} {
		for _, address := range []string{"https://acme.example/x?token=hunter2222&x=1", "acme.example?token=hunter2222", "https://me:hunter2222@acme.example", "https://acme.example/#token=hunter2222", "https://ac me/?hunter2222"} {
			p, _ := begun(t, "text")
			p.Environ, p.Dir = []string{"SCIM_SYNC_" + name + "=" + address}, t.TempDir()
			_, err := NewSettings(t.Context(), p)
			if err == nil || strings.Contains(err.Error(), "hunter2222") {
				t.Errorf("%s=%s: %v", name, address, err)
			}
		}
	}
}

// TestRedactor: a secret is taken out in whatever form it is written; ordinary
// words stay, and a writer is told that all of its text was taken.
func TestRedactor(t *testing.T) {
	p, b := begun(t, "text")
	p.Secret("short", "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\nq2k0bVQ9aaaabbbb\n-----END RSA PRIVATE KEY-----\n")
	const text = `a ` + secret + `, short; q2k0bVQ9aaaabbbb` + "\n-----BEGIN RSA PRIVATE KEY-----"
	if n, err := p.Stdout.Write([]byte(text)); n != len(text) || err != nil {
		t.Errorf("wrote %d of %d: %v", n, len(text), err)
	}
	if want := "a (secret), short; (secret)\n-----BEGIN RSA PRIVATE KEY-----"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
	if _, ok := p.Stdout.(interface{ Fd() uintptr }); ok {
		t.Error("a buffer is no terminal")
	}
}
