package commands

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/sync/state"
)

// keptState points a place at a state file of its own and gives its store.
func (p *place) keptState() *state.Store {
	p.t.Helper()
	path := filepath.Join(p.home, "kept", "state.json")
	p.env["SCIM_SYNC_STATE_URL"] = "file://" + path
	store, err := state.Open(p.t.Context(), state.Location{Path: path})
	if err != nil {
		p.t.Fatal(err)
	}
	return store
}

// TestTiesRespectTheLock: while a run holds the lock, what would change the
// state exits with 7; what only looks goes on.
func TestTiesRespectTheLock(t *testing.T) {
	p := serve(t, nil)
	store := p.keptState()
	if r := p.run("apply", "--yes", "--first-run"); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.errors)
	}
	run, err := store.Begin(t.Context(), state.RunInfo{RunID: "other", Command: "apply", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	before := files(t, filepath.Join(p.home, "kept"))
	for _, args := range [][]string{{"unlink", "Sales"}, {"release", "bo@acme.example"}, {"release", "--all"}} {
		if r := p.run(args...); r.code != 7 || !strings.Contains(r.errors, "apply") {
			t.Errorf("%v: exit %d: %s", args, r.code, r.errors)
		}
		if r := p.run(append(slices.Clone(args), "--dry-run")...); r.code != 0 || !strings.Contains(r.out, "A dry run") {
			t.Errorf("%v --dry-run: exit %d: %s%s", args, r.code, r.out, r.errors)
		}
	}
	for _, args := range [][]string{{"explain", "bo@acme.example"}, {"history"}, {"state", "show"}, {"__complete", "release", ""}} {
		if r := p.run(args...); r.code != 0 || r.out == "" {
			t.Errorf("%v: exit %d: %s", args, r.code, r.errors)
		}
	}
	if after := files(t, filepath.Join(p.home, "kept")); !sameFiles(before, after) {
		t.Errorf("the state was touched: %v, before %v", after, before)
	}
}

func sameFiles(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, text := range a {
		if b[name] != text {
			return false
		}
	}
	return true
}

// TestCompletionDoesNotWait: a side that never answers costs whoever presses
// Tab a moment, and not a word.
func TestCompletionDoesNotWait(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	p := serve(t, nil)
	p.env["SCIM_SYNC_OKTA_ORG_URL"] = silent.URL
	began := time.Now()
	r := p.run("__complete", "link", "")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	if r.code != 0 || strings.Contains(r.errors, "Error") || strings.Contains(r.errors, "Warning") {
		t.Errorf("exit %d: %q %q", r.code, r.out, r.errors)
	}
	p.env["SCIM_SYNC_OKTA_ORG_URL"] = "ftp://nonsense"
	if r := p.run("__complete", "release", ""); r.code != 0 || strings.Contains(r.errors, "nonsense") {
		t.Errorf("exit %d: %q %q", r.code, r.out, r.errors)
	}
	if left := files(t, p.home); len(left) != 0 {
		t.Errorf("completion left %v", left)
	}
}

// TestRebindAsks: at a terminal, only yes ties the state to another app.
func TestRebindAsks(t *testing.T) {
	p := serve(t, nil)
	store := p.keptState()
	run, err := store.Begin(t.Context(), state.RunInfo{RunID: "first", Command: "apply", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	workspace := p.box.Attio.Snapshot().Workspace.ID
	if err := run.Bind(t.Context(), workspace, p.env["SCIM_SYNC_OKTA_ORG_URL"], "0oaformerapp00000001"); err != nil {
		t.Fatal(err)
	}
	if err := run.Finish(t.Context(), state.Summary{}); err != nil {
		t.Fatal(err)
	}
	if r := p.rebind("no"); r.code != 1 {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
	if m, _, _, err := store.Read(t.Context()); err != nil || m.AppID != "0oaformerapp00000001" {
		t.Errorf("after no the state belongs to %s (%v)", m.AppID, err)
	}
	if r := p.rebind("yes"); r.code != 0 {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
	if m, _, _, err := store.Read(t.Context()); err != nil || m.AppID != p.box.Okta.AppID() {
		t.Errorf("after yes the state belongs to %s (%v)", m.AppID, err)
	}
}

// rebind answers the question of state rebind.
func (p *place) rebind(answer string) result {
	p.t.Helper()
	k := p.start(p.t.Context(), true, "state", "rebind")
	go func() { _, _ = k.in.Write([]byte(answer + "\n")) }()
	return k.end()
}
