package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const hush = "S3cr3t-value"

// secretSettings hold hush in every secret place there is.
func secretSettings(t *testing.T) *Settings {
	t.Helper()
	env := map[string]string{"SCIM_SYNC_STATE_URL": "postgres://u:" + hush + "@h/db?password=" + hush + "&sslmode=require"}
	for _, k := range keys() {
		if k.secret && k.path != "okta.api_token" {
			env[k.variable()] = hush
		}
	}
	env["SCIM_SYNC_HEARTBEAT_URL"] = "https://beat.example/" + hush
	env["SCIM_SYNC_NOTIFY"] = "[{url: 'https://hook.example/" + hush + "', format: slack}]"
	env["SCIM_SYNC_OKTA_SERVICE_APP_PRIVATE_KEY"] = "-----BEGIN K-----\\n" + hush + "\\n-----END K-----"
	return mustLoad(t, Sources{Open: memory(nil), Env: env})
}

func TestSecretsNeverShow(t *testing.T) {
	s := secretSettings(t)
	if !strings.Contains(s.Okta.ServiceApp.PrivateKey.Reveal(), "\n"+hush+"\n") || s.Attio.Token.Reveal() != hush || !strings.Contains(s.State.URL.Reveal(), hush) {
		t.Fatal("the secrets are not there at all")
	}
	type wrapper struct {
		private Settings
		Public  *Settings
		secret  Secret
		url     StateURL
	}
	values := map[string]any{
		"pointer": s, "value": *s, "secret": s.Attio.Token, "secret pointer": &s.Attio.Token, "url": s.State.URL, "oauth": s.Attio.OAuth,
		"private": wrapper{*s, s, s.Attio.Token, s.State.URL}, "map": map[Secret]Secret{s.Attio.Token: s.Attio.Token},
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%10s"} {
			hides(t, name+" "+verb, fmt.Sprintf(verb, v))
		}
		hides(t, name+" error", fmt.Errorf("x: %v", v).Error())
		if text, err := json.Marshal(v); err == nil {
			hides(t, name+" JSON", string(text))
		}
		if name != "map" {
			if text, err := yaml.Marshal(v); err == nil {
				hides(t, name+" YAML", string(text))
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		hides(t, name+" log", log.String())
	}
	var shown bytes.Buffer
	if err := s.Show(&shown); err != nil {
		t.Fatal(err)
	}
	if err := s.ShowJSON(&shown); err != nil {
		t.Fatal(err)
	}
	hides(t, "show", shown.String())
	if got := fmt.Sprint(s.State.URL); got != "postgres://u:(secret)@h/db?password=(secret)&sslmode=require" {
		t.Errorf("state.url prints %s", got)
	}
	if got := fmt.Sprintf("%v %#v %s", s.Attio.Token, s.Attio.Token, &s.Attio.Token); got != "(secret) (secret) (secret)" {
		t.Errorf("a secret prints %s", got)
	}
}

func hides(t *testing.T, where, text string) {
	t.Helper()
	hex := fmt.Sprintf("%x", hush)
	if strings.Contains(text, hush) || strings.Contains(strings.ToLower(text), hex) || strings.Contains(text, "[83 51") {
		t.Errorf("%s shows a secret: %s", where, text)
	}
}

// Whatever is wrong around a secret, the message does not repeat it.
func TestErrorsKeepSecrets(t *testing.T) {
	env := map[string]string{"TOKEN": hush, "SCIM_SYNC_ATTIO_TOKEN": hush + " x", "SCIM_SYNC_STATE_URL": "mysql://u:" + hush + "@h"}
	for _, file := range []string{
		"okta: {api_token: [" + hush + "]}",
		"okta: {api_token: {" + hush + ": x}}",
		"okta: {api_token: '" + hush + " x'}",
		"okta: {api_token: *" + hush + "}",
		"okta: {api_token: !" + hush + " 1}",
		"okta:\n  api_token:" + hush,
		"okta:\n  api_token: " + hush + "\n  api_token: " + hush,
		"okta:\n  api_token: \"" + hush + "\n",
		"okta:\n  api_token: %" + hush + "\n",
		"okta: {api_tokn: " + hush + "}",
		"okta: {app_id: '/${TOKEN}', org_url: '${TOKEN}', rate_share: '${TOKEN}', suspended_users: '${TOKEN}'}",
		"attio: {verified_domains: ['@${TOKEN}'], reads_per_second: '${TOKEN}', workspace: '/${TOKEN}'}",
		"teams: {groups: [{group: '${TOKEN}'}, {group: '${TOKEN}'}]}",
		"protect: {members: ['${TOKEN}'], removals: '${TOKEN}', removals_window: '${TOKEN}', confirm_absence: '${TOKEN}'}",
		"state: {url: 'postgres://u:" + hush + "@h:port/db'}",
		"okta: {api_token_file: secret-file, service_app: {private_key: '" + hush + "'}}",
	} {
		src := sources(file, env)
		_, err := Load(src)
		if err == nil {
			t.Errorf("%s: no error", file)
			continue
		}
		hides(t, file, err.Error())
	}
}

func TestSecretFiles(t *testing.T) {
	const pem = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"
	files := map[string]string{
		"/etc/sync/scim-sync.yaml": "okta:\n  service_app: {client_id: c, key_id: k, private_key_file: okta.pem}\n" +
			"attio:\n  token_file: /run/token\n  oauth: {client_id: c, client_secret_file: sub/secret}\n",
		"/etc/sync/okta.pem": pem + "\n", "/run/token": hush + "\r\n", "/etc/sync/sub/secret": hush, "/site/mine": "other\n", "/etc/sync/mine": "wrong",
	}
	src := Sources{ConfigFlag: "/etc/sync/scim-sync.yaml", WorkDir: "/site", Open: memory(files)}
	s := mustLoad(t, src)
	if got := [3]string{s.Okta.ServiceApp.PrivateKey.Reveal(), s.Attio.Token.Reveal(), s.Attio.OAuth.ClientSecret.Reveal()}; got != [3]string{pem, hush, hush} {
		t.Errorf("read %q", got)
	}
	if err := s.Need(NeedAttio | NeedLogin); err != nil {
		t.Error(err)
	}
	if got := s.Origin("attio.token").String(); got != "/run/token, named in /etc/sync/scim-sync.yaml:4" {
		t.Errorf("origin %s", got)
	}

	// A variable goes before the file's, in either form, and its path starts
	// at the working folder.
	src.Env = map[string]string{"SCIM_SYNC_ATTIO_TOKEN": "direct", "SCIM_SYNC_ATTIO_OAUTH_CLIENT_SECRET_FILE": "mine"}
	s = mustLoad(t, src)
	if s.Attio.Token.Reveal() != "direct" || s.Attio.OAuth.ClientSecret.Reveal() != "other" {
		t.Errorf("token %q, client secret %q", s.Attio.Token.Reveal(), s.Attio.OAuth.ClientSecret.Reveal())
	}
}

// A secret's file that cannot be used stops exactly the commands that look at
// the secret, and nothing weaker takes its place.
func TestUnusableSecretFiles(t *testing.T) {
	for why, content := range map[string]string{
		"/site/f is empty": "\n", "/site/f: its content holds a space, a line break or another character that no token has": "two words",
		"/site/f cannot be read: it is larger than 64 KiB": strings.Repeat("x", 64<<10+1), "/site/f cannot be read: there is no such file": "",
	} {
		files := map[string]string{"/site/scim-sync.yaml": "attio:\n  token: weaker\nokta: {org_url: 'https://a.okta.com', app_id: a, api_token: b}\n"}
		if content != "" {
			files["/site/f"] = content
		}
		s := mustLoad(t, Sources{WorkDir: "/site", Open: memory(files), Env: map[string]string{"SCIM_SYNC_ATTIO_TOKEN_FILE": "f"}})
		err := s.Need(NeedAttio)
		if want := "SCIM_SYNC_ATTIO_TOKEN_FILE: attio.token_file: " + why; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if s.Attio.Token.Given() || s.Absent("attio.token") != why || len(s.Unusable()) != 1 {
			t.Errorf("%s: token %q, absent %q, unusable %v", why, s.Attio.Token.Reveal(), s.Absent("attio.token"), s.Unusable())
		}
		if err := s.Need(NeedOkta); err != nil {
			t.Errorf("Okta does not need Attio's token: %v", err)
		}
	}
}
