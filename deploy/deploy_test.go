package deploy

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// requireVariable turns a test that would be skipped into one that fails.
const requireVariable = "SCIM_SYNC_REQUIRE_TOOLS"

// tool finds a program to check with; where there is none, advice says how to have it.
func tool(t *testing.T, program, advice string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv(requireVariable) != "" {
			t.Fatal(err, advice)
		}
		t.Skip(err, advice)
	}
	return path
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// units gives copies of the units whose program is there.
func units(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("systemd/scim-sync*")
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	folder := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var copies []string
	for _, file := range files {
		text := strings.ReplaceAll(read(t, file), "/usr/bin/scim-sync", program)
		copies = append(copies, filepath.Join(folder, filepath.Base(file)))
		if err := os.WriteFile(copies[len(copies)-1], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return copies
}

// TestUnitsAreUnderstood: systemd has nothing to say about them.
func TestUnitsAreUnderstood(t *testing.T) {
	analyze := tool(t, "systemd-analyze", "(Debian: apt-get install systemd)")
	line := append([]string{"verify", "--recursive-errors=yes", "--man=no"}, units(t)...)
	if said, err := exec.CommandContext(t.Context(), analyze, line...).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}

// TestServicesAreExposedLittle: at most 1.5 of 10 by systemd's own measure.
func TestServicesAreExposedLittle(t *testing.T) {
	analyze := tool(t, "systemd-analyze", "(Debian: apt-get install systemd)")
	for _, unit := range units(t) {
		if filepath.Ext(unit) != ".service" {
			continue
		}
		if said, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--no-pager", "--threshold=15", unit).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, said)
		}
	}
}

// TestWorkflowsAreUnderstood: actionlint has nothing to say about them.
func TestWorkflowsAreUnderstood(t *testing.T) {
	folder := os.Getenv("SCIM_SYNC_TOOLS")
	if folder == "" {
		out, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
		if err != nil {
			t.Fatal(err)
		}
		folder = filepath.Join(strings.TrimSpace(string(out)), "scim-sync-tools")
	}
	program := filepath.Join(folder, "actionlint")
	lint := tool(t, program, "(go build -C internal/tools/actionlint -o "+program+" github.com/rhysd/actionlint/cmd/actionlint)")
	if said, err := exec.CommandContext(t.Context(), lint, "-no-color", "github/scim-sync.yml").CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}

// TestShellOfTheActionIsUnderstood: bash can read each step of the composite action
// and of GitLab's jobs.
func TestShellOfTheActionIsUnderstood(t *testing.T) {
	bash := tool(t, "bash", "")
	var action struct {
		Runs struct {
			Using string
			Steps []struct{ Run, Shell string }
		}
	}
	parse(t, "github/action.yml", &action)
	if action.Runs.Using != "composite" || len(action.Runs.Steps) == 0 {
		t.Fatalf("%+v", action)
	}
	var scripts []string
	for _, s := range action.Runs.Steps {
		if s.Shell == "" {
			t.Error("a step of a composite action names its shell")
		}
		scripts = append(scripts, s.Run)
	}
	var jobs struct {
		Default struct {
			BeforeScript []string `yaml:"before_script"`
		}
		Plan, Apply struct{ Script []string }
		Stages      []string
	}
	parse(t, "gitlab/scim-sync.gitlab-ci.yml", &jobs)
	if len(jobs.Plan.Script) == 0 || len(jobs.Apply.Script) == 0 || !slices.Equal(jobs.Stages, []string{"plan", "apply"}) {
		t.Errorf("%+v", jobs)
	}
	for _, script := range slices.Concat(scripts, jobs.Default.BeforeScript, jobs.Plan.Script, jobs.Apply.Script) {
		c := exec.CommandContext(t.Context(), bash, "-n")
		c.Stdin = strings.NewReader(script)
		if said, err := c.CombinedOutput(); err != nil || script == "" {
			t.Errorf("%v: %s\n%s", err, said, script)
		}
	}
}

func parse(t *testing.T, file string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, file)), into); err != nil {
		t.Fatal(file, err)
	}
}

// TestImagesRunAsNobody: the last stage is empty but for what is copied into it, has
// the authorities, and its user is a number that is not root's.
func TestImagesRunAsNobody(t *testing.T) {
	for _, file := range []string{"docker/Dockerfile", "docker/Dockerfile.release"} {
		text := read(t, file)
		_, last, found := strings.Cut(text, "\nFROM scratch\n")
		if !found {
			t.Errorf("%s: the last stage is not scratch", file)
		}
		for _, line := range []string{"USER 65532:65532", `ENTRYPOINT ["/usr/bin/scim-sync"]`, "/etc/ssl/certs/ca-certificates.crt"} {
			if !strings.Contains(last, line) {
				t.Errorf("%s: the last stage has no %s", file, line)
			}
		}
		if strings.Contains(last, "\nRUN ") {
			t.Errorf("%s: nothing can run in an empty stage", file)
		}
	}
}

// TestCrontabNamesItsUser: seven fields, the sixth a user of its own.
func TestCrontabNamesItsUser(t *testing.T) {
	text := read(t, "cron/scim-sync.cron")
	if !strings.HasSuffix(text, "\n") {
		t.Error(errors.New("cron leaves out a last line without its end"))
	}
	jobs := 0
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 6 && strings.HasPrefix(line, "*") {
			jobs++
			if f[5] != "scim-sync" || !slices.Contains(f, "--yes") || !slices.Contains(f, "--quiet") || strings.Contains(line, "%") {
				t.Error(line)
			}
		}
	}
	if jobs != 1 {
		t.Errorf("%d jobs", jobs)
	}
}
