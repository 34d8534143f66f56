package metrics

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

const deploy = "../../../deploy"

// TestAlarmsAndDashboardNameWhatThereIs: an alarm over a name that nobody writes is
// silent for ever.
func TestAlarmsAndDashboardNameWhatThereIs(t *testing.T) {
	f := New(true)
	f.Observe(refused())
	there := text(t, f)
	for _, name := range []string{"alerts.yaml", "grafana.json"} {
		b, err := os.ReadFile(filepath.Join(deploy, name))
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`scim_sync_[a-z_]+`).FindAllString(string(b), -1)
		for _, metric := range found {
			if !strings.Contains(there, "# TYPE "+metric+" ") {
				t.Errorf("%s: there is no %s", name, metric)
			}
		}
		if len(found) < 5 {
			t.Errorf("%s names %d metrics", name, len(found))
		}
	}
}

// TestOperationsExplainsEachAlarm: who is called at night finds a row for it, with the
// metrics that the alarm looks at, and no row for an alarm that is gone.
func TestOperationsExplainsEachAlarm(t *testing.T) {
	docs, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile(filepath.Join(deploy, "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	metric := regexp.MustCompile(`scim_sync_[a-z_]+`)
	want, got := map[string][]string{}, map[string][]string{}
	for _, m := range regexp.MustCompile(`alert: (\w+)\s+expr: (.*)`).FindAllStringSubmatch(string(rules), -1) {
		want[m[1]] = metric.FindAllString(m[2], -1)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(ScimSync\\w+)` \\|([^|]*)\\|").FindAllStringSubmatch(string(docs), -1) {
		got[m[1]] = metric.FindAllString(m[2], -1)
	}
	if len(want) != strings.Count(string(rules), "- alert:") || len(want) == 0 {
		t.Fatalf("read %d alarms of deploy/alerts.yaml", len(want))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("docs/operations.md has the alarms\n%v, deploy/alerts.yaml\n%v", got, want)
	}
}

// TestAlarms: which of them fire when, by Prometheus's own tool. Without it
// (on Debian: apt-get install prometheus) this is skipped, unless
// SCIM_SYNC_REQUIRE_PROMTOOL is set.
func TestAlarms(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("SCIM_SYNC_REQUIRE_PROMTOOL") != "" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip("promtool is missing; on Debian: apt-get install prometheus")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		c := exec.CommandContext(t.Context(), tool, args...)
		c.Dir = deploy
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
