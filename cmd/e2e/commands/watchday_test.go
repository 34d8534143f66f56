package commands

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/sample"
	"scim-sync/sync/state"
	"scim-sync/sync/state/stores"
)

// away has a side answer 503 to all from now on; empty: neither.
func (d *day) away(side string) {
	d.meet(func(asked string, w http.ResponseWriter, _ *http.Request) bool {
		if asked == side {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return asked == side
	})
}

// ends are when runs ended with a code, as the journal has it, since the beginning.
func (d *day) ends(code int) (all []time.Duration) {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.home, "state.journal.jsonl"))
	must(d.t, err)
	for line := range strings.Lines(string(text)) {
		var l struct {
			Kind    string    `json:"kind"`
			At      time.Time `json:"at"`
			Summary struct {
				ExitCode int `json:"exit_code"`
			} `json:"summary"`
		}
		must(d.t, json.Unmarshal([]byte(line), &l))
		if l.Kind == "end" && l.Summary.ExitCode == code {
			all = append(all, l.At.Sub(d.began))
		}
	}
	return all
}

func (d *day) status(email string) attiotest.Status {
	m, _ := d.attio.Snapshot().Member(email)
	return m.Status
}

// metric reads a figure of a file; 0: there is none.
func (d *day) metric(file, name string) float64 {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.home, file))
	must(d.t, err)
	found := regexp.MustCompile(`(?m)^` + name + `\{[^}]*\} (\S+)$`).FindStringSubmatch(string(text))
	if found == nil {
		return 0
	}
	value, err := strconv.ParseFloat(found[1], 64)
	must(d.t, err)
	return value
}

// hook is a web hook that wants to hear of these; it gives what came in since the
// last time: event and change.
func (d *day) hook(on string) (heard func() []string) {
	d.env["SCIM_SYNC_NOTIFY"] = fmt.Sprintf("[{url: %q, on: [%s]}]", d.hookURL, on)
	return func() []string {
		events, _ := d.heard.taken()
		return events
	}
}

// TestWatchOutlivesALongOutage: with Okta away for three hours it stays, tries again
// later and later, says once that it fails and once that it is over, and then carries
// out what happened meanwhile.
func TestWatchOutlivesALongOutage(t *testing.T) {
	inBubble(t, func(t *testing.T, d *day) {
		w := d.watch(t.Context(), "--first-run", "--quiet")
		d.at(10 * time.Minute)
		d.away("okta")
		must(t, d.okta.RemoveMember("Sales", "bo@acme.example"))
		d.at(3*time.Hour + 10*time.Minute)
		failed := d.ends(75)
		if n := len(failed); n < 10 || n > 20 {
			t.Fatalf("%d runs failed: %v", n, failed)
		}
		for i := 1; i < len(failed); i++ {
			pause := failed[i] - failed[i-1]
			if least := min(30*time.Second<<(i-1), 12*time.Minute+30*time.Second); pause < least || pause > least*6/5+time.Minute {
				t.Errorf("pause %d was %s, of %s at least", i, pause, least)
			}
		}
		if s := d.status("bo@acme.example"); s != attiotest.Active {
			t.Errorf("somebody is %s by what Okta did not say", s)
		}
		d.away("")
		d.at(3*time.Hour + 30*time.Minute)
		if s := d.status("bo@acme.example"); s != attiotest.Suspended {
			t.Errorf("after the outage somebody is %s", s)
		}
		said := w.stop(t)
		lines := strings.Split(strings.TrimSpace(said), "\n")
		if len(lines) != 3 || !strings.HasPrefix(lines[0], "failed: read the app ") || !strings.HasPrefix(lines[2], fmt.Sprintf("over: failed: after %d runs since 00:1", len(failed))) {
			t.Errorf("it said\n%s", said)
		}
	})
}

// TestHooksHearOfAStaleState: once when no run has ended well for an hour, whatever
// the reason, and once when one has.
func TestHooksHearOfAStaleState(t *testing.T) {
	causes := map[string]struct{ begin, end func(*day) }{
		"okta is away":   {func(d *day) { d.away("okta") }, func(d *day) { d.away("") }},
		"a run is stuck": lockHeld(),
		"a rail says no": {
			func(d *day) { must(d.t, d.okta.SetRole("ada@acme.example", "member")) },
			func(d *day) { must(d.t, d.okta.SetRole("ada@acme.example", "admin")) },
		},
	}
	for _, name := range sample.Keys(causes, 2) {
		x := causes[name]
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *day) {
				heard := d.hook("stale, recovered")
				w := d.watch(t.Context(), "--first-run", "--poll", "2m")
				d.at(20 * time.Minute)
				x.begin(d)
				d.at(60 * time.Minute)
				if e := heard(); len(e) != 0 {
					t.Errorf("%s: too early: %q", name, e)
				}
				d.at(8 * time.Hour)
				if e := heard(); len(e) != 1 || e[0] != "stale begun" {
					t.Errorf("%s: within 8 hours: %q", name, e)
				}
				x.end(d)
				d.at(9 * time.Hour)
				if e := heard(); len(e) < 1 || len(e) > 2 || e[0] != "recovered ended" {
					t.Errorf("%s: afterwards: %q", name, e)
				}
				d.at(12 * time.Hour)
				if e := heard(); len(e) != 0 {
					t.Errorf("%s: and then: %q", name, e)
				}
				if said := w.stop(t); t.Failed() {
					t.Log(said)
				}
			})
		})
	}
}

// lockHeld is a run elsewhere that comes to no end for hours.
func lockHeld() (x struct{ begin, end func(*day) }) {
	var run *state.Run
	x.begin = func(d *day) {
		store, err := stores.Open(d.t.Context(), state.Location{URL: d.env["SCIM_SYNC_STATE_URL"]})
		must(d.t, err)
		run, err = store.Begin(d.t.Context(), state.RunInfo{RunID: "stuck", Command: "apply", Now: time.Now})
		must(d.t, err)
	}
	x.end = func(d *day) { must(d.t, run.Close()) }
	return x
}

// TestWithoutAStateAFailureIsToldOnce: by a watch that could never make a run, and has
// nowhere to note what it told.
func TestWithoutAStateAFailureIsToldOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, d *day) {
		heard := d.hook("failed, stale, recovered")
		d.away("okta")
		w := d.watch(t.Context(), "--first-run")
		d.at(5 * time.Hour)
		if e := strings.Join(heard(), ", "); e != "failed begun, stale begun" {
			t.Errorf("in 5 hours hooks heard %s", e)
		}
		d.away("")
		d.at(6 * time.Hour)
		if e := strings.Join(heard(), ", "); e != "recovered ended, recovered ended" {
			t.Errorf("afterwards hooks heard %s", e)
		}
		said := w.stop(t)
		for text, times := range map[string]int{"failed: ": 2, "over: failed: ": 1, "There is no state": 1} {
			if n := strings.Count(said, text); n != times {
				t.Errorf("%q was said %d times in\n%s", text, n, said)
			}
		}
	})
}

// TestLagIsFromTheChangeToTheEndOfItsRun: seconds as a rule, and the outage that kept
// the log from being read.
func TestLagIsFromTheChangeToTheEndOfItsRun(t *testing.T) {
	const lag = "scim_sync_okta_lag_seconds"
	inBubble(t, func(t *testing.T, d *day) {
		w := d.watch(t.Context(), "--first-run", "--metrics-file", "a.prom")
		d.at(5 * time.Minute)
		if s := d.metric("a.prom", lag); s != 0 {
			t.Errorf("a lag of %v s, and nothing has happened", s)
		}
		must(t, d.okta.RemoveMember("Sales", "bo@acme.example"))
		d.at(5*time.Minute + 30*time.Second)
		first := d.metric("a.prom", lag)
		if first <= 0 || first > 25 || d.status("bo@acme.example") != attiotest.Suspended {
			t.Errorf("a lag of %v s; they are %s", first, d.status("bo@acme.example"))
		}
		d.at(time.Hour)
		if s := d.metric("a.prom", lag); s != first {
			t.Errorf("runs that no change caused made it %v s", s)
		}
		d.away("okta")
		must(t, d.okta.AddMember("Sales", "bo@acme.example"))
		d.at(3 * time.Hour)
		d.away("")
		d.at(3*time.Hour + 30*time.Minute)
		if s := time.Duration(d.metric("a.prom", lag)) * time.Second; s < 2*time.Hour || s > 2*time.Hour+20*time.Minute {
			t.Errorf("a lag of %s after an outage of two hours", s)
		}
		if said := w.stop(t); t.Failed() {
			t.Log(said)
		}
	})
}

// TestWatchersStandByForEachOther: two over one state make the runs of one, and the
// figures of both say how it stands, whoever has made the last run.
func TestWatchersStandByForEachOther(t *testing.T) {
	sample.Long(t)
	inBubble(t, func(t *testing.T, d *day) {
		heard := d.hook("failed, stale")
		a := d.watch(t.Context(), "--poll", "1m", "--first-run", "--metrics-file", "a.prom")
		d.at(time.Minute)
		b := d.watch(t.Context(), "--poll", "1m", "--metrics-file", "b.prom")
		for hour := 1; hour < 8; hour++ {
			d.at(time.Duration(hour) * time.Hour)
			must(t, d.okta.SetName("bo@acme.example", "Bo", fmt.Sprint("Berg ", hour)))
			d.at(time.Duration(hour)*time.Hour + 55*time.Minute)
			for _, file := range []string{"a.prom", "b.prom"} {
				good := time.UnixMilli(int64(1000 * d.metric(file, "scim_sync_last_success_timestamp_seconds")))
				if old := time.Since(good); old > 30*time.Minute {
					t.Errorf("hour %d, %s: the last good run was %s ago", hour, file, old)
				}
				if s := d.metric(file, "scim_sync_okta_lag_seconds"); s > 180 {
					t.Errorf("hour %d, %s: a lag of %v s", hour, file, s)
				}
			}
		}
		// At most five timed runs an hour, and six for a hint: each hears of it at
		// another time, and once more twice. Beside one another they would make more than a
		// hundred.
		if n := len(d.ends(0)); n > 8*5+7*6 {
			t.Errorf("%d runs in 8 hours", n)
		}
		// One fails for once, long after its own last run may have been: all is well still.
		d.away("okta")
		d.at(8*time.Hour + 25*time.Minute)
		d.away("")
		d.at(9 * time.Hour)
		if e := strings.Join(heard(), ", "); strings.Contains(e, "stale") {
			t.Errorf("hooks heard %s", e)
		}
		if said := a.stop(t) + b.stop(t); t.Failed() {
			t.Log(said)
		}
	})
}
