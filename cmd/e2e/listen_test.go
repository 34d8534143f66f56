//go:build !windows

package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"scim-sync/internal/freeport"
)

// scraper asks a watch for what it tells of itself.
type scraper struct {
	t       *testing.T
	address string
	secrets []string // that no answer may hold
}

// get gives an answer, and what it says.
func (s *scraper) get(path string) (status int, body string) {
	s.t.Helper()
	resp, err := http.Get("http://" + s.address + path)
	done(s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	done(s.t, err)
	var all bytes.Buffer
	done(s.t, resp.Header.Write(&all))
	for _, secret := range s.secrets {
		if strings.Contains(all.String()+string(text), secret) {
			s.t.Errorf("%s tells %s:\n%s%s", path, secret, &all, text)
		}
	}
	return resp.StatusCode, string(text)
}

func (s *scraper) is(path string, want int) {
	s.t.Helper()
	if status, body := s.get(path); status != want {
		s.t.Errorf("%s: %d %s, not %d", path, status, body, want)
	}
}

// figure is one line of /metrics, as Prometheus reads it.
type figure struct {
	name   string
	labels map[string]string
	value  float64
}

type figures []figure

func (s *scraper) figures() (all figures) {
	s.t.Helper()
	status, body := s.get("/metrics")
	if status != http.StatusOK {
		s.t.Fatalf("/metrics: %d %s", status, body)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	done(s.t, err)
	for name, family := range families {
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			all = append(all, figure{name, labels, m.GetCounter().GetValue() + m.GetGauge().GetValue()})
		}
	}
	return all
}

// of sums up a metric over all that have these labels (name, value, …).
func (f figures) of(name string, labels ...string) (sum float64) {
	for _, x := range f {
		same := x.name == name
		for i := 0; i < len(labels); i += 2 {
			same = same && x.labels[labels[i]] == labels[i+1]
		}
		if same {
			sum += x.value
		}
	}
	return sum
}

// TestWatchTellsOfItselfOverHTTP: it is not ready before its first run and ready after
// it, and until one cannot read both sides; what it counts grows with each run; and
// neither a token nor the address of a heartbeat is in any answer.
func TestWatchTellsOfItselfOverHTTP(t *testing.T) {
	t.Parallel()
	s := newScene(t, []byte(crowded)).play(t)
	s.run(0, "apply", "--yes", "--first-run")
	m := s.manager()
	address, err := freeport.Address()
	done(t, err)
	var beats atomic.Int64
	heart := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { beats.Add(1) }))
	t.Cleanup(heart.Close)
	s.env = append(s.env, "SCIM_SYNC_HEARTBEAT_URL="+heart.URL+"/beat-secret")
	ask := &scraper{t, address, []string{"beat-secret"}}
	for _, v := range s.env {
		if name, value, _ := strings.Cut(v, "="); strings.Contains(name, "TOKEN") || strings.HasSuffix(name, "SECRET") {
			ask.secrets = append(ask.secrets, value)
		}
	}
	if len(ask.secrets) < 3 {
		t.Fatalf("there are no secrets to look for: %q", ask.secrets)
	}

	h := s.hold(1, func(side string, _ *http.Request) bool { return side == "okta" })
	c := s.start("watch", "--poll", "5s", "--every", "10m", "--listen", address)
	m.waits("READY=1")
	after(t, "the first reading", h.arrived)
	ask.is("/healthz", http.StatusOK)
	ask.is("/readyz", http.StatusServiceUnavailable)
	if n := ask.figures().of("scim_sync_runs_total"); n != 0 {
		t.Errorf("%v runs before the first has ended", n)
	}
	close(h.release)
	m.waits("STATUS=last run: done")
	ask.is("/readyz", http.StatusOK)
	first := ask.figures()
	if n := first.of("scim_sync_runs_total", "exit_code", "0", "workspace", "acme"); n != 1 {
		t.Errorf("%v runs after the first", n)
	}

	// Somebody leaves, and only the log tells.
	done(t, s.okta.Unassign("p01@acme.example"))
	m.waits("STATUS=last run: done")
	second := ask.figures()
	for _, name := range []string{"scim_sync_runs_total", "scim_sync_requests_total", "scim_sync_last_run_timestamp_seconds"} {
		if second.of(name) <= first.of(name) {
			t.Errorf("%s went from %v to %v", name, first.of(name), second.of(name))
		}
	}
	if n := second.of("scim_sync_steps_total", "action", "suspend", "result", "done"); n != 1 {
		t.Errorf("%v were suspended", n)
	}

	// Okta says no, and yes again.
	s.meet(func(side string, w http.ResponseWriter, _ *http.Request, serve func()) {
		if side == "okta" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		serve()
	})
	done(t, c.cmd.Process.Signal(syscall.SIGHUP))
	m.waits("STATUS=last run: a credential was missing")
	ask.is("/readyz", http.StatusServiceUnavailable)
	ask.is("/healthz", http.StatusOK)
	if n := ask.figures().of("scim_sync_runs_total", "exit_code", "6"); n < 1 {
		t.Error("the run that failed was not counted")
	}
	s.meet(nil)
	done(t, c.cmd.Process.Signal(syscall.SIGHUP))
	m.waits("STATUS=last run: done")
	ask.is("/readyz", http.StatusOK)
	ask.is("/", http.StatusNotFound)

	done(t, c.cmd.Process.Signal(syscall.SIGTERM))
	if code := c.code(); code != 0 && code != 130 {
		t.Errorf("ended with %d", code)
	}
	if beats.Load() < 3 || strings.Contains(c.errOut.String(), "beat-secret") {
		t.Errorf("%d beats; %s", beats.Load(), &c.errOut)
	}
}
