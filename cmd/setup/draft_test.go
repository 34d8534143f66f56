package setup

import (
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/config"
	"scim-sync/internal/sample"
)

// TestADraftSaysWhatWasAnswered: whatever was answered, the file is valid and says
// that and nothing else.
func TestADraftSaysWhatWasAnswered(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		d := draft{
			org: "https://acme.okta.com", appID: "0oa1b2c3d4e5f6g7h8i9",
			app:         rapid.String().Draw(t, "app"),
			adminGroups: rapid.SliceOfN(rapid.StringMatching(`[\pL$\{\}\[\]#:'"\\ ,&*!|>%@-]{0,8}[A-Za-z]`), 0, 3).Draw(t, "groups"),
			teams:       rapid.SampledFrom([]string{"", "assigned_groups", "push_mappings", "none"}).Draw(t, "teams"),
			workspace:   rapid.SampledFrom([]string{"", "acme", "no", "null", "0x1f", "1e3"}).Draw(t, "workspace"),
			login:       rapid.Bool().Draw(t, "login"),
			token:       secretAt{variable: tokenVariable},
		}
		text := d.text("")
		s, err := config.Load(config.Sources{Text: text, Env: map[string]string{tokenVariable: "00sometoken", "ATTIO_CLIENT_ID": "client", "ATTIO_CLIENT_SECRET": "a-secret"}})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		got := []string{s.Okta.OrgURL, s.Okta.AppID, s.Okta.APIToken.Reveal(), s.Attio.Workspace, strings.Join(s.Policy.Roles.AdminGroups, "\x00")}
		want := []string{d.org, d.appID, "00sometoken", d.workspace, strings.Join(d.adminGroups, "\x00")}
		if strings.Join(got, "\x01") != strings.Join(want, "\x01") || d.login != (s.Attio.OAuth.ClientID == "client") {
			t.Fatalf("%q\n%q\n%s", got, want, text)
		}
	})
}

// TestPathsAreSeenFromTheSettings: a file beside the settings is named as they see
// it, so that the folder may be moved; any other by its whole path.
func TestPathsAreSeenFromTheSettings(t *testing.T) {
	home := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(home, "okta-token"):        "okta-token",
		filepath.Join(home, "keys", "okta.pem"):  "keys/okta.pem",
		filepath.Join(filepath.Dir(home), "key"): filepath.Join(filepath.Dir(home), "key"),
	} {
		if got := seenFrom(home, path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
