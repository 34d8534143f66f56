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
	jobs      struct{ Plan, Apply job }
	env       []string
	artifacts map[string][]byte
	todo      string // output of the plan job
	summary   string
	said      string // all that steps printed
}

// workflow plays both jobs, the second where it is asked for, with what happens while
// somebody reads the plan.
func (r *runner) workflow(firstRun string, meanwhile func()) error {
	r.t.Helper()
	r.todo, r.summary, r.artifacts = "", "", map[string][]byte{}
	if err := r.play(r.jobs.Plan, firstRun); err != nil {
		return err
	}
	if meanwhile != nil {
		meanwhile()
	}
	if r.todo != "true" { // needs.plan.outputs.todo
		return nil
	}
	return r.play(r.jobs.Apply, firstRun)
}

const changed = "plan.outputs.todo == 'true'"

// play runs the steps of a job, one by one, until one fails.
func (r *runner) play(j job, firstRun string) error {
	r.t.Helper()
	machine := r.t.TempDir()
	summary, output := filepath.Join(machine, ".summary"), filepath.Join(machine, ".output")
	for _, s := range j.Steps {
		switch {
		case s.If != "" && s.If != "steps."+changed:
			r.t.Fatalf("the step is played only if %q", s.If)
		case s.If != "" && r.todo != "true":
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
			said, err := c.CombinedOutput()
			if r.said += string(said); err != nil {
				return fmt.Errorf("%w\n%s\n%s", err, s.Run, said)
			}
			if b, err := os.ReadFile(output); err == nil {
				r.todo = strings.TrimSpace(strings.TrimPrefix(string(b), "todo="))
			}
		}
	}
	if b, err := os.ReadFile(summary); err == nil {
		r.summary = string(b)
	}
	r.leftNothing(machine)
	return nil
}

// leftNothing looks at a machine after its job: nothing on it is of use for the next
// run, and no file on it and nothing that was printed holds a credential.
func (r *runner) leftNothing(machine string) {
	r.t.Helper()
	texts := r.said
	err := filepath.WalkDir(machine, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if name := e.Name(); name != "plan.json" && name != ".summary" && name != ".output" {
			r.t.Errorf("the job left %s on its machine", path)
		}
		b, err := os.ReadFile(path)
		texts += string(b)
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
	secrets := 0
	for _, v := range r.env {
		name, value, _ := strings.Cut(v, "=")
		if !strings.Contains(name, "TOKEN") && !strings.Contains(name, "SECRET") || value == "" {
			continue
		}
		if secrets++; strings.Contains(texts, value) {
			r.t.Errorf("%s is in what the job left", name)
		}
	}
	if secrets < 3 {
		r.t.Errorf("there are only %d secrets to look for", secrets)
	}
}

// TestGitHubWorkflow plays the workflow again and again, each job on a machine without
// any local state: the first time everybody is brought in step by the plan that was
// looked at, the second time there is nothing to approve and nothing is written. Then a
// plan that is stale when it is approved ends with 8 and writes nothing, and what a
// rail refuses ends with 3.
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
	r := &runner{t: t, jobs: w.Jobs, env: workflowEnv(t, w, box, store)}
	named := func(last string) { done(t, box.Okta.SetName("bo@acme.example", "Bo", last)) }
	for _, x := range []struct {
		name, firstRun  string
		before, between func()
		plan            string // the code of the plan job
		ends            string // how the run ends where it does not well
		writes          bool
	}{
		{name: "the first run", firstRun: "--first-run", plan: "true", writes: true,
			between: func() {
				if n := writesTo(t, box); n != 0 || !strings.Contains(r.summary, "Bo Berg") {
					t.Errorf("the plan made %d writes and says\n%s", n, r.summary)
				}
			}},
		{name: "the second run", plan: "false"},
		{name: "a change, and another before it is approved", plan: "true", ends: "exit status 8",
			before: func() { named("Bergen") }, between: func() { named("Bergman") }},
		{name: "the next run", plan: "true", writes: true},
		{name: "and the next", plan: "false"},
		{name: "a refusal alone, which nobody is asked to approve", plan: "false",
			before: func() { done(t, box.Okta.SetRole("ada@acme.example", "member")) }},
	} {
		before := writesTo(t, box)
		if x.before != nil {
			x.before()
		}
		err := r.workflow(x.firstRun, x.between)
		if (err == nil) != (x.ends == "") || err != nil && !strings.HasPrefix(err.Error(), x.ends+"\n") {
			t.Errorf("%s: %v", x.name, err)
		}
		if n := writesTo(t, box) - before; r.todo != x.plan || (n > 0) != x.writes {
			t.Errorf("%s: the plan ended with %q, and there were %d writes\n%s", x.name, r.todo, n, r.summary)
		}
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
