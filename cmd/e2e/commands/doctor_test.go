package commands

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/sandbox"
	"scim-sync/internal/sample"
	"scim-sync/sync/state"
)

type doctored struct {
	FormatVersion int  `json:"format_version"`
	OK            bool `json:"ok"`
	Checks        []struct {
		Code, Title, Status, Detail, Mend string
	} `json:"checks"`
}

func (p *place) doctor() (doctored, result) {
	p.t.Helper()
	r := p.run("doctor", "--format", "json")
	var d doctored
	if err := json.Unmarshal([]byte(r.out), &d); err != nil {
		p.t.Fatalf("%v: %s%s", err, r.out, r.errors)
	}
	return d, r
}

// with gives the codes of the checks of a status, sorted.
func (d doctored) with(status string) []string {
	codes := map[string]bool{}
	for _, c := range d.Checks {
		if c.Status == status {
			codes[c.Code] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

// TestDoctorFindsNothing: where everything is right every line is green, but for what
// nobody can look at: free seats, and a state before the first run.
func TestDoctorFindsNothing(t *testing.T) {
	p := serve(t, nil)
	d, r := p.doctor()
	if r.code != 0 || !d.OK || len(d.with("ok")) != len(d.Checks)-2 || !slices.Equal(d.with("skipped"), []string{"attio-seats", "state-readable"}) || len(d.Checks) < 18 {
		t.Errorf("exit %d, %+v", r.code, d)
	}
	text := p.run("doctor")
	if text.code != 0 || strings.Count(text.out, "\nok ") != len(d.Checks)-3 || !strings.Contains(text.out, "Everything that could be looked at is right.") {
		t.Errorf("exit %d: %s", text.code, text.out)
	}
	if len(files(t, p.home)) != 0 {
		t.Errorf("doctor left %v", slices.Collect(maps.Keys(files(t, p.home))))
	}
}

// broken is a world with one thing wrong.
type broken struct {
	world  func(*sandbox.World)
	env    map[string]string
	before func(*testing.T, *place)
	status string // of the one thing; default fail
	code   string
	fix    string
	exit   int
}

func brokenWorlds() map[string]broken {
	off := false
	return map[string]broken{
		"unknown setting":             {env: map[string]string{"SCIM_SYNC_OKTA_RATE_SHARE": "lots"}, code: "settings", fix: "config validate", exit: 5},
		"secret file gone":            {env: map[string]string{"SCIM_SYNC_ATTIO_OAUTH_CLIENT_SECRET": "", "SCIM_SYNC_ATTIO_OAUTH_CLIENT_SECRET_FILE": "/no/such/file"}, code: "settings", fix: "config validate", exit: 5},
		"no app id":                   {env: map[string]string{"SCIM_SYNC_OKTA_APP_ID": ""}, code: "okta-settings", fix: "config validate", exit: 5},
		"Okta is not there":           {env: map[string]string{"SCIM_SYNC_OKTA_ORG_URL": "http://127.0.0.1:9"}, code: "okta-reachable", fix: "okta.org_url", exit: 75},
		"Okta token":                  {env: map[string]string{"SCIM_SYNC_OKTA_API_TOKEN": "00another"}, code: "okta-credential", fix: "Security > API > Tokens", exit: 6},
		"no such app":                 {env: map[string]string{"SCIM_SYNC_OKTA_APP_ID": "0oa0000000000000000x"}, code: "okta-app", fix: "okta.app_id", exit: 5},
		"admins by group":             {world: noRoles, env: map[string]string{"SCIM_SYNC_ROLES_ADMIN_GROUPS": "[Sales]"}, status: "warn", code: "okta-role-attribute", fix: "roles.admin_groups"},
		"no such app, though a state": {before: foreign, env: map[string]string{"SCIM_SYNC_OKTA_APP_ID": "0oa0000000000000000x"}, code: "okta-app", fix: "okta.app_id", exit: 5},
		"no app id, though a state":   {before: foreign, env: map[string]string{"SCIM_SYNC_OKTA_APP_ID": ""}, code: "okta-settings", fix: "config validate", exit: 5},
		"app switched off":            {world: func(w *sandbox.World) { w.Okta.App.Status = "INACTIVE" }, code: "okta-app", fix: "Activate it", exit: 3},
		"no role attribute":           {world: noRoles, code: "okta-role-attribute", fix: "Profile Editor", exit: 5},
		"provisioning is on":          {world: func(w *sandbox.World) { w.Okta.App.Features = []string{"PUSH_NEW_USERS", "GROUP_PUSH"} }, code: "okta-other-writer", fix: "To App", exit: 1},
		"admin group gone":            {env: map[string]string{"SCIM_SYNC_ROLES_ADMIN_GROUPS": "[Nobody]"}, code: "okta-rights", fix: "roles.admin_groups", exit: 5},
		"partial sight":               {world: func(w *sandbox.World) { w.Okta.Groups = w.Okta.Groups[1:] }, status: "warn", code: "okta-sight", fix: "Read-only Administrator"},
		"clock":                       {before: func(_ *testing.T, p *place) { p.now = func() time.Time { return time.Now().Add(10 * time.Minute) } }, code: "clock", fix: "NTP", exit: 1},

		"no token":           {env: map[string]string{"SCIM_SYNC_ATTIO_TOKEN": ""}, code: "attio-token", fix: "scim-sync login", exit: 6},
		"Attio not there":    {env: map[string]string{"SCIM_SYNC_ATTIO_API_URL": "http://127.0.0.1:9"}, code: "attio-reachable", fix: "attio.api_url", exit: 75},
		"token revoked":      {before: func(t *testing.T, p *place) { must(t, p.box.Attio.RevokeTokens()) }, code: "attio-token", fix: "scim-sync login", exit: 6},
		"malformed token":    {env: map[string]string{"SCIM_SYNC_ATTIO_TOKEN": "short"}, code: "attio-token", fix: "scim-sync login", exit: 6},
		"other workspace":    {env: map[string]string{"SCIM_SYNC_ATTIO_WORKSPACE": "globex"}, code: "attio-workspace", fix: "attio.workspace", exit: 3},
		"no workspace":       {env: map[string]string{"SCIM_SYNC_ATTIO_WORKSPACE": ""}, code: "attio-workspace", fix: "attio.workspace: acme", exit: 5},
		"may only read":      {world: scoped(attiotest.ScopeRead), code: "attio-scopes", fix: "Scopes tab", exit: 6},
		"no scope":           {world: scoped("record:read"), code: "attio-scopes", fix: "Scopes tab", exit: 6},
		"no Enterprise":      {world: func(w *sandbox.World) { w.Attio.Workspace.Plan = "pro" }, code: "attio-scim", fix: "Enterprise", exit: 6},
		"SCIM not set up":    {world: func(w *sandbox.World) { w.Attio.Workspace.SCIM = &off }, code: "attio-scim", fix: "SCIM", exit: 6},
		"author demoted":     {before: func(t *testing.T, p *place) { must(t, p.box.Attio.SetRole("ada@acme.example", attiotest.RoleMember)) }, status: "warn", code: "attio-author", fix: "another admin"},
		"author suspended":   {before: func(t *testing.T, p *place) { must(t, p.box.Attio.Suspend("ada@acme.example")) }, status: "warn", code: "attio-author", fix: "another admin"},
		"state is damaged":   {before: damage, code: "state-readable", fix: "Make it again from the journal: scim-sync state rebuild", exit: 1},
		"state of another":   {before: foreign, code: "state-readable", fix: "rebind", exit: 3},
		"folder is a file":   {before: inTheWay, code: "state-writable", fix: "state.url", exit: 1},
		"state was moved":    {before: movedAway, code: "state-readable", fix: "Use the new place: state.url: file:///new/state.json", exit: 5},
		"a run is under way": {before: underWay, code: "state-lock", fix: "free by itself", exit: 7},
	}
}

// TestDoctorFindsOneThing: a world broken in one way is told of that one
// thing, with how to fix it and the exit code that a run would end with. What needs
// the broken thing is skipped, not blamed.
func TestDoctorFindsOneThing(t *testing.T) {
	for name, c := range brokenWorlds() {
		t.Run(name, func(t *testing.T) {
			p := c.serve(t)
			d, r := p.doctor()
			status := "fail"
			if c.status != "" {
				status = c.status
			}
			if got := slices.Concat(d.with("fail"), d.with("warn")); !slices.Equal(got, []string{c.code}) {
				t.Errorf("found %v, want %s:\n%s", got, c.code, r.out)
			}
			for _, check := range d.Checks {
				if check.Status == status && (check.Code != c.code || !strings.Contains(check.Mend+check.Detail, c.fix) || check.Mend == "") {
					t.Errorf("%s: %s; fix: %s", check.Code, check.Detail, check.Mend)
				}
			}
			if r.code != c.exit || d.OK != (c.exit == 0) {
				t.Errorf("exit %d, want %d; ok %v", r.code, c.exit, d.OK)
			}
			if text := p.run("doctor"); text.code != c.exit || !strings.Contains(text.out, map[string]string{"fail": "FAIL", "warn": "look"}[status]) {
				t.Errorf("as text: exit %d: %s", text.code, text.out)
			}
		})
	}
}

// TestDoctorAdvisesAsPlanDoes: where a run ends because of what doctor shows in
// red, both give the same advice.
func TestDoctorAdvisesAsPlanDoes(t *testing.T) {
	t.Parallel()
	compared, worlds := 0, brokenWorlds()
	for _, name := range sample.Keys(worlds, 3) {
		c := worlds[name]
		p := c.serve(t)
		d, _ := p.doctor()
		r := p.run("plan")
		for _, check := range d.Checks {
			if check.Status != "fail" || r.code != c.exit || c.code == "state-writable" {
				continue // it ends no plan, which only reads
			}
			compared++
			_, advice, _ := strings.Cut(r.errors, "  → ")
			if advice = strings.ReplaceAll(strings.TrimSpace(advice), "\n  → ", " "); advice != check.Mend {
				t.Errorf("%s: doctor: %s\nplan: %s", name, check.Mend, r.errors)
			}
		}
	}
	if compared < sample.Times(5, 15) {
		t.Errorf("%d compared", compared)
	}
}

func (c broken) serve(t *testing.T) *place {
	t.Helper()
	p := serve(t, c.world)
	maps.Copy(p.env, c.env)
	if c.before != nil {
		c.before(t, p)
	}
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// noRoles takes the role out of the app's schema and out of all profiles.
func noRoles(w *sandbox.World) {
	w.Okta.App.NoRoleAttribute = true
	w.Okta.Assignments[0].Profile, w.Okta.AssignedGroups[0].Profile = nil, nil
}

// scoped gives the workspace a token with one scope alone.
func scoped(scope string) func(*sandbox.World) {
	return func(w *sandbox.World) {
		w.Attio.Tokens = []attiotest.Token{{Token: "scoped-token-0123456789", AuthorizedBy: "ada@acme.example", Scopes: []string{scope}}}
	}
}

func statePath(p *place) string {
	return filepath.Join(p.home, ".local", "state", "scim-sync", p.box.Attio.Snapshot().Workspace.ID+".json")
}

func damage(t *testing.T, p *place) {
	must(t, os.MkdirAll(filepath.Dir(statePath(p)), 0o700))
	must(t, os.WriteFile(statePath(p), []byte("{"), 0o600))
}

func foreign(t *testing.T, p *place) {
	run := begin(t, p)
	must(t, run.Bind(t.Context(), p.box.Attio.Snapshot().Workspace.ID, "https://other.okta.com", "0oaother"))
	must(t, run.Finish(t.Context(), state.Summary{}))
}

func underWay(t *testing.T, p *place) {
	run := begin(t, p)
	t.Cleanup(func() { run.Close() })
}

func movedAway(t *testing.T, p *place) {
	open := func(path string) *state.Store {
		store, err := state.Open(t.Context(), state.Location{Path: path})
		must(t, err)
		return store
	}
	info := state.RunInfo{RunID: "1", Command: "state move", Now: time.Now}
	old := open(statePath(p))
	must(t, old.WriteThrough(t.Context(), info, func(error) int { return 1 }, func(r *state.Run) error {
		return r.Bind(t.Context(), "ws", "https://acme.okta.com", "0oa1")
	}))
	must(t, old.MoveTo(t.Context(), open(filepath.Join(t.TempDir(), "state.json")), "file:///new/state.json", info, func(error) int { return 1 }))
}

func inTheWay(t *testing.T, p *place) {
	file := filepath.Join(p.home, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	p.env["SCIM_SYNC_STATE_URL"] = "file://" + filepath.ToSlash(file) + "x/state.json"
	must(t, os.WriteFile(file+"x", nil, 0o600))
}

func begin(t *testing.T, p *place) *state.Run {
	t.Helper()
	store, err := state.Open(t.Context(), state.Location{Path: statePath(p)})
	must(t, err)
	run, err := store.Begin(t.Context(), state.RunInfo{RunID: "1", Command: "apply", Now: time.Now})
	must(t, err)
	return run
}
