package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const two = `
okta: {org_url: https://acme.okta.com, app_id: 0oa1, api_token: "${OKTA}"}
protect: {removals: 10%}
workspaces:
  - attio: {workspace: acme, token: "${ACME}"}
  - name: eu
    attio: {workspace: acme-eu, token_file: eu-token}
    okta: {app_id: 0oa2, service_app: {client_id: 0oa3, key_id: k, private_key_file: key.pem}}
    protect: {removals: 5%}
`

func loadTwo(t *testing.T, text, workspace string) (*Settings, error) {
	t.Helper()
	env := map[string]string{"OKTA": "00token-of-okta", "ACME": "token-of-acme"}
	return Load(Sources{Text: []byte(text), Env: env, WorkDir: t.TempDir(), Workspace: workspace})
}

// TestAnEntryGoesBeforeTheFile: what a workspace says of itself goes before what
// stands above, a credential as a whole; all else stays.
func TestAnEntryGoesBeforeTheFile(t *testing.T) {
	s, err := loadTwo(t, two, "acme")
	if err != nil {
		t.Fatal(err)
	}
	if s.Workspace() != "acme" || s.Attio.Workspace != "acme" || s.Okta.AppID != "0oa1" || !s.Okta.APIToken.Given() || s.Attio.Token.Reveal() != "token-of-acme" || s.Policy.Protect.Removals.N != 10 {
		t.Errorf("%+v", s)
	}
	s, err = loadTwo(t, two, "EU")
	if err != nil {
		t.Fatal(err)
	}
	if s.Workspace() != "eu" || s.Attio.Workspace != "acme-eu" || s.Okta.OrgURL != "https://acme.okta.com" || s.Okta.AppID != "0oa2" || s.Okta.APIToken.Given() || s.Okta.ServiceApp.ClientID != "0oa3" || s.Policy.Protect.Removals.N != 5 {
		t.Errorf("%+v", s)
	}
	if got := s.Origin("okta.app_id").String(); got != "scim-sync.yaml:8" {
		t.Error(got)
	}
	hidden := 0
	for _, h := range s.Hidden() {
		if h.Reveal() == "token-of-acme" {
			hidden++
		}
	}
	if hidden == 0 {
		t.Error("the other workspace's token may be told")
	}
}

// TestWhichWorkspaceIsMeant: with several nobody guesses; with one alone its name
// has to be right.
func TestWhichWorkspaceIsMeant(t *testing.T) {
	for name, row := range map[string]struct{ text, workspace, wants string }{
		"none is named":          {two, "", "scim-sync.yaml: workspaces: there are several: acme, eu; say which is meant with --workspace NAME, or --workspace all for each of them"},
		"a slip":                 {two, "acne", "none is called acne; did you mean acme?"},
		"one of a list of one":   {"workspaces: [{attio: {workspace: acme}}]", "", ""},
		"no list":                {"attio: {workspace: acme}", "globex", ""},
		"no name":                {"workspaces: [{okta: {app_id: 0oa1}}]", "", "scim-sync.yaml:1:14: workspaces[0]: has no name; give it one, or attio.workspace"},
		"one name twice":         {"workspaces: [{name: a}, {name: A}]", "a", "is called A, as another one before it"},
		"a forbidden name":       {"workspaces: [{name: all}]", "all", "cannot be called all"},
		"no list but text":       {"workspaces: acme", "", "it must be a list of workspaces"},
		"an entry that is text":  {"workspaces: [acme]", "", "it must hold the settings of one workspace"},
		"a slip in another one":  {"workspaces: [{name: a}, {name: b, okta: {app: x}}]", "a", "scim-sync.yaml:1:42: okta.app: unknown key"},
		"a list inside an entry": {"workspaces: [{name: a, workspaces: []}]", "a", "unknown key"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := loadTwo(t, row.text, row.workspace)
			if row.wants == "" {
				if err != nil {
					t.Error(err)
				} else if row.workspace != "" && s.Attio.Workspace != row.workspace {
					t.Errorf("%+v", s.Attio)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), row.wants) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestAFolderOfWorkspaces: each file of a folder is a workspace of its own, and its
// paths start there.
func TestAFolderOfWorkspaces(t *testing.T) {
	home := t.TempDir()
	dir := filepath.Join(home, "conf")
	for name, text := range map[string]string{"acme.yaml": "attio: {workspace: acme, token_file: t}", "eu.yml": "attio: {workspace: acme-eu}", "t": "token-text", ".x.yaml": "no: yaml"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src := Sources{ConfigFlag: "conf", WorkDir: home}
	if names, err := Workspaces(src); err != nil || strings.Join(names, " ") != "acme eu" {
		t.Errorf("%v %v", names, err)
	}
	if _, err := Load(src); err == nil || !strings.Contains(err.Error(), "conf: holds the settings of several workspaces: there are several: acme, eu") {
		t.Error(err)
	}
	src.Workspace = "acme"
	s, err := Load(src)
	if err != nil || s.Workspace() != "acme" || s.Attio.Token.Reveal() != "token-text" || s.File() != filepath.Join("conf", "acme.yaml") {
		t.Errorf("%v %+v", err, s)
	}
	empty := filepath.Join(home, "none")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Sources{ConfigFlag: empty}); err == nil || !strings.Contains(err.Error(), "is a folder without a .yaml file") {
		t.Error(err)
	}
}
