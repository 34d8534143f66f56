//go:build !windows

package e2e

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"scim-sync/internal/halted"
)

// theater is a scene that machines play on one store.
type theater struct {
	*stage
	place
}

// at sets the scene up on a store.
func (sc *scene) at(t *testing.T, p place) *theater {
	t.Helper()
	return &theater{stage: sc.playAt(t, t.TempDir(), p.home), place: p}
}

// machine is one that runs scim-sync: a home, and a way to Attio, of its own.
type machine struct {
	*theater
	name string
	dir  string
	env  []string
	runs int // guarded by the stage's mu
}

// machine gives one. The environment holds what else is particular of it.
func (s *theater) machine(name string, environ ...string) *machine {
	s.t.Helper()
	m := &machine{theater: s, name: name, dir: s.t.TempDir()}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.arrived = append(s.arrived, arrival{machine: name, run: m.runs, write: r.Method != http.MethodGet, at: time.Now(), what: r.Method + " " + r.URL.Path})
		s.mu.Unlock()
		r.Header.Set(machineHeader, name)
		s.pass("attio", s.attio, w, r)
	}))
	s.t.Cleanup(front.Close)
	for _, v := range s.env {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "HOME":
			v = "HOME=" + m.dir
		case "SCIM_SYNC_ATTIO_API_URL":
			v = name + "=" + front.URL
		case "SCIM_SYNC_ATTIO_SCIM_URL":
			v = name + "=" + front.URL + "/scim/v2"
		}
		m.env = append(m.env, v)
	}
	m.env = append(m.env, environ...)
	return m
}

// holdFrom keeps the machine's writes to Attio from the n-th on until release is
// closed, and closes arrived with the first of them.
func (m *machine) holdFrom(n int) held {
	h := held{make(chan struct{}), make(chan struct{})}
	count := 0
	m.meet(func(side string, _ http.ResponseWriter, r *http.Request, serve func()) {
		if m.writing(side, r) {
			m.mu.Lock()
			count++
			mine := count
			m.mu.Unlock()
			if mine == n {
				close(h.arrived)
			}
			if mine >= n {
				select {
				case <-h.release:
				case <-m.t.Context().Done():
				}
			}
		}
		serve()
	})
	return h
}

// machineHeader names the machine that a request comes from.
const machineHeader = "X-Machine"

// writing says whether a machine's write to Attio arrives.
func (m *machine) writing(side string, r *http.Request) bool {
	return isWrite(side, r) && r.Header.Get(machineHeader) == m.name
}

func (m *machine) start(args ...string) *child {
	m.t.Helper()
	m.mu.Lock()
	m.runs++
	m.mu.Unlock()
	return m.startIn(m.dir, m.env, args...)
}

// run is a whole run that has to end with one of the codes.
func (m *machine) run(codes []int, args ...string) *child {
	m.t.Helper()
	c := m.start(args...)
	m.ends(c, codes...)
	return c
}

// ends waits for the end of a run.
func (m *machine) ends(c *child, codes ...int) {
	m.t.Helper()
	if got := c.code(); !slices.Contains(codes, got) {
		m.t.Errorf("%s ended with %d, not %v\n%s%s", m.name, got, codes, &c.out, &c.errOut)
	}
}

// stop stops the process, and returns once it stands still.
func (c *child) stop(t *testing.T) {
	t.Helper()
	c.signal(t, syscall.SIGSTOP)
	if err := halted.Wait(t.Context(), c.cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
}

// sent gives the requests of a machine to Attio so far.
func (m *machine) sent() (all []arrival) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.arrived {
		if a.machine == m.name {
			all = append(all, a)
		}
	}
	return all
}

// patient is apply that waits for the lock.
var patient = append(slices.Clip(apply), "--lock-timeout", "1m") //nolint:gochecknoglobals // a constant

// goesOn has the machine do what is left, and compares the end with the one wanted.
func (m *machine) goesOn(want []string) {
	m.t.Helper()
	m.meet(nil)
	m.sound()
	m.run([]int{0}, patient...)
	m.finished(want)
}

// finished checks that everything is done, and as wanted.
func (m *machine) finished(want []string) {
	m.t.Helper()
	m.idle()
	m.same(want)
}

// idle checks that one more run writes nothing, and that what was done was done
// once and by one at a time.
func (m *machine) idle() {
	m.t.Helper()
	before := m.writes()
	c := m.run([]int{0}, patient...)
	if n := m.writes() - before; n != 0 {
		m.t.Errorf("a run with nothing to do made %d writes\n%s%s", n, &c.out, &c.errOut)
	}
	m.run([]int{0}, "history", "--verify")
	m.sound()
	m.oneByOne()
	m.once()
}

// oneByOne checks that no run wrote after another one had begun to.
func (s *theater) oneByOne() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	type run struct {
		machine string
		run     int
	}
	var now run
	over := map[run]bool{}
	for _, a := range s.arrived {
		if !a.write {
			continue
		}
		if next := (run{a.machine, a.run}); next != now {
			over[now], now = true, next
		}
		if over[now] {
			s.t.Errorf("run %d of %s wrote %s after another run had written", a.run, a.machine, a.what)
		}
	}
}

// once checks that nobody was provisioned or mailed twice, and that no write that
// was done was done again.
func (s *theater) once() {
	s.t.Helper()
	mailed := map[string]bool{}
	for _, m := range s.attio.Outbox() {
		mail := string(m.Kind) + " mail to " + m.To
		if mailed[mail] {
			s.t.Errorf("twice: %s", mail)
		}
		mailed[mail] = true
	}
	done := map[string]bool{}
	for _, w := range s.attio.Writes() {
		what := w.Method + " " + w.Path + " " + w.Body
		if w.Status < 300 && done[what] {
			s.t.Errorf("done twice: %s", what)
		}
		done[what] = done[what] || w.Status < 300
	}
}
