package metrics

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"scim-sync/internal/atomicfile"
)

// Figures are the metrics of a process. Those of the last run are gauges. What is
// counted over runs is there for a watch alone: a process that makes one run knows
// nothing of the runs before it, and a counter that is always 1 counts nothing.
type Figures struct {
	registry *prometheus.Registry
	last     lastRun
	counts   *counters // nil: one run
}

// lastRun are the gauges. Each is set anew by each run.
type lastRun struct {
	ended, good, took, code, drift, teams, paused, lag *prometheus.GaugeVec
	steps, refusals, people                            *prometheus.GaugeVec
	requests, writes, retries, waited                  *prometheus.GaugeVec
}

// counters count since the process began.
type counters struct {
	runs, steps, refusals, drift      *prometheus.CounterVec
	requests, writes, retries, waited *prometheus.CounterVec
}

// New makes figures; counting: of a process that makes many runs.
func New(counting bool) *Figures {
	f := &Figures{registry: prometheus.NewRegistry()}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "scim_sync_" + name, Help: help}, append([]string{"workspace"}, labels...))
		f.registry.MustRegister(v)
		return v
	}
	f.last = lastRun{
		ended:    gauge("last_run_timestamp_seconds", "When the last run ended, however it did."),
		good:     gauge("last_success_timestamp_seconds", "When a run ended with exit code 0 last, by the journal; absent while none has."),
		took:     gauge("last_run_duration_seconds", "How long the last run took."),
		code:     gauge("last_run_exit_code", "How the last run ended: 0 well, 3 something was refused, 4 a step failed, 6 a credential, 75 a service was unavailable."),
		steps:    gauge("last_run_steps", "Steps of the last run by action and result.", "action", "result"),
		refusals: gauge("last_run_refusals", "Refusals of the last run by the code of the safety rail.", "code"),
		drift:    gauge("last_run_drift_repaired", "Steps of the last run that put back what somebody had changed in Attio by hand."),
		requests: gauge("last_run_requests", "Requests of the last run by side, retries included.", "side"),
		writes:   gauge("last_run_writes", "Writing requests of the last run by side.", "side"),
		retries:  gauge("last_run_retries", "Requests of the last run that were made again, by side.", "side"),
		waited:   gauge("last_run_wait_seconds", "How long the last run waited for limits and between attempts, by side.", "side"),
		people:   gauge("managed_people", "People in the state by how they were left.", "status"),
		teams:    gauge("managed_teams", "Teams that are managed."),
		paused:   gauge("paused", "1 while somebody has paused all runs."),
		lag:      gauge("okta_lag_seconds", "Time from a change in Okta's System Log to the end of the run that it caused, of the last such run; a watch alone knows it."),
	}
	if !counting {
		return f
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scim_sync_" + name + "_total", Help: help + ", since the watch began."}, append([]string{"workspace"}, labels...))
		f.registry.MustRegister(v)
		return v
	}
	f.counts = &counters{
		runs:     counter("runs", "Runs by exit code", "exit_code"),
		steps:    counter("steps", "Steps by action and result", "action", "result"),
		refusals: counter("refusals", "Refusals by the code of the safety rail", "code"),
		drift:    counter("drift_repaired", "Steps that put back what somebody had changed in Attio by hand"),
		requests: counter("requests", "Requests by side, retries included", "side"),
		writes:   counter("writes", "Writing requests by side", "side"),
		retries:  counter("retries", "Requests that were made again, by side", "side"),
		waited:   counter("wait_seconds", "How long runs waited for limits and between attempts, by side", "side"),
	}
	return f
}

// Observe takes in a run. Nothing of the run before it stays, but for what a run that
// failed early cannot know: when one ended well last, and what is managed.
func (f *Figures) Observe(r Run) {
	w, g := r.Workspace, &f.last
	g.ended.WithLabelValues(w).Set(seconds(r.Ended))
	g.took.WithLabelValues(w).Set(r.Took.Seconds())
	g.code.WithLabelValues(w).Set(float64(r.ExitCode))
	g.drift.WithLabelValues(w).Set(float64(r.Drift))
	if !r.LastGood.IsZero() {
		f.Good(w, r.LastGood)
	}
	if r.Lag > 0 {
		g.lag.WithLabelValues(w).Set(r.Lag.Seconds())
	}
	g.steps.Reset()
	for s, n := range r.Steps {
		g.steps.WithLabelValues(w, string(s.Action), string(s.Result)).Set(float64(n))
	}
	g.refusals.Reset()
	for code, n := range r.Refusals {
		g.refusals.WithLabelValues(w, string(code)).Set(float64(n))
	}
	for _, v := range []*prometheus.GaugeVec{g.requests, g.writes, g.retries, g.waited} {
		v.Reset()
	}
	for _, s := range r.Sides {
		g.requests.WithLabelValues(w, s.Name).Set(float64(s.Requests))
		g.writes.WithLabelValues(w, s.Name).Set(float64(s.Writes))
		g.retries.WithLabelValues(w, s.Name).Set(float64(s.Retries))
		g.waited.WithLabelValues(w, s.Name).Set(s.Waited.Seconds())
	}
	f.manage(w, r.Managed)
	if f.counts != nil {
		f.counts.add(r)
	}
}

// Good takes in that a run of somebody else ended well.
func (f *Figures) Good(workspace string, at time.Time) {
	f.last.good.WithLabelValues(workspace).Set(seconds(at))
}

func (f *Figures) manage(w string, m *Managed) {
	if m == nil {
		return
	}
	for status, n := range map[string]int{"active": m.Active, "invited": m.Invited, "suspended": m.Suspended, "released": m.Released} {
		f.last.people.WithLabelValues(w, status).Set(float64(n))
	}
	f.last.teams.WithLabelValues(w).Set(float64(m.Teams))
	paused := 0.0
	if m.Paused {
		paused = 1
	}
	f.last.paused.WithLabelValues(w).Set(paused)
}

func (c *counters) add(r Run) {
	w := r.Workspace
	c.runs.WithLabelValues(w, strconv.Itoa(r.ExitCode)).Inc()
	c.drift.WithLabelValues(w).Add(float64(r.Drift))
	for s, n := range r.Steps {
		c.steps.WithLabelValues(w, string(s.Action), string(s.Result)).Add(float64(n))
	}
	for code, n := range r.Refusals {
		c.refusals.WithLabelValues(w, string(code)).Add(float64(n))
	}
	for _, s := range r.Sides {
		c.requests.WithLabelValues(w, s.Name).Add(float64(s.Requests))
		c.writes.WithLabelValues(w, s.Name).Add(float64(s.Writes))
		c.retries.WithLabelValues(w, s.Name).Add(float64(s.Retries))
		c.waited.WithLabelValues(w, s.Name).Add(max(0, s.Waited.Seconds()))
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// Text gives all figures in the classic text format: version 0.0.4, which is what
// node_exporter's textfile collector reads. It holds gauges and counters alone, and
// neither time stamps nor exemplars: that collector drops a whole file over them.
func (f *Figures) Text() ([]byte, error) {
	families, err := f.registry.Gather()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := expfmt.NewEncoder(&b, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, family := range families {
		if err := e.Encode(family); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// WriteFile puts all figures under a path that ends in .prom, readable to everybody. A
// reader sees the old ones or the new ones: they come by a rename from a name that
// the collector does not look at.
func (f *Figures) WriteFile(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	text, err := f.Text()
	if err != nil {
		return err
	}
	return atomicfile.Write(path, text, 0o644)
}

// CheckPath refuses a file that node_exporter would not read.
func CheckPath(path string) error {
	if st, err := os.Stat(filepath.Dir(path)); err != nil || !st.IsDir() {
		return fmt.Errorf("there is no folder %s for the file of metrics", filepath.Dir(path))
	}
	if filepath.Ext(path) != ".prom" || filepath.Base(path) == ".prom" {
		return fmt.Errorf("the file of metrics %s does not end in .prom, and node_exporter's textfile collector reads no other", path)
	}
	return nil
}
