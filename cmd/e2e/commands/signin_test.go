package commands

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/sandbox"
)

// TestWhatTheTokenIsGoesBeforeWhatItReads: where the state's place is known, both
// sides are read while Attio says what the token is. Of a wrong one nothing is
// shown and nothing is written, neither to Attio nor to the state, whatever Okta and
// the lists say, and whoever is first.
func TestWhatTheTokenIsGoesBeforeWhatItReads(t *testing.T) {
	p := serve(t, func(w *sandbox.World) {
		const owner = "ada@acme.example"
		w.Attio.Tokens = []attiotest.Token{{Token: "good", AuthorizedBy: owner}, {Token: "read-only", AuthorizedBy: owner, Scopes: []string{"user_management:read"}},
			{Token: "blind", AuthorizedBy: owner, Scopes: []string{"record_permission:read"}}}
	})
	p.env["SCIM_SYNC_STATE_URL"] = "file://" + p.home + "/state.json"
	good := maps.Clone(p.env)
	for _, state := range []string{"none yet", "there"} {
		if state == "there" {
			if r := p.run("apply", "--yes", "--first-run"); r.code != 0 {
				t.Fatal(r.errors)
			}
		}
		before, writes := kept(t, p), len(p.box.Attio.Writes())
		for name, c := range map[string]struct {
			env   map[string]string
			code  int
			says  string
			plans bool // a plan may be made with it
		}{
			"another workspace": {map[string]string{"SCIM_SYNC_ATTIO_WORKSPACE": "globex"}, 3, "wrong-workspace: the token is for the workspace acme", false},
			"no token":          {map[string]string{"SCIM_SYNC_ATTIO_TOKEN": "nobody"}, 6, "identify the token: ", false},
			"no scope":          {map[string]string{"SCIM_SYNC_ATTIO_TOKEN": "blind"}, 6, "the token lacks the scope user_management:read", false},
			"only to read":      {map[string]string{"SCIM_SYNC_ATTIO_TOKEN": "read-only"}, 6, "the token lacks the scope user_management:read-write", true},
		} {
			for _, okta := range []string{good["SCIM_SYNC_OKTA_API_TOKEN"], "wrong"} {
				p.env = maps.Clone(good)
				maps.Copy(p.env, c.env)
				p.env["SCIM_SYNC_OKTA_API_TOKEN"] = okta
				for _, args := range [][]string{{"apply", "--yes"}, {"apply", "--yes", "--first-run"}, {"plan"}} {
					if c.plans && args[0] == "plan" {
						continue
					}
					r := p.run(args...)
					if r.code != c.code || !strings.Contains(r.errors, c.says) || r.out != "" || strings.Count(r.errors, "\n") > 2 {
						t.Errorf("state %s, %s, Okta's token %q, %v: exit %d\n%s%s", state, name, okta, args, r.code, r.out, r.errors)
					}
				}
			}
		}
		p.env = good
		if after := kept(t, p); !maps.Equal(before, after) {
			t.Errorf("state %s: it was %v, and is %v", state, before, after)
		}
		if n := len(p.box.Attio.Writes()); n != writes {
			t.Errorf("state %s: %d writes", state, n-writes)
		}
	}
}

// kept is what the state and its neighbours hold, but for the lock.
func kept(t *testing.T, p *place) map[string]string {
	all := files(t, p.home)
	maps.DeleteFunc(all, func(name, _ string) bool { return strings.Contains(name, "lock") })
	return all
}

// TestTheStateOfAStoredSignInIsOfItsWorkspace: it is found by the workspace that was
// signed in to, before Attio has said which one the token is for; where that is
// another, nothing of either is touched.
func TestTheStateOfAStoredSignInIsOfItsWorkspace(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	p.signIn()
	if r := p.run("apply", "--yes", "--first-run"); r.code != 0 {
		t.Fatal(r.errors)
	}
	var id, list string
	for name, text := range files(t, p.home) {
		if strings.HasSuffix(name, ".json") && strings.Contains(name, "state/scim-sync/") && !strings.Contains(name, ".cache.") {
			id = strings.TrimSuffix(name[strings.LastIndex(name, "/")+1:], ".json")
		}
		if strings.Contains(text, `"workspace_slug"`) {
			list = name
		}
	}
	if r := p.run("plan"); r.code != 0 || !strings.Contains(r.out, "Plan: ") && !strings.Contains(r.out, "Nothing to do") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
	before, err := os.ReadFile(filepath.Join(p.home, list))
	must(t, err)
	const other = "11111111-2222-4333-8444-555555555555"
	token, err := keyring.Get("scim-sync", id)
	must(t, err)
	must(t, keyring.Set("scim-sync", other, token))
	must(t, os.WriteFile(filepath.Join(p.home, list), bytes.ReplaceAll(before, []byte(id), []byte(other)), 0o600))
	was := kept(t, p)
	for _, args := range [][]string{{"plan"}, {"apply", "--yes", "--first-run"}} {
		if r := p.run(args...); r.code != 3 || !strings.Contains(r.errors, "wrong-workspace: the stored sign-in is to the workspace "+other) || r.out != "" {
			t.Errorf("%v: exit %d: %s%s", args, r.code, r.out, r.errors)
		}
	}
	if is := kept(t, p); !maps.Equal(was, is) {
		t.Errorf("it was %v, and is %v", was, is)
	}
}
