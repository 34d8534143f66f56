package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/internal/sample"
)

// pagesWorld has names that are markup, and enough people for a folded group.
const pagesWorld = `
settings:
  teams: {groups: [{group: Engineering, team: Eng}]}
okta:
  users:
    - {login: ada@acme.example, first_name: Ada, last_name: Arden}
    - {login: bo@acme.example, first_name: "<img src=x onerror='document.title=1'>", last_name: "<script>document.title=2</script>"}
    - {login: cy-long-name@acme.example, first_name: Cy, last_name: Cole}
  groups:
    - {name: Engineering, members: [ada@acme.example, bo@acme.example]}
    - {name: "<b>Sales</b>", members: [cy-long-name@acme.example]}
  assigned_groups: [{group: Engineering}, {group: "<b>Sales</b>"}]
  assignments: [{user: ada@acme.example, profile: {roles: [admin]}}]
attio:
  workspace: {slug: acme, name: "Acme <i>Ltd</i>", verified_domains: [acme.example]}
  members:
    - {email: ada@acme.example, given_name: Ada, family_name: Arden, role: admin}
    - {email: guest@acme.example, given_name: Guest}
`

// TestPagesInChromium opens every document that the program writes as HTML, and the
// sandbox's pages, in a real browser: the console stays silent, a name that is markup
// stays text, search and filter work, all of it is there without the script and on
// paper, and axe-core finds nothing, light and dark.
//
// With SCIM_SYNC_SCREENSHOTS it writes what they look like into that folder.
func TestPagesInChromium(t *testing.T) {
	sample.Long(t)
	b := newBrowser(t)
	s, dir := newStage(t, pagesWorld), t.TempDir()
	files := map[string]string{}
	keep := func(name string, args ...string) {
		t.Helper()
		code, out := s.start(t, append(args, "--quiet")...).end(t)
		if code != 0 {
			t.Fatalf("%v ended with %d: %s", args, code, out)
		}
		files[name] = filepath.Join(dir, name+".html")
		if strings.HasPrefix(out, "<!doctype") {
			if err := os.WriteFile(files[name], []byte(out), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	keep("plan", "plan", "--format", "html")
	keep("report", "apply", "--yes", "--first-run", "--report", filepath.Join(dir, "report.html"))
	keep("history", "history", "--format", "html")
	keep("person", "history", "--person", "bo@acme.example", "--format", "html")
	keep("access", "report", "access", "--format", "html")
	axe := axeCore(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		t.Run(name, func(t *testing.T) {
			b.open(t, "file://"+files[name])
			b.readsAsText(t)
			if axe != "" {
				b.accessible(t, axe)
			}
			b.shoot(t, name)
			if said := b.complaints(t); len(said) > 0 {
				t.Errorf("the console says: %v", said)
			}
		})
	}
	served := map[string]string{
		"okta": s.value("SCIM_SYNC_OKTA_ORG_URL") + "/sandbox", "attio": s.value("SCIM_SYNC_ATTIO_API_URL") + "/sandbox",
		"sandbox-plan": s.value("SCIM_SYNC_OKTA_ORG_URL") + "/sandbox/plan", "sandbox-plan-page": s.value("SCIM_SYNC_OKTA_ORG_URL") + "/sandbox/plan.html",
	}
	for _, name := range slices.Sorted(maps.Keys(served)) {
		t.Run(name, func(t *testing.T) {
			b.open(t, served[name])
			if axe != "" {
				b.accessible(t, axe)
			}
			b.shoot(t, name)
			if said := b.complaints(t); len(said) > 0 {
				t.Errorf("the console says: %v", said)
			}
		})
	}
	t.Run("the last run is marked, and gone when the sandbox begins anew", func(t *testing.T) {
		b.open(t, s.value("SCIM_SYNC_ATTIO_API_URL")+"/sandbox")
		var marked []string
		b.run(t, "return [...document.querySelectorAll('tr.marked td:first-child')].map(e => e.textContent)", &marked)
		if text := strings.Join(marked, " "); len(marked) != 4 || !strings.Contains(text, "bo@acme.example") || !strings.Contains(text, "Eng") || strings.Contains(text, "guest") {
			t.Errorf("marked are %q", marked)
		}
		b.open(t, s.value("SCIM_SYNC_OKTA_ORG_URL")+"/sandbox/plan")
		b.wait(t, "pre", "Nothing to do")
		b.open(t, s.value("SCIM_SYNC_ATTIO_API_URL")+"/sandbox")
		b.click(t, "form[action='/sandbox/reset'] button")
		b.wait(t, ".done", "Done: reset")
		b.run(t, "return [...document.querySelectorAll('tr.marked')].map(e => e.textContent)", &marked)
		if len(marked) > 0 {
			t.Errorf("marked are %q", marked)
		}
		b.open(t, s.value("SCIM_SYNC_OKTA_ORG_URL")+"/sandbox/plan")
		b.wait(t, "pre", "2 to provision")
	})
	t.Run("search", func(t *testing.T) {
		b.open(t, "file://"+files["plan"])
		all := b.visible(t)
		b.fill(t, "#find", "CY-long engineering")
		b.waitUntil(t, func() bool { return b.visible(t) == 0 })
		b.run(t, "const f = document.getElementById('find'); f.value = 'CY-long'; f.dispatchEvent(new Event('input'))", nil)
		b.waitUntil(t, func() bool { n := b.visible(t); return n > 0 && n < all }) // Cy, and the team that Cy is in
		b.run(t, "const f = document.getElementById('find'); f.value = ''; f.dispatchEvent(new Event('input'))", nil)
		b.waitUntil(t, func() bool { return b.visible(t) == all })
		b.run(t, "const k = document.getElementById('kind'); k.value = 'provision'; k.dispatchEvent(new Event('change'))", nil)
		b.wait(t, "#told", "2 lines")
	})
	t.Run("on paper and without a script", func(t *testing.T) {
		b.open(t, "file://"+files["plan"])
		b.run(t, "document.querySelectorAll('details').forEach(d => d.open = false)", nil)
		if n := b.visible(t); n != 0 {
			t.Errorf("%d rows are seen in what is folded", n)
		}
		b.devtools(t, "Emulation.setEmulatedMedia", map[string]any{"media": "print"})
		if n := b.visible(t); n < 5 {
			t.Errorf("%d rows are on paper", n)
		}
		b.devtools(t, "Emulation.setEmulatedMedia", map[string]any{"media": ""})
		b.devtools(t, "Emulation.setScriptExecutionDisabled", map[string]any{"value": true})
		b.open(t, "file://"+files["plan"])
		b.wait(t, "main", "cy-long-name@acme.example")
		b.devtools(t, "Emulation.setScriptExecutionDisabled", map[string]any{"value": false})
	})
}

// readsAsText fails where a name has become an element or has run.
func (b *browser) readsAsText(t *testing.T) {
	t.Helper()
	var found struct {
		Scripts, Images, Bold int
		Title                 string
		Broken                []string
	}
	b.run(t, `const lines = e => { const r = document.createRange(); r.selectNodeContents(e); return new Set([...r.getClientRects()].map(x => Math.round(x.top))).size; };
		return {Scripts: document.scripts.length, Images: document.images.length, Bold: document.querySelectorAll('b, i').length, Title: document.title,
		Broken: [...document.querySelectorAll('.w, td.who:not(.long) bdi')].filter(e => lines(e) > 1).map(e => e.textContent)}`, &found)
	if found.Scripts != 1 || found.Images+found.Bold > 0 || found.Title == "1" || found.Title == "2" {
		t.Errorf("a name has become markup: %+v", found)
	}
	if len(found.Broken) > 0 {
		t.Errorf("broken over lines: %v", found.Broken)
	}
}

// visible counts the rows that are seen.
func (b *browser) visible(t *testing.T) (n int) {
	t.Helper()
	b.run(t, "return [...document.querySelectorAll('[data-k]')].filter(e => e.checkVisibility() && e.getClientRects().length > 0 && e.offsetHeight > 0).length", &n)
	return n
}

func (b *browser) waitUntil(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !so() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it never came to be")
		}
	}
}

// accessible fails where axe-core finds anything, in light or in dark.
func (b *browser) accessible(t *testing.T, axe string) {
	t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		b.devtools(t, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
		b.run(t, "document.querySelectorAll('details').forEach(d => d.open = true)", nil)
		b.run(t, axe, nil)
		var found []json.RawMessage
		b.ask(t, "POST", "/execute/async", map[string]any{"script": `const done = arguments[0];
			axe.run().then(r => done(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html + " " + n.failureSummary)}))), e => done([String(e)]))`, "args": []any{}}, &found)
		for _, f := range found {
			t.Errorf("%s: %s", scheme, f)
		}
	}
	b.devtools(t, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{}})
}

// axeCore is the text of axe-core's one file, which .ci/run fetches; empty, and
// said so, where there is none and nobody asks for it.
func axeCore(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("SCIM_SYNC_TOOLS")
	if folder == "" {
		out, err := exec.Command("go", "env", "GOCACHE").Output()
		if err != nil {
			t.Fatal(err)
		}
		folder = filepath.Join(strings.TrimSpace(string(out)), "scim-sync-tools")
	}
	text, err := os.ReadFile(filepath.Join(folder, "axe.min.js"))
	if err == nil {
		return string(text)
	}
	if os.Getenv("SCIM_SYNC_REQUIRE_TOOLS") != "" {
		t.Fatal("axe-core is asked for and not here: .ci/run fetches it")
	}
	t.Log("without axe-core here, which .ci/run fetches, nobody looks at the pages' accessibility")
	return ""
}
