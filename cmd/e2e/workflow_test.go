//go:build !windows

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"scim-sync/cmd/sandbox"
	"scim-sync/internal/s3test"
)

// workflow is deploy/github/scim-sync.yml, as far as it is played here.
type workflow struct {
	Env  map[string]string
	Jobs struct{ Plan, Apply job }
}

type job struct {
	If    string
	Steps []struct {
		ID, If, Uses, Run string
		Env, With         map[string]string
	}
}

// runner plays jobs as GitHub does: each on a machine that holds nothing but what
// its steps fetch.
type runner struct {
	t         *testing.T
	env       []string
	artifacts map[string][]byte
	code      string // output of the plan job
	summary   string
}

const changed = "plan.outputs.code != '0'"

// play runs the steps of a job, one by one, until one fails.
func (r *runner) play(j job, firstRun string) error {
	r.t.Helper()
	machine := r.t.TempDir()
	summary, output := filepath.Join(machine, ".summary"), filepath.Join(machine, ".output")
	for _, s := range j.Steps {
		switch {
		case s.If != "" && s.If != "steps."+changed:
			r.t.Fatalf("the step is played only if %q", s.If)
		case s.If != "" && r.code == "0":
		case strings.HasPrefix(s.Uses, "acme/scim-sync/deploy/github@"): // the program is in the path
		case strings.HasPrefix(s.Uses, "actions/upload-artifact@"):
			b, err := os.ReadFile(filepath.Join(machine, s.With["path"]))
			if err != nil {
				return err
			}
			r.artifacts[s.With["name"]] = b
		case strings.HasPrefix(s.Uses, "actions/download-artifact@"):
			if err := os.WriteFile(filepath.Join(machine, "plan.json"), r.artifacts[s.With["name"]], 0o600); err != nil {
				return err
			}
		case s.Uses != "":
			r.t.Fatalf("nobody knows how to play %s", s.Uses)
		default:
			c := exec.CommandContext(r.t.Context(), "bash", "-e", "-c", s.Run)
			c.Dir = machine
			c.Env = append(r.env, "HOME="+machine, "GITHUB_STEP_SUMMARY="+summary, "GITHUB_OUTPUT="+output, "FIRST_RUN="+firstRun)
			if said, err := c.CombinedOutput(); err != nil {
				return fmt.Errorf("%w\n%s\n%s", err, s.Run, said)
			}
			if b, err := os.ReadFile(output); err == nil {
				r.code = strings.TrimSpace(strings.TrimPrefix(string(b), "code="))
			}
		}
	}
	if b, err := os.ReadFile(summary); err == nil {
		r.summary = string(b)
	}
	return nil
}

// TestGitHubWorkflow plays the workflow twice, each job on a machine without any
// local state: the first time everybody is brought in step by the plan that was
// looked at, the second time there is nothing to approve and nothing is written.
func TestGitHubWorkflow(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	store := buckets.Get(t)
	w := parsedWorkflow(t)
	world, err := sandbox.ParseWorld([]byte(doubtful))
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.Start(t.Context(), world, sandbox.Options{Unlimited: true, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	r := &runner{t: t, env: workflowEnv(t, w, box, store), artifacts: map[string][]byte{}}

	if err := r.play(w.Jobs.Plan, ""); err != nil {
		t.Fatal(err)
	}
	if r.code != "2" || !strings.Contains(r.summary, "Bo Berg") {
		t.Fatalf("the plan ended with %q: %s", r.code, r.summary)
	}
	if n := writesTo(t, box); n != 0 {
		t.Fatalf("the plan made %d writes", n)
	}
	if err := r.play(w.Jobs.Apply, "--first-run"); err != nil {
		t.Fatal(err)
	}
	before := writesTo(t, box)
	if before == 0 {
		t.Fatal("the apply wrote nothing")
	}

	if err := r.play(w.Jobs.Plan, ""); err != nil {
		t.Fatal(err)
	}
	if r.code != "0" {
		t.Errorf("the second plan ended with %q: %s", r.code, r.summary)
		if err := r.play(w.Jobs.Apply, ""); err != nil {
			t.Error(err)
		}
	}
	if n := writesTo(t, box) - before; n != 0 {
		t.Errorf("the second time there were %d writes", n)
	}
}

func parsedWorkflow(t *testing.T) (w workflow) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "deploy", "github", "scim-sync.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &w); err != nil {
		t.Fatal(err)
	}
	if w.Jobs.Apply.If != "needs."+changed {
		t.Fatalf("the apply is played only if %q", w.Jobs.Apply.If)
	}
	return w
}

// workflowEnv is the workflow's own, with the sandbox's and the store's values.
func workflowEnv(t *testing.T, w workflow, box *sandbox.Sandbox, store *s3test.Server) []string {
	t.Helper()
	values := map[string]string{}
	for _, v := range box.Environment() {
		values[v.Name] = v.Value
	}
	for _, v := range store.Environ() {
		name, value, _ := strings.Cut(v, "=")
		values[name] = value
	}
	values["SCIM_SYNC_STATE_URL"] = fmt.Sprintf("s3://%s/prod?endpoint=%s", store.Bucket(t), store.Endpoint)
	for name := range w.Env {
		if _, ok := values[name]; !ok {
			t.Errorf("%s of the workflow has no meaning here", name)
		}
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "NO_COLOR=1", "GORACE=" + noSleep}
	for name, value := range values {
		env = append(env, name+"="+value)
	}
	return env
}

// writesTo counts the writes that Attio has seen.
func writesTo(t *testing.T, box *sandbox.Sandbox) int {
	t.Helper()
	return len(box.Attio.Writes())
}
