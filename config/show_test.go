package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func TestShow(t *testing.T) {
	src := sources("okta:\n  org_url: https://acme.okta.com\n  api_token: ${TOK}\nteams:\n  groups: [{group: 'a, b', team: T}]\n  include: [\"x\u202ey\"]\nattio:\n  token: t\n",
		map[string]string{"SCIM_SYNC_PROTECT_REMOVALS": "7", "SCIM_SYNC_OKTA_APP_ID": "0oa1"})
	src.Overrides = []Override{{Key: "attio.workspace", Value: "acme", Flag: "--workspace"}}
	s := mustLoad(t, src)
	var out bytes.Buffer
	if err := s.Show(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# settings file: scim-sync.yaml",
		"okta.org_url https://acme.okta.com scim-sync.yaml:2",
		"okta.app_id 0oa1 SCIM_SYNC_OKTA_APP_ID",
		`okta.api_token "" absent: the file says ${TOK}, which is not set`,
		"okta.rate_share 75% default",
		"attio.workspace acme --workspace",
		"attio.token (secret) scim-sync.yaml:8",
		`attio.oauth.client_id "" not set`,
		`teams.groups [{group: "a, b", team: T}] scim-sync.yaml:5`,
		`teams.include ["x\u202ey"] scim-sync.yaml:6`,
		"protect.removals 7 SCIM_SYNC_PROTECT_REMOVALS",
		"protect.removals_window 24h default",
		`state.url "" not set`,
	} {
		found := false
		for line := range strings.Lines(out.String()) {
			found = found || strings.Join(strings.Fields(line), " ") == want
		}
		if !found {
			t.Errorf("no line %q in\n%s", want, out.String())
		}
	}

	out.Reset()
	if err := s.ShowJSON(&out); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		FormatVersion int    `json:"format_version"`
		File          string `json:"file"`
		Digest        string `json:"digest"`
		Settings      []struct {
			Key    string `json:"key"`
			Value  any    `json:"value"`
			Origin Origin `json:"origin"`
		} `json:"settings"`
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.FormatVersion != 1 || doc.File != "scim-sync.yaml" || doc.Digest != s.Digest() || len(doc.Settings) != len(s.Describe()) {
		t.Errorf("document %+v", doc)
	}
	if d := cmp.Diff(Origin{From: FromFile, File: "scim-sync.yaml", Line: 2, Column: 12}, doc.Settings[0].Origin); d != "" {
		t.Error(d)
	}
}

// The digest follows what is in force, not where it is written, nor secrets.
func TestDigest(t *testing.T) {
	base := mustLoad(t, sources("attio: {workspace: acme}\nprotect: {removals: 20%}\n", nil)).Digest()
	if !strings.HasPrefix(base, "sha256:") || len(base) != len("sha256:")+64 {
		t.Errorf("digest %s", base)
	}
	same := Sources{Open: memory(nil), Env: map[string]string{"SCIM_SYNC_ATTIO_WORKSPACE": "acme", "SCIM_SYNC_ATTIO_TOKEN": "t", "SCIM_SYNC_STATE_URL": ""}}
	if got := mustLoad(t, same).Digest(); got != base {
		t.Errorf("the same settings from elsewhere: %s, want %s", got, base)
	}
	for _, k := range keys() {
		if k.secret || k.fileOf != "" || k.path == "attio.workspace" {
			continue
		}
		same.Env = map[string]string{"SCIM_SYNC_ATTIO_WORKSPACE": "acme", k.variable(): sample(k)}
		switch k.path {
		case "teams.source":
			same.Env[k.variable()] = "none"
		case "protect.promotions":
			same.Env[k.variable()] = "4"
		}
		if got := mustLoad(t, same).Digest(); got == base {
			t.Errorf("%s plays no part in the digest", k.path)
		}
	}
}

func TestNeed(t *testing.T) {
	cases := []struct {
		name, file string
		need       Need
		want       string
	}{
		{"nothing at all", "", NeedOkta | NeedAttio | NeedLogin, `
okta.org_url is missing; set it in scim-sync.yaml or as SCIM_SYNC_OKTA_ORG_URL
okta.app_id is missing; set it in scim-sync.yaml or as SCIM_SYNC_OKTA_APP_ID
attio.oauth.client_id is missing; set it in scim-sync.yaml or as SCIM_SYNC_ATTIO_OAUTH_CLIENT_ID
attio.oauth.client_secret is missing; set it in scim-sync.yaml or as SCIM_SYNC_ATTIO_OAUTH_CLIENT_SECRET
okta.api_token is missing; set it in scim-sync.yaml or as SCIM_SYNC_OKTA_API_TOKEN; or give okta.service_app with client_id, key_id and private_key_file`},
		{"half a service app", "okta: {org_url: 'https://a.okta.com', app_id: a, service_app: {client_id: c, key_id: '${K}'}}", NeedOkta, `
okta.service_app.key_id is missing (the file says ${K}, which is not set); set it in scim-sync.yaml or as SCIM_SYNC_OKTA_SERVICE_APP_KEY_ID
okta.service_app.private_key is missing; set it in scim-sync.yaml or as SCIM_SYNC_OKTA_SERVICE_APP_PRIVATE_KEY`},
		{"login's token may stand in", "", NeedAttio, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := mustLoad(t, sources(c.file, nil)).Need(c.need)
			got := ""
			if err != nil {
				got = "\n" + err.Error()
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaID, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// What an editor says with the schema agrees with what loading says.
func TestSchemaAgreesWithLoading(t *testing.T) {
	schema := compiled(t)
	example, err := os.ReadFile("../scim-sync.yaml.example")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]bool{
		string(example): true, full: true, "okta: {service_app: }\nteams: {include: }": true,
		"protect: {removals: 5, removals_window: 0}": true, "protect: {removals: '${N}', mode: '${M}'}": true,
		"okta: {org_urll: x}": false, "atio: {}": false, "okta: []": false, "teams: {groups: [{team: T}]}": false,
		"teams: {groups: [{group: G, nme: T}]}": false, "okta: {rate_share: 75}": false, "okta: {rate_share: 0%}": false,
		"protect: {removals: 101%}": false, "protect: {mode: none}": false, "protect: {confirm_absence: 'yes'}": false,
		"protect: {removals_window: 24}": false, "attio: {reads_per_second: 0}": false, "attio: {verified_domains: acme.com}": false,
		"attio: {workspace: 7}": false, "notify: [{url: 'https://x.example/y', format: slack, on: [stale]}, {url: '${HOOK}', on: }]": true,
		"notify: [{url: 'https://x.example/y', format: irc}]": false, "notify: [{url: 'https://x.example/y', to: z}]": false,
		"notify: {url: 'https://x.example/y'}": false, "notify: [{url: 'https://x.example/y', on: [all]}]": false,
	}
	for text, want := range cases {
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		plain, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		value, err = jsonschema.UnmarshalJSON(bytes.NewReader(plain))
		if err != nil {
			t.Fatal(err)
		}
		bySchema := schema.Validate(value)
		_, byLoad := Load(sources(text, nil))
		if (bySchema == nil) != want || (byLoad == nil) != want {
			t.Errorf("%s\nschema: %v\nload: %v", text, bySchema, byLoad)
		}
	}
	text := string(Schema())
	for _, k := range keys() {
		if !strings.Contains(text, "Variable: "+k.variable()+".") || k.doc == "" {
			t.Errorf("%s is not described", k.path)
		}
	}
}

func TestFolders(t *testing.T) {
	env := map[string]string{"HOME": "/home/ada", "XDG_STATE_HOME": "/xdg", "XDG_DATA_HOME": "relative"}
	for want, folder := range map[string]func(map[string]string) (string, error){
		"/xdg/scim-sync": StateDir, "/home/ada/.local/share/scim-sync": DataDir, "/home/ada/.config/scim-sync": ConfigDir,
	} {
		if got, err := folder(env); err != nil || got != want {
			t.Errorf("%q, %v; want %s", got, err, want)
		}
		if got, err := folder(nil); err == nil {
			t.Errorf("%s without a home: %s", want, got)
		}
	}
	if got, err := StateDir(map[string]string{"HOME": "/h"}); err != nil || got != "/h/.local/state/scim-sync" {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzLoad: no bytes make Load panic; an error is a list of problems, each
// one line and none with a secret; what loads can be shown and loads again to
// the same digest.
func FuzzLoad(f *testing.F) {
	f.Add(full)
	f.Add("okta: {api_token: '${TOKEN}', org_url: 'https://a.okta.com'}\n")
	f.Add("teams:\n  groups: &a [{group: x}]\n  include: *a\n")
	f.Fuzz(func(t *testing.T, text string) {
		src := sources(text, map[string]string{"TOKEN": hush})
		s, err := Load(src)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || len(e.Problems) == 0 {
				t.Fatalf("error %v", err)
			}
			for _, p := range e.Problems {
				if strings.ContainsAny(p.String(), "\n\r\x1b") || p.File == "" || p.Message == "" && !p.Missing {
					t.Fatalf("problem %q", p)
				}
			}
			if !strings.Contains(text, hush) {
				hides(t, text, err.Error())
			}
			return
		}
		var out bytes.Buffer
		if err := errors.Join(s.Show(&out), s.ShowJSON(&out)); err != nil {
			t.Fatal(err)
		}
		again, err := Load(src)
		if err != nil || again.Digest() != s.Digest() {
			t.Fatalf("a second load differs: %v", err)
		}
	})
}
