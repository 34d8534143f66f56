package config

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp"
	"scim-sync/sync"
)

// memory serves files by their path.
func memory(files map[string]string) func(string) (fs.File, error) {
	m := fstest.MapFS{}
	for path, text := range files {
		m[strings.TrimPrefix(path, "/")] = &fstest.MapFile{Data: []byte(text), Mode: 0o600}
	}
	return func(path string) (fs.File, error) { return m.Open(strings.TrimPrefix(path, "/")) }
}

// sources are those of a folder that holds one settings file.
func sources(text string, env map[string]string) Sources {
	return Sources{WorkDir: "/site", Env: env, Open: memory(map[string]string{"/site/scim-sync.yaml": text})}
}

func mustLoad(t *testing.T, src Sources) *Settings {
	t.Helper()
	s, err := Load(src)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

const full = `
okta:
  org_url: HTTPS://ACME.okta.com:443/
  app_id: 0oa1
  service_app:
    client_id: 0oa2
    key_id: kid
    private_key: |
      -----BEGIN PRIVATE KEY-----
      x
      -----END PRIVATE KEY-----
    dpop: false
  role_attribute: attio_role
  email_attribute: work_email
  suspended_users: keep
  rate_share: 50%
attio:
  workspace: acme
  api_url: http://127.0.0.1:8080/
  scim_url: http://localhost:8080/scim/v2/
  token: tok-1
  verified_domains: [ACME.com, "bücher.example"]
  reads_per_second: 10
  writes_per_second: 5
  oauth:
    client_id: c1
    client_secret: s1
    authorize_url: https://app.example/authorize
    token_url: https://app.example/oauth/token
    redirect_url: https://sync.example/callback
roles:
  when_absent: keep
  admin_groups: [Attio admins, 00g1]
teams:
  source: listed
  groups:
    - {group: Engineering, team: Eng}
    - group: 00g2
  include: ["Sales*"]
  exclude: ["*contractors"]
  strip_prefix: "attio-"
  same_name: link
  strangers: remove
  when_group_gone: delete
protect:
  mode: no_removals
  members: [ada@acme.com]
  removals: 7
  removals_ceiling: 1
  removals_floor: 0
  removals_window: 1h30m
  admin_removals: 0
  team_removals: 10%
  team_removals_floor: 1
  additions: 0%
  additions_floor: 3
  promotions: 0
  email_changes: 4
  email_changes_floor: 2
  confirm_absence: false
state:
  url: s3://bucket/key?endpoint=https://minio
journal:
  keep: 30d12h
idp:
  source: file
  file: directory.json
notify:
  - {url: "https://hooks.example/T/B?sig=x", format: teams, on: [applied]}
  - url: http://127.0.0.1:9/y
heartbeat_url: https://beat.example/1
metrics_file: out/acme.prom
`

func TestEveryKeyReachesItsField(t *testing.T) {
	s := mustLoad(t, sources(full, nil))
	want := &Settings{
		Okta: Okta{
			OrgURL: "https://acme.okta.com", AppID: "0oa1",
			ServiceApp:    ServiceApp{ClientID: "0oa2", KeyID: "kid", PrivateKey: NewSecret("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----")},
			RoleAttribute: "attio_role", EmailAttribute: "work_email", RateShare: 50,
		},
		Attio: Attio{
			Workspace: "acme", APIURL: "http://127.0.0.1:8080", SCIMURL: "http://localhost:8080/scim/v2", Token: NewSecret("tok-1"),
			ReadsPerSecond: 10, WritesPerSecond: 5,
			OAuth: OAuth{
				ClientID: "c1", ClientSecret: NewSecret("s1"), AuthorizeURL: "https://app.example/authorize",
				TokenURL: "https://app.example/oauth/token", RedirectURL: "https://sync.example/callback",
			},
		},
		Policy: sync.Policy{
			KeepSuspended: true, VerifiedDomains: []string{"acme.com", "bücher.example"},
			Roles: sync.RolePolicy{WhenAbsent: sync.AbsentKeep, AdminGroups: []string{"Attio admins", "00g1"}},
			Teams: sync.TeamPolicy{
				Source: idp.ListedGroups, Groups: []sync.TeamMapping{{Group: "Engineering", Team: "Eng"}, {Group: "00g2"}}, Include: []string{"Sales*"},
				Exclude: []string{"*contractors"}, StripPrefix: "attio-", LinkSameName: true, RemoveStrangers: true, DeleteGone: true,
			},
			Protect: sync.ProtectPolicy{
				NoRemovals: true, Members: []string{"ada@acme.com"}, Removals: sync.Amount{N: 7}, RemovalsCeiling: 1, RemovalsWindow: 90 * time.Minute,
				TeamRemovals: sync.Amount{Percent: true, N: 10}, TeamRemovalsFloor: 1, Additions: sync.Amount{Percent: true}, AdditionsFloor: 3,
				EmailChanges: sync.Amount{N: 4}, EmailChangesFloor: 2, TrustAbsence: true,
			},
		},
		State:   State{URL: NewStateURL("s3://bucket/key?endpoint=https://minio")},
		Journal: Journal{Keep: 30*24*time.Hour + 12*time.Hour},
		IDP:     IDP{Source: FromDirectoryFile, File: "directory.json"},
		Notify: []Hook{
			{URL: NewSecret("https://hooks.example/T/B?sig=x"), Format: HookTeams, On: []HookEvent{OnApplied}},
			{URL: NewSecret("http://127.0.0.1:9/y"), Format: HookJSON, On: []HookEvent{OnRefused, OnFailed, OnRecovered, OnStale}},
		},
		HeartbeatURL: NewSecret("https://beat.example/1"), MetricsFile: "/site/out/acme.prom",
	}
	if d := cmp.Diff(want, s, cmpSettings()); d != "" {
		t.Error(d)
	}
	if err := s.Need(NeedOkta | NeedAttio | NeedLogin); err != nil {
		t.Errorf("Need: %v", err)
	}
}

func cmpSettings() cmp.Option {
	return cmp.Options{
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".record" }, cmp.Ignore()),
		cmp.AllowUnexported(Settings{}, Hook{}),
		cmp.Comparer(func(a, b Secret) bool { return a.Reveal() == b.Reveal() }),
		cmp.Comparer(func(a, b StateURL) bool { return a.Reveal() == b.Reveal() }),
	}
}

func TestDefaultsAreThoseOfTheDocumentation(t *testing.T) {
	want := &Settings{
		Okta: Okta{ServiceApp: ServiceApp{DPoP: true}, RoleAttribute: "roles", EmailAttribute: "email", RateShare: 75},
		Attio: Attio{
			APIURL: "https://api.attio.com", SCIMURL: "https://api.attio.com/scim/v2", ReadsPerSecond: 100, WritesPerSecond: 25,
			OAuth: OAuth{AuthorizeURL: "https://app.attio.com/authorize", TokenURL: "https://app.attio.com/oauth/token", RedirectURL: "http://localhost:8910/callback"},
		},
		Policy: sync.Policy{
			VerifiedDomains: []string{},
			Roles:           sync.RolePolicy{WhenAbsent: sync.KeepAdopted, AdminGroups: []string{}},
			Teams:           sync.TeamPolicy{Source: idp.AssignedGroups, Groups: []sync.TeamMapping{}, Include: []string{}, Exclude: []string{}},
			Protect: sync.ProtectPolicy{
				Members: []string{}, Removals: sync.Amount{N: 20, Percent: true}, RemovalsCeiling: 25, RemovalsFloor: 5, RemovalsWindow: 24 * time.Hour, AdminRemovals: 1,
				TeamRemovals: sync.Amount{N: 50, Percent: true}, TeamRemovalsFloor: 2, Additions: sync.Amount{N: 50, Percent: true}, AdditionsFloor: 20, Promotions: 3,
				EmailChanges: sync.Amount{N: 20, Percent: true}, EmailChangesFloor: 5,
			},
		},
		Journal: Journal{Keep: 400 * 24 * time.Hour},
		IDP:     IDP{Source: FromOkta},
		Notify:  []Hook{},
	}
	loaded := mustLoad(t, Sources{Open: memory(nil)})
	for name, got := range map[string]*Settings{"Default": Default(), "no source": loaded, "empty file": mustLoad(t, sources("# nothing\n", nil))} {
		if d := cmp.Diff(want, got, cmpSettings()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for _, k := range keys() {
		if _, faults := k.byDefault(); len(faults) > 0 {
			t.Errorf("default of %s: %v", k.path, faults)
		}
	}
}

func TestWhichFileIsRead(t *testing.T) {
	file := func(workspace string) string { return "attio: {workspace: " + workspace + "}" }
	all := map[string]string{
		"/site/scim-sync.yaml":                       file("folder"),
		"/home/ada/.config/scim-sync/scim-sync.yaml": file("home"),
		"/xdg/scim-sync/scim-sync.yaml":              file("xdg"),
		"/site/sub/other.yaml":                       file("flag"),
		"/etc/named.yaml":                            file("variable"),
	}
	without := func(path string) map[string]string {
		m := map[string]string{}
		for p, text := range all {
			if p != path {
				m[p] = text
			}
		}
		return m
	}
	home := map[string]string{"HOME": "/home/ada"}
	cases := []struct {
		name, flag string
		env, files map[string]string
		want, file string
	}{
		{"the flag goes first", "sub/other.yaml", map[string]string{"SCIM_SYNC_CONFIG": "/etc/named.yaml"}, all, "flag", "sub/other.yaml"},
		{"then the variable", "", map[string]string{"SCIM_SYNC_CONFIG": "/etc/named.yaml"}, all, "variable", "/etc/named.yaml"},
		{"then the folder", "", home, all, "folder", "scim-sync.yaml"},
		{"then the home", "", home, without("/site/scim-sync.yaml"), "home", "/home/ada/.config/scim-sync/scim-sync.yaml"},
		{"XDG before home", "", map[string]string{"HOME": "/home/ada", "XDG_CONFIG_HOME": "/xdg"}, without("/site/scim-sync.yaml"), "xdg", "/xdg/scim-sync/scim-sync.yaml"},
		{"a relative XDG folder is ignored", "", map[string]string{"HOME": "/home/ada", "XDG_CONFIG_HOME": "xdg"}, without("/site/scim-sync.yaml"), "home", "/home/ada/.config/scim-sync/scim-sync.yaml"},
		{"no file is needed", "", map[string]string{"SCIM_SYNC_ATTIO_WORKSPACE": "env"}, nil, "env", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := mustLoad(t, Sources{ConfigFlag: c.flag, Env: c.env, WorkDir: "/site", Open: memory(c.files)})
			if s.Attio.Workspace != c.want || s.File() != c.file {
				t.Errorf("workspace %q from %q, want %q from %q", s.Attio.Workspace, s.File(), c.want, c.file)
			}
		})
	}
	for name, src := range map[string]Sources{
		"gone.yaml: cannot be read: there is no such file (--config names it)":         {ConfigFlag: "gone.yaml"},
		"gone.yaml: cannot be read: there is no such file (SCIM_SYNC_CONFIG names it)": {Env: map[string]string{"SCIM_SYNC_CONFIG": "gone.yaml"}},
	} {
		src.Open = memory(nil)
		if _, err := Load(src); err == nil || err.Error() != name {
			t.Errorf("error %v, want %s", err, name)
		}
	}
}

// A file that is there and cannot be read is not passed over for the next one.
func TestUnreadableFileIsNoMissingFile(t *testing.T) {
	src := Sources{WorkDir: "/site", Open: func(path string) (fs.File, error) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}}
	_, err := Load(src)
	if err == nil || err.Error() != "scim-sync.yaml: cannot be read: permission denied" {
		t.Errorf("error %v", err)
	}
}

// Both with every variable set and with none, the example is a valid start.
func TestExample(t *testing.T) {
	data, err := os.ReadFile("../scim-sync.yaml.example")
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"OKTA_API_TOKEN": "t1", "ATTIO_TOKEN": "t2", "ATTIO_CLIENT_ID": "c", "ATTIO_CLIENT_SECRET": "s"}
	s := mustLoad(t, sources(string(data), env))
	if err := s.Need(NeedOkta | NeedAttio | NeedLogin); err != nil {
		t.Errorf("with its variables set: %v", err)
	}
	s = mustLoad(t, sources(string(data), nil))
	var e *Error
	if err := s.Need(NeedOkta); !errors.As(err, &e) || len(e.Problems) != 1 {
		t.Fatalf("without its variables: %v", err)
	}
	const want = "okta.api_token is missing (the file says ${OKTA_API_TOKEN}, which is not set); set it in scim-sync.yaml or as SCIM_SYNC_OKTA_API_TOKEN; or give okta.service_app with client_id, key_id and private_key_file"
	if got := e.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if w := s.Warnings(); len(w) > 0 {
		t.Errorf("warnings: %v", w)
	}

	// Once the commented keys are taken in, every key of the table is there,
	// and each that has a default shows it.
	l := &loading{keys: keys(), index: map[string]key{}, record: newRecord(), src: Sources{Env: map[string]string{"OKTA_PRIVATE_KEY": "-----BEGIN x-----END "}}}
	maps.Copy(l.src.Env, env)
	for _, k := range l.keys {
		l.index[k.path] = k
	}
	shown := l.fromFile(file{shown: "example", data: []byte(uncommented(string(data)))})
	if err := asError(l.problems); err != nil {
		t.Fatal(err)
	}
	for _, k := range l.keys {
		g := shown[k.path]
		if g == nil {
			t.Errorf("%s is not in the example", k.path)
			continue
		}
		if k.def == "" {
			continue
		}
		var got Settings
		g.store(&got)
		if d := cmp.Diff(k.shown(Default()), k.shown(&got)); d != "" {
			t.Errorf("%s: the example does not show the default: %s", k.path, d)
		}
	}
}

// uncommented takes in comments that look like a key.
func uncommented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		before, after, ok := strings.Cut(line, "# ")
		key, _, isKey := strings.Cut(strings.TrimLeft(after, " "), ":")
		if ok && isKey && strings.TrimSpace(before) == "" && (before != "" || key == "heartbeat_url_file") && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_") == "" && key != "" && !strings.Contains(line, "://user") && !strings.Contains(line, "file:///") {
			lines[i] = before + after
		}
	}
	return strings.Join(lines, "\n")
}

func TestRealFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "scim-sync.yaml"), []byte("okta: {api_token_file: token}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("abc\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "token"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := mustLoad(t, Sources{ConfigFlag: filepath.Join(dir, "scim-sync.yaml"), WorkDir: "/elsewhere"})
	if got := s.Okta.APIToken.Reveal(); got != "abc" {
		t.Errorf("token %q", got)
	}
	if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0].String(), "okta.api_token_file: everybody on this machine can read") {
		t.Errorf("warnings %v", w)
	}
}
