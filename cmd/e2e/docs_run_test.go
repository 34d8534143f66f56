package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"scim-sync/internal/sample"
)

// Lines of the documents that are not run as they stand. Each is the beginning of a
// line of a block.
type line struct{ begins, instead, why string }

func linesRunOtherwise() []line {
	const (
		nobody  = "nobody is there to be asked"
		machine = "changes the machine that it runs on; deploy/deploy_test.go looks at the units and files"
		tests   = "is about the tests themselves"
		others  = "is about others' software, which it fetches and builds"
		cluster = "needs a cluster and a registry; internal/tools/kubernetes looks at the files"
	)
	return []line{
		{"go run . ", "scim-sync ", "is the same program, built already"},
		{"scim-sync plan --workspace europe", "scim-sync plan --workspace fernwood", "the sandbox has one workspace"},
		{"scim-sync apply --yes --workspace all", "scim-sync apply --yes --workspace fernwood", "the sandbox has one workspace"},
		{"scim-sync status --workspace all", "scim-sync status --workspace fernwood", "the sandbox has one workspace"},
		{"scim-sync config validate --workspace all", "scim-sync config validate --workspace fernwood", "the sandbox has one workspace"},
		{"scim-sync apply plan.json --report run.html", "scim-sync apply plan.json --report run.html --yes", nobody},
		{"scim-sync apply", "scim-sync apply --yes", nobody},
		{"scim-sync state restore acme.backup", "scim-sync state restore acme.backup --yes", nobody},
		{"scim-sync login --token-stdin", `printf %s "$SCIM_SYNC_ATTIO_TOKEN" | scim-sync login --token-stdin`, nobody},
		{"scim-sync token | gh secret set ATTIO_TOKEN", "scim-sync token | cat", "GitHub is not here"},

		{"scim-sync sandbox", "", "serves until it is stopped; it is what all else here runs against"},
		{". ./sandbox.env && ", "true && ", "is what all else here runs with"},
		{". ./sandbox.env", "", "is what all else here runs with"},
		{"scim-sync login --sandbox", "", "waits for somebody in the browser: testdata/scripts/login.txtar"},
		{"scim-sync watch", "", "runs until it is stopped: watch_test.go"},
		{"scim-sync state move postgres:", "", "needs that server: stores_test.go"},
		{"scim-sync state backup /backup/", "", "writes elsewhere: docs/state.md has it too"},
		{"go build ", "", "is how this test was built"},
		{"go test ", "", tests}, {"SCIM_SYNC_ROWS=", "", tests}, {"SCIM_SYNC_OLD=", "", tests},
		{"apt-get ", "", machine}, {"install ", "", machine}, {"useradd ", "", machine}, {"systemd-run ", "", machine},
		{"systemctl ", "", machine}, {"sudo ", "", machine},
		{"docker ", "", cluster}, {"kubectl ", "", cluster},
		{"findings/", "", others}, {"for f in findings/", "", others},
		{"git checkout ", "", "makes a release: .ci/run makes it twice"}, {"GITHUB_REPOSITORY_OWNER=", "", "makes a release: .ci/run makes it twice"},
	}
}

// TestCommandsOfTheDocumentsRun runs each sh or bash block of the documents, from the first to
// the last of a page, in one folder against a sandbox that is served: each has to end
// with 0. What cannot be run here is listed above, with the reason.
func TestCommandsOfTheDocumentsRun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the documents are for a shell")
	}
	if sample.Race {
		t.Skip("commands one after the other, which are slow under the race detector and share nothing")
	}
	used := map[string]bool{}
	all := documents(t)
	some := sample.Stories(all, 3)
	for _, file := range some {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { runPage(t, file, used) })
	}
	for _, l := range linesRunOtherwise() {
		if !used[l.begins] && len(some) == len(all) {
			t.Errorf("no document has a line that begins with %q any more: it need not be listed", l.begins)
		}
	}
}

// runPage runs the blocks of one page, and notes which lines were not run as they stand.
func runPage(t *testing.T, file string, used map[string]bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s *signInStage
	dir := t.TempDir()
	for _, b := range blocks(string(text)) {
		if b.language == "" && len(commandLines("```sh\n"+b.text+"```\n")) > 0 {
			t.Errorf("%s:%d: commands stand in a block that does not say sh", file, b.line)
		}
		if b.language != "sh" && (b.language != "bash" || program("bash") == "") {
			continue
		}
		script := runnable(b.text, used)
		if strings.TrimSpace(script) == "" {
			continue
		}
		if s == nil {
			s = newStage(t, string(defaultWorld), "--unlimited")
		}
		s.runScript(t, dir, file, b, script)
	}
}

// runScript runs one block of a page as a script that stops at the first failure.
func (s *signInStage) runScript(t *testing.T, dir, file string, b block, script string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	sh := exec.CommandContext(ctx, b.language, "-eu", "-c", script)
	sh.Dir = dir
	sh.Env = append(s.env, "BROWSER=browse --as dora.quist@fernwood.example --workspace fernwood")
	sh.WaitDelay = time.Second // for what the shell has left behind
	if out, err := sh.CombinedOutput(); err != nil {
		t.Errorf("%s:%d: %v\n%s\n%s", filepath.Base(file), b.line, err, script, out)
	}
}

// runnable is a block without what cannot be run here, and with what stands for it.
func runnable(text string, used map[string]bool) string {
	var kept strings.Builder
	text = strings.ReplaceAll(text, "\\\n", " ")
lines:
	for one := range strings.Lines(text) {
		for _, l := range linesRunOtherwise() {
			rest, ok := strings.CutPrefix(one, l.begins)
			if !ok {
				continue
			}
			used[l.begins] = true
			if l.instead != "" {
				kept.WriteString(l.instead + rest)
			}
			continue lines
		}
		kept.WriteString(one)
	}
	return kept.String()
}
