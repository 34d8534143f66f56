package metrics

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	core "scim-sync/sync"
)

// refused is a run that wrote something and refused something.
func refused() Run {
	r := Run{
		Workspace: "acme", ExitCode: 3, Ended: time.Unix(1796000000, 250e6), Took: 1500 * time.Millisecond, LastGood: time.Unix(1795990000, 0),
		Refusals: map[core.Code]int{core.TooManyRemovals: 1}, Sides: []Side{{"okta", 12, 0, 1, 250 * time.Millisecond}, {"attio", 9, 5, 0, 0}},
		Managed: &Managed{Active: 7, Invited: 1, Suspended: 2, Teams: 3}, Lag: 9 * time.Second,
	}
	r.Count([]core.StepResult{
		{Step: core.Step{Action: core.Suspend, Cause: core.CauseOkta}, Outcome: core.StepOK},
		{Step: core.Step{Action: core.Promote, Cause: core.CauseDrift}, Outcome: core.StepOK},
		{Step: core.Step{Action: core.Promote, Cause: core.CauseDrift}, Outcome: core.StepFailed},
	})
	return r
}

func text(t *testing.T, f *Figures) string {
	t.Helper()
	b, err := f.Text()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestFileIsInTheClassicFormat: what the textfile collector reads, and nothing that it
// drops a whole file over.
func TestFileIsInTheClassicFormat(t *testing.T) {
	f := New(false)
	f.Observe(refused())
	path := filepath.Join(t.TempDir(), "acme.prom")
	if err := f.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/refused.prom")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		want = got
		if err := os.WriteFile("testdata/refused.prom", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Error(d)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for line := range strings.Lines(string(got)) {
		switch fields := strings.Fields(line); {
		case strings.HasPrefix(line, "# TYPE ") && fields[3] != "gauge":
			t.Errorf("a process that makes one run counts: %s", line)
		case !strings.HasPrefix(line, "#") && (len(fields) != 2 || !strings.Contains(fields[0], `workspace="acme"`)):
			t.Errorf("more than a name and a value, or no workspace: %s", line)
		}
	}
}

// TestNamesAreAsPrometheusAsks: units, _total for counters and for nothing else, a help
// text for each.
func TestNamesAreAsPrometheusAsks(t *testing.T) {
	f := New(true)
	f.Observe(refused())
	problems, err := promlint.New(bytes.NewReader([]byte(text(t, f)))).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// TestNothingStaysOfTheRunBefore: but for what a run that failed early cannot know.
func TestNothingStaysOfTheRunBefore(t *testing.T) {
	f := New(false)
	f.Observe(refused())
	f.Observe(Run{Workspace: "acme", ExitCode: 75, Ended: time.Unix(1796000900, 0)})
	got := text(t, f)
	for _, gone := range []string{"_last_run_steps{", "_last_run_refusals{", "_last_run_requests{"} {
		if strings.Contains(got, gone) {
			t.Errorf("%s is still there", gone)
		}
	}
	for _, want := range []string{
		`scim_sync_last_run_exit_code{workspace="acme"} 75`, `scim_sync_last_success_timestamp_seconds{workspace="acme"} 1.79599e+09`,
		`scim_sync_managed_people{status="active",workspace="acme"} 7`, `scim_sync_okta_lag_seconds{workspace="acme"} 9`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// TestWatchCountsOverItsRuns: a sum of what each of them did.
func TestWatchCountsOverItsRuns(t *testing.T) {
	f := New(true)
	f.Observe(refused())
	f.Observe(refused())
	got := text(t, f)
	for _, want := range []string{
		`scim_sync_runs_total{exit_code="3",workspace="acme"} 2`, `scim_sync_steps_total{action="suspend",result="done",workspace="acme"} 2`,
		`scim_sync_refusals_total{code="too-many-removals",workspace="acme"} 2`, `scim_sync_requests_total{side="okta",workspace="acme"} 24`,
		`scim_sync_drift_repaired_total{workspace="acme"} 2`, `scim_sync_last_run_drift_repaired{workspace="acme"} 1`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// TestOnlyFilesThatAreReadAreWritten: node_exporter looks at *.prom alone.
func TestOnlyFilesThatAreReadAreWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "acme.txt")
	if err := New(false).WriteFile(path); err == nil || !strings.Contains(err.Error(), "does not end in .prom") {
		t.Errorf("%v", err)
	}
}
