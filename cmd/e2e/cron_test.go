//go:build !windows

package e2e

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"scim-sync/attio/attiotest"
)

// cronHost is a machine without root: the recipe's folders are below one of its own.
type cronHost struct {
	t    *testing.T
	root string
	path string // of the programs
	job  string // the command of the crontab
}

// here leads a text's paths to that folder, and leaves out what takes root.
func (h *cronHost) here(text string) string {
	text = regexp.MustCompile(`-o \S+ -g \S+ `).ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, "sudo -u scim-sync ", "")
	text = regexp.MustCompile(`/usr/share/doc/scim-sync/(\S+)\.cron`).ReplaceAllString(text, filepath.Join(root, "deploy", "cron", "$1.cron"))
	text = strings.ReplaceAll(text, "/usr/share/doc/scim-sync", root)
	return regexp.MustCompile(`(^|[\s/])(/etc|/var/lib)/`).ReplaceAllString(text, "${1}"+h.root+"$2/")
}

// sh runs a line as cron does: in an environment of nothing but where programs and
// the user's folder are.
func (h *cronHost) sh(line string) (code int, said string) {
	h.t.Helper()
	c := exec.CommandContext(h.t.Context(), "/usr/bin/env", "-i", "PATH="+h.path, "SHELL=/bin/sh", "LOGNAME=scim-sync", "HOME="+h.root+"/var/lib/scim-sync", "/bin/sh", "-c", line)
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		h.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(out)
}

type section = map[string]any

// settings puts the recipe's lines into the example that it has installed, in place of
// the tokens there, and what is yours; and the tokens into their files.
func (h *cronHost) settings(recipe string, yours map[string]section, tokens map[string]string) {
	h.t.Helper()
	file := h.root + "/etc/scim-sync/scim-sync.yaml"
	example, err := os.ReadFile(file)
	var all, said map[string]any
	done(h.t, err, yaml.Unmarshal(example, &all), yaml.Unmarshal([]byte(recipe), &said))
	for name, token := range map[string]string{"okta": "api_token", "attio": "token"} {
		of, _ := all[name].(section)
		delete(of, token)
		maps.Copy(of, yours[name])
		path, _ := said[name].(section)[token+"_file"].(string)
		done(h.t, os.WriteFile(path, []byte(tokens[name]+"\n"), 0o600))
	}
	for name, of := range said {
		maps.Copy(all[name].(section), of.(section))
	}
	whole, err := yaml.Marshal(all)
	done(h.t, err, os.WriteFile(file, whole, 0o640))
}

// recipe follows docs/operations.md as far as it goes without root.
func (h *cronHost) recipe(yours map[string]section, tokens map[string]string) {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	done(h.t, err)
	_, section, _ := strings.Cut(string(text), "\n## cron\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?s)```(sh|yaml)\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 3 || blocks[1][1] != "yaml" {
		h.t.Fatalf("the recipe has %d parts", len(blocks))
	}
	for _, folder := range []string{"/etc/cron.d", "/var/lib"} {
		done(h.t, os.MkdirAll(h.root+folder, 0o755))
	}
	for i, b := range blocks {
		if b[1] == "yaml" {
			h.settings(h.here(b[2]), yours, tokens)
			continue
		}
		for line := range strings.Lines(h.here(b[2])) {
			switch line = strings.TrimSpace(line); {
			case strings.HasPrefix(line, "useradd "):
				continue
			case strings.HasPrefix(line, "scim-sync apply "): // a terminal would ask
				line += " --yes --first-run"
			}
			if code, said := h.sh(line); code != 0 {
				h.t.Fatalf("part %d: %s ended with %d: %s", i, line, code, said)
			}
		}
	}
	text, err = os.ReadFile(h.root + "/etc/cron.d/scim-sync")
	done(h.t, err)
	for line := range strings.Lines(string(text)) {
		switch fields := strings.Fields(line); {
		case strings.HasPrefix(line, "PATH="):
			h.path = h.root + "/bin:" + strings.TrimSpace(strings.TrimPrefix(line, "PATH="))
		case strings.HasPrefix(line, "*"):
			h.job = h.here(strings.Join(fields[6:], " "))
		}
	}
}

// TestCronRecipe follows the recipe for cron word by word, as far as it goes without
// root, and then lets cron run: it mails nothing while all is well or something is
// changed, and what is refused once when it begins and once when it is over.
func TestCronRecipe(t *testing.T) {
	s := newScene(t, []byte(crowded)).play(t)
	h := &cronHost{t: t, root: t.TempDir()}
	h.path = h.root + "/bin:/usr/bin:/bin"
	program, err := os.Executable()
	done(t, err, os.Mkdir(h.root+"/bin", 0o755), os.Symlink(program, h.root+"/bin/scim-sync"))
	env := map[string]string{}
	for _, v := range s.env {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	h.recipe(map[string]section{
		"okta":  {"org_url": env["SCIM_SYNC_OKTA_ORG_URL"], "app_id": env["SCIM_SYNC_OKTA_APP_ID"]},
		"attio": {"api_url": env["SCIM_SYNC_ATTIO_API_URL"], "scim_url": env["SCIM_SYNC_ATTIO_SCIM_URL"], "workspace": env["SCIM_SYNC_ATTIO_WORKSPACE"]},
	}, map[string]string{"okta": env["SCIM_SYNC_OKTA_API_TOKEN"], "attio": env["SCIM_SYNC_ATTIO_TOKEN"]})
	if status(s, "p01@acme.example") != attiotest.Active {
		t.Error("the first run by hand brought nobody in")
	}
	for _, x := range []struct {
		name  string
		do    func() error
		code  int
		mails []string // what the lines of the mail begin with
	}{
		{name: "nothing to do"},
		{name: "somebody leaves", do: func() error { return s.okta.Unassign("p01@acme.example") }},
		{name: "a refusal", code: 3, do: func() error { return s.okta.SetRole("ada@acme.example", "member") }, mails: []string{"refused own-account: ", "  → "}},
		{name: "the same", code: 3},
		{name: "the same again", code: 3},
		{name: "it is over", do: func() error { return s.okta.SetRole("ada@acme.example", "admin") }, mails: []string{"over: refused own-account: "}},
		{name: "and stays so"},
	} {
		if x.do != nil {
			done(t, x.do())
		}
		code, said := h.sh(h.job)
		lines := strings.Split(strings.TrimRight(said, "\n"), "\n")
		if said == "" {
			lines = nil
		}
		good := code == x.code && len(lines) == len(x.mails)
		for i := 0; good && i < len(lines); i++ {
			good = strings.HasPrefix(lines[i], x.mails[i])
		}
		if !good {
			t.Errorf("%s: %s ended with %d and mailed\n%s", x.name, h.job, code, said)
		}
	}
	if got := status(s, "p01@acme.example"); got != attiotest.Suspended {
		t.Errorf("who left is %s", got)
	}
	left, err := filepath.Glob(h.root + "/var/lib/scim-sync/*")
	if done(t, err); len(left) == 0 {
		t.Error("there is no state where the recipe says")
	}
	for _, file := range left {
		if !strings.HasPrefix(filepath.Base(file), "state") {
			t.Errorf("it left %s", file)
		}
	}
}
