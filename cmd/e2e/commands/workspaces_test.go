package commands

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/sandbox"
)

// pair are two workspaces that follow one app of one Okta: acme, and globex, whose
// settings stand in one file.
func pair(t *testing.T) (p, globex *place) {
	t.Helper()
	p = serve(t, nil)
	globex = serve(t, func(w *sandbox.World) {
		w.Attio.Workspace.Slug, w.Attio.Workspace.Name = "globex", "Globex"
		w.Attio.OtherWorkspaces = nil
	})
	file := `
okta: {org_url: "` + p.env["SCIM_SYNC_OKTA_ORG_URL"] + `", app_id: ` + p.env["SCIM_SYNC_OKTA_APP_ID"] + `, api_token: "` + p.env["SCIM_SYNC_OKTA_API_TOKEN"] + `"}
workspaces:
`
	for _, x := range []*place{p, globex} {
		file += `
  - attio: {workspace: ` + x.env["SCIM_SYNC_ATTIO_WORKSPACE"] + `, token: "` + x.env["SCIM_SYNC_ATTIO_TOKEN"] + `", api_url: "` + x.env["SCIM_SYNC_ATTIO_API_URL"] + `", scim_url: "` + x.env["SCIM_SYNC_ATTIO_SCIM_URL"] + `"}
`
	}
	ok(t, os.WriteFile(filepath.Join(p.home, "scim-sync.yaml"), []byte(file), 0o600))
	p.without("SCIM_SYNC_")
	return p, globex
}

// TestEachWorkspaceInTurn: apply --workspace all does for each what apply does for
// it alone, with one reading of Okta; one that is refused keeps no other from its
// work, and decides how all of it ends.
func TestEachWorkspaceInTurn(t *testing.T) {
	p, globex := pair(t)
	alone := p.run("plan", "--workspace", "globex")
	if alone.code != 0 || !strings.Contains(alone.out, "Globex (globex)") {
		t.Fatalf("%+v", alone)
	}
	before := len(p.box.Okta.Requests())
	one := p.run("plan", "--workspace", "acme")
	each := len(p.box.Okta.Requests()) - before
	r := p.run("apply", "--yes", "--first-run", "--workspace", "all")
	if r.code != 0 || strings.Index(r.out, "Workspace acme") > strings.Index(r.out, "Workspace globex") || !strings.Contains(r.out, "All workspaces\n  acme    done, or nothing to do (0)\n  globex  done") {
		t.Fatalf("%d %s %s; alone: %s", r.code, r.out, r.errors, one.out)
	}
	for _, x := range []*place{p, globex} {
		if m, there := x.box.Attio.Snapshot().Member("bo@acme.example"); !there || m.Status != attiotest.Active {
			t.Errorf("%s has no bo", x.box.Attio.Snapshot().Workspace.Slug)
		}
	}
	before = len(p.box.Okta.Requests())
	if r := p.run("plan", "--workspace", "all", "--full"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	if both := len(p.box.Okta.Requests()) - before; both >= 2*each {
		t.Errorf("%d requests to Okta for both, %d for one", both, each)
	}
	ok(t, p.box.Okta.RemoveMember("Sales", "bo@acme.example"))
	if r = p.run("plan", "--workspace", "all", "--detailed-exitcode"); r.code != 2 {
		t.Errorf("%+v", r)
	}
	settings := filepath.Join(p.home, "scim-sync.yaml")
	ok(t, os.WriteFile(settings, []byte(strings.Replace(p.read("scim-sync.yaml"), p.box.Environment()[6].Value, "no-such-token", 1)), 0o600))
	r = p.run("apply", "--workspace", "all", "--yes", "--quiet")
	if r.code != 6 || !strings.Contains(r.errors, "acme    not signed in, or the credential lacks a right (6)\n  globex  done") || strings.Contains(r.out, "globex") {
		t.Errorf("%d\n%s\n%s", r.code, r.out, r.errors)
	}
	if m, _ := globex.box.Attio.Snapshot().Member("bo@acme.example"); m.Status != attiotest.Suspended {
		t.Errorf("globex still has bo: %+v", m)
	}
}

// TestOneWorkspaceMustBeNamed: with several nobody guesses, and what is for one alone
// says so.
func TestOneWorkspaceMustBeNamed(t *testing.T) {
	p, _ := pair(t)
	for line, words := range map[string]string{
		"plan":                              "there are several: acme, globex; say which is meant with --workspace NAME, or --workspace all",
		"plan --workspace acne":             "none is called acne; did you mean acme?",
		"plan --workspace all --out x.json": "--out names one file",
		"apply x.json --workspace all":      "a saved plan is for one workspace",
		"login --workspace all":             "login is for one workspace at a time",
		"watch --workspace=all":             "watch is for one workspace at a time",
	} {
		if r := p.run(strings.Fields(line)...); r.code != 5 || !strings.Contains(r.errors, words) {
			t.Errorf("%s: %+v", line, r)
		}
	}
	p.env["SCIM_SYNC_WORKSPACE"] = "globex"
	if r := p.run("status"); r.code != 0 || !strings.Contains(r.out, "globex") {
		t.Errorf("%+v", r)
	}
	p.env["SCIM_SYNC_WORKSPACE"] = "all"
	if r := p.run("status", "--format", "json"); r.code != 0 || strings.Contains(r.out, "Workspace acme") || strings.Count(r.out, `"workspace"`) < 2 || !strings.Contains(r.errors, "Workspace globex") {
		t.Errorf("%+v", r)
	}
	file := filepath.Join(p.home, "scim-sync.yaml")
	b, err := os.ReadFile(file)
	ok(t, err)
	ok(t, os.WriteFile(file, append([]byte("metrics_file: /tmp/x.prom\n"), b...), 0o600))
	if r := p.run("plan", "--workspace", "all"); r.code != 5 || !strings.Contains(r.errors, "the workspaces acme and globex have one metrics_file: /tmp/x.prom") {
		t.Errorf("%+v", r)
	}
}
