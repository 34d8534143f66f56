package commands

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scim-sync/cmd"
)

// turn is a question that init asks, by some of its words, and the answer to it.
type turn struct{ question, answer string }

// interviewed plays an init on a terminal, and gives what it printed.
func (p *place) interviewed(turns []turn, args ...string) (code int, out, told string) {
	p.t.Helper()
	in, keys := newKeys()
	o, e := newHeard(), newHeard()
	sys := p.system(append([]string{"init"}, args...), in, o, e)
	sys.Interactive = true
	done := make(chan int, 1)
	go func() { done <- cmd.Execute(p.t.Context(), sys) }()
	asked := map[string]int{}
	for _, x := range turns {
		asked[x.question]++
		e.await(p.t, x.question, asked[x.question])
		keys(x.answer)
	}
	return <-done, o.String(), e.String()
}

// newKeys is a keyboard.
func newKeys() (in *os.File, press func(line string)) {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	return r, func(line string) { _, _ = w.WriteString(line + "\n") }
}

// without is the environment of somebody who has just installed the program.
func (p *place) without(prefixes ...string) {
	for name := range p.env {
		for _, x := range prefixes {
			if strings.HasPrefix(name, x) {
				delete(p.env, name)
			}
		}
	}
}

func (p *place) read(name string) string {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.home, name))
	ok(p.t, err)
	return string(b)
}

// TestInitAsksANewcomer plays somebody who has nothing but an org, a token and a
// workspace: slips are told and asked again, the file holds no secret, and what is
// typed as a token is shown nowhere. What was written is enough for a plan.
func TestInitAsksANewcomer(t *testing.T) {
	p := serve(t, nil)
	org, token, attio := p.env["SCIM_SYNC_OKTA_ORG_URL"], p.env["SCIM_SYNC_OKTA_API_TOKEN"], p.env["SCIM_SYNC_ATTIO_TOKEN"]
	p.without("SCIM_SYNC_OKTA", "SCIM_SYNC_ATTIO_TOKEN", "SCIM_SYNC_ATTIO_WORKSPACE")
	code, out, told := p.interviewed([]turn{
		{"Okta org:", "acme-admin.okta.com"}, {"Okta org:", org},
		{"API token", "00WRONGwrongWRONG"}, {"API token", token},
		{"Which app", "Slack"}, {"Which app", "1"},
		{"Shall they?", "perhaps"}, {"Shall they?", "yes"},
		{"nobody is signed in", "https://app.attio.com/acme/home"},
		{"Keep that token", "yes"},
	})
	for _, words := range []string{"is the admin console's address", "Invalid token", `no app that the token sees is called "Slack"`,
		"2 people are assigned: 2 active.", "admin (1), member (1)", "1 assigned group would become a team", "Sales (1)", "Next: scim-sync login"} {
		if !strings.Contains(strings.Join(strings.Fields(told), " "), words) {
			t.Errorf("%q is not told:\n%s", words, told)
		}
	}
	if code != 6 || !strings.Contains(out, "Wrote ") || !strings.Contains(out, "not signed in") {
		t.Errorf("%d %s", code, out)
	}
	file := p.read("scim-sync.yaml")
	for _, line := range []string{"org_url: " + org, "app_id: " + p.box.Okta.AppID(), "api_token_file: okta-token", "workspace: acme", "source: assigned_groups"} {
		if !strings.Contains(file, line) {
			t.Errorf("%q is not in the file:\n%s", line, file)
		}
	}
	if strings.Contains(file+out+told, token) || strings.Contains(out+told, "WRONG") {
		t.Error("the token is shown")
	}
	if st, err := os.Stat(filepath.Join(p.home, "okta-token")); err != nil || st.Mode().Perm() != 0o600 || p.read("okta-token") != token+"\n" {
		t.Errorf("the token's file: %v %v", st, err)
	}
	p.env["SCIM_SYNC_ATTIO_TOKEN"] = attio
	if r := p.run("plan"); r.code != 0 || !strings.Contains(r.out, "bo@acme.example") {
		t.Errorf("the plan of it: %+v", r)
	}
	if r := p.run("init", "--yes"); r.code != 5 || !strings.Contains(r.errors, "is there already, and init replaces no file") || p.read("scim-sync.yaml") != file {
		t.Errorf("a second one: %+v", r)
	}
}

// TestInitShowsTheWorkspaceOfWhoIsSignedIn: with a token for Attio, it says whom a
// run would adopt, and ends well.
func TestInitShowsTheWorkspaceOfWhoIsSignedIn(t *testing.T) {
	p := serve(t, nil)
	code, out, told := p.interviewed([]turn{{"Shall they?", "no"}})
	told = strings.Join(strings.Fields(told), " ")
	if code != 0 || !strings.Contains(out, "Everything that could be looked at is right.") || !strings.Contains(told, "the workspace Acme (acme)") ||
		!strings.Contains(told, "2 people, invites included: 1 has the address of somebody assigned in Okta and would be adopted; 1 has another one") || !strings.Contains(told, "eve@acme.example") {
		t.Errorf("%d %s %s", code, out, told)
	}
	if file := p.read("scim-sync.yaml"); !strings.Contains(file, "source: none") || !strings.Contains(file, "comes from SCIM_SYNC_ATTIO_TOKEN") {
		t.Error(file)
	}
}

// TestInitInScripts asks nothing with --yes: what is missing is a usage error that
// names the flag, before anything is written.
func TestInitInScripts(t *testing.T) {
	p := serve(t, nil)
	full := p.env
	rows := []struct {
		name   string
		lacks  string
		args   []string
		code   int
		errors string
	}{
		{"no terminal", "", nil, 5, "no terminal to ask on"},
		{"no org", "SCIM_SYNC_OKTA", []string{"--yes"}, 5, "Give it with --org"},
		{"no token", "SCIM_SYNC_OKTA", []string{"--yes", "--org", full["SCIM_SYNC_OKTA_ORG_URL"]}, 5, "--token-file or OKTA_API_TOKEN"},
		{"no such app", "SCIM_SYNC_OKTA_APP", []string{"--yes", "--app", "Slack"}, 5, `is called "Slack"`},
		{"half a service app", "", []string{"--yes", "--client-id", "0oa1"}, 5, "takes all three"},
		{"no such source", "", []string{"--yes", "--teams", "all"}, 5, "assigned_groups, push_mappings or none"},
		{"no folder", "", []string{"--yes", "--out", "none/scim-sync.yaml"}, 5, "there is no folder"},
		{"the sandbox that ends", "", []string{"--yes", "--sandbox"}, 5, "scim-sync sandbox --env-file"},
		{"all that is needed", "SCIM_SYNC_OKTA_APP", []string{"--yes", "--out", "other.yaml", "--admin-group", "Sales", "--role-attribute", "roles"}, 0, "The app: Attio"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := &place{t: t, box: p.box, env: map[string]string{}, home: p.home, now: p.now}
			maps.Copy(p.env, full)
			if row.lacks != "" {
				p.without(row.lacks)
			}
			r := p.run(append([]string{"init"}, row.args...)...)
			if r.code != row.code || !strings.Contains(r.errors, row.errors) {
				t.Errorf("%+v", r)
			}
			if _, err := os.Stat(filepath.Join(p.home, "scim-sync.yaml")); err == nil {
				t.Error("the usual file was written")
			}
		})
	}
	if file := p.read("other.yaml"); !strings.Contains(file, `admin_groups: ["Sales"]`) || !strings.Contains(file, "role_attribute: roles") {
		t.Error(file)
	}
}
