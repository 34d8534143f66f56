package commands

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// vault is the folder of the stored sign-ins.
func (p *place) vault() string { return filepath.Join(p.home, ".local", "share", "scim-sync") }

// TestDamagedSignIns: a damaged list of the sign-ins ends a command with 6 and
// the way back; login and logout save what can be read and go on.
func TestDamagedSignIns(t *testing.T) {
	for name, again := range map[string]func(*place) result{
		"login":  func(p *place) result { p.signIn(); return result{} },
		"logout": func(p *place) result { return p.run("logout") },
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, nil)
			delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
			p.signIn()
			list := filepath.Join(p.vault(), "logins.json")
			text, err := os.ReadFile(list)
			must(t, err)
			must(t, os.WriteFile(list, text[:len(text)-4], 0o600))
			for _, line := range []string{"plan", "status", "token", "doctor"} {
				if r := p.run(line); r.code != 6 || !strings.Contains(r.out+r.errors, "logins.json is damaged") || !strings.Contains(r.out+r.errors, "Do not delete it") {
					t.Errorf("%s: exit %d: %s%s", line, r.code, r.out, r.errors)
				}
			}
			if r := again(p); r.code != 0 || name == "logout" && !strings.Contains(r.errors, "1 sign-in was saved") {
				t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
			}
			if aside, err := os.ReadFile(list + ".damaged"); err != nil || len(aside) != len(text)-4 {
				t.Errorf("put aside: %d bytes, %v", len(aside), err)
			}
			_, err = keyring.Get("scim-sync", p.box.Attio.Snapshot().Workspace.ID)
			if (err == nil) != (name == "login") {
				t.Errorf("the keyring: %v", err)
			}
		})
	}
}

// TestUnusableSignIns: where sign-ins cannot be kept, that is told with its
// mend before anybody is asked to consent.
func TestUnusableSignIns(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	must(t, os.MkdirAll(filepath.Dir(p.vault()), 0o700))
	must(t, os.WriteFile(p.vault(), nil, 0o600))
	for _, line := range [][]string{{"login", "--no-browser"}, {"login", "--token-stdin"}, {"logout"}, {"status"}, {"plan"}, {"doctor"}} {
		if r := p.run(line...); r.code != 6 || !strings.Contains(r.out+r.errors, "where sign-ins are kept: not a directory") || !strings.Contains(r.out+r.errors, "XDG_DATA_HOME") || strings.Contains(r.out, "/authorize") {
			t.Errorf("%v: exit %d: %s%s", line, r.code, r.out, r.errors)
		}
	}
}

// TestLogoutWithoutTheKeyring: a keyring that is gone is told, and the sign-in
// can be forgotten all the same.
func TestLogoutWithoutTheKeyring(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	p.signIn()
	keyring.MockInitWithError(errors.New("the bus is gone"))
	defer keyring.MockInit()
	if r := p.run("logout"); r.code != 6 || !strings.Contains(r.errors, "the bus is gone") || !strings.Contains(r.errors, "scim-sync logout --force") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
	if r := p.run("logout", "--force"); r.code != 0 || !strings.Contains(r.out, "may still hold the token") || !strings.Contains(r.out, "delete") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
	if r := p.run("logout"); r.code != 0 || !strings.Contains(r.out, "Nothing to forget") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.errors)
	}
}

// TestLogoutOfSeveral names its own flag.
func TestLogoutOfSeveral(t *testing.T) {
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	p.signIn()
	delete(p.env, "SCIM_SYNC_ATTIO_WORKSPACE")
	k := p.start(t.Context(), false, "login", "--no-browser", "--workspace", "globex")
	_, err := k.in.Write([]byte(consented(t, k.line(t), "globex") + "\n"))
	must(t, err)
	if r := k.end(); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.errors)
	}
	if r := p.run("logout"); r.code != 5 || !strings.Contains(r.errors, "acme, globex") || !strings.Contains(r.errors, "scim-sync logout --workspace acme") || strings.Contains(r.errors, "Set attio.workspace") {
		t.Errorf("exit %d: %s", r.code, r.errors)
	}
}

// TestExposedSignIn: status and doctor warn of a token that others can read.
func TestExposedSignIn(t *testing.T) {
	keyring.MockInitWithError(errors.New("there is none"))
	defer keyring.MockInit()
	p := serve(t, nil)
	delete(p.env, "SCIM_SYNC_ATTIO_TOKEN")
	p.signIn()
	if d, r := p.doctor(); len(d.with("warn")) != 0 || r.code != 0 {
		t.Errorf("closed: exit %d: %s", r.code, r.out)
	}
	must(t, os.Chmod(filepath.Join(p.vault(), "token-"+p.box.Attio.Snapshot().Workspace.ID+".json"), 0o644))
	if d, r := p.doctor(); strings.Join(d.with("warn"), " ") != "attio-token-kept" || r.code != 0 || !strings.Contains(r.out, "chmod 600") {
		t.Errorf("exit %d: %s", r.code, r.out)
	}
	if r := p.run("status"); r.code != 0 || !strings.Contains(r.out, "others on this machine can read") {
		t.Errorf("exit %d: %s", r.code, r.out)
	}
}
