package commands

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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

// TestAReadingBeginsAtOnce: where the state's place is known, what the token is, the
// app, both sides' first pages and what changed are all under way before any of
// them is answered; plan and apply alike.
func TestAReadingBeginsAtOnce(t *testing.T) {
	for _, args := range [][]string{{"plan"}, {"apply", "--yes", "--first-run"}} {
		p := serve(t, nil)
		p.env["SCIM_SYNC_STATE_URL"] = "file://" + p.home + "/state.json"
		var first sync.WaitGroup
		app := "/api/v1/apps/" + p.env["SCIM_SYNC_OKTA_APP_ID"]
		begins := map[string]*sync.Once{}
		for _, path := range []string{"/v2/self", "/v2/workspace_members", "/scim/v2/Users", "/scim/v2/Groups", app, app + "/groups", "/api/v1/groups"} {
			begins[path] = new(sync.Once)
			first.Add(1)
		}
		all := make(chan struct{})
		go func() { first.Wait(); close(all) }()
		before := func(to string) string {
			u, err := url.Parse(to)
			must(t, err)
			proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if once := begins[r.URL.Path]; once != nil {
					once.Do(first.Done)
					select {
					case <-all:
					case <-time.After(20 * time.Second):
						t.Errorf("%v: %s is waited for", args, r.URL.Path)
					}
				}
				proxy.ServeHTTP(w, r)
			}))
			t.Cleanup(s.Close)
			return s.URL
		}
		p.env["SCIM_SYNC_OKTA_ORG_URL"] = before(p.env["SCIM_SYNC_OKTA_ORG_URL"])
		attio := before(p.env["SCIM_SYNC_ATTIO_API_URL"])
		p.env["SCIM_SYNC_ATTIO_API_URL"], p.env["SCIM_SYNC_ATTIO_SCIM_URL"] = attio, attio+"/scim/v2"
		if r := p.run(args...); r.code != 0 {
			t.Errorf("%v: exit %d: %s", args, r.code, r.errors)
		}
	}
}
