package e2e

import (
	"fmt"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/internal/cli"
	"scim-sync/idp/okta/oktatest"
)

// rig is a company as each of the programs meets it.
type rig struct {
	*contest
	company
	lanes []*lane // one for each program
}

// lane is one program, the services that it talks to, and where it keeps its state.
type lane struct {
	*services
	program string
	folder  string
	env     []string
	said    string // by its last run
}

// services are an Okta and an Attio on loopback.
type services struct {
	org         *oktatest.Server
	site        *attiotest.Server
	okta, attio *meter
	oktaURL     string
	attioURL    string
	close       func()
}

// set serves a company to each program for itself.
func (c *contest) set(of company) *rig {
	s := &rig{contest: c, company: of}
	for _, p := range c.programs {
		s.lanes = append(s.lanes, newLane(c.B, p, of, serveCompany(c.B, of)))
	}
	return s
}

// share serves a company to all programs together: for work that changes nothing
// on either side.
func (c *contest) share(of company) *rig {
	s, one := &rig{contest: c, company: of}, serveCompany(c.B, of)
	for _, p := range c.programs {
		s.lanes = append(s.lanes, newLane(c.B, p, of, one))
	}
	return s
}

// serveCompany builds a company and serves it on loopback. Okta's times are two
// hours old.
func serveCompany(b *testing.B, of company) *services {
	b.Helper()
	if of.limits.PerWindow == nil {
		of.limits = oktatest.NoLimits()
	}
	s := &services{}
	var err error
	s.org, err = oktatest.New(of.org(), oktatest.WithRateLimits(of.limits), oktatest.WithAged(time.Now().Add(-2*time.Hour)), oktatest.WithLogDelay(of.logDelay))
	if err != nil {
		b.Fatal(err)
	}
	s.site, err = attiotest.New(of.site(), attiotest.WithRateLimits(0, of.writes))
	if err != nil {
		b.Fatal(err)
	}
	s.okta, s.attio = &meter{side: "Okta", next: s.org}, &meter{side: "Attio", next: s.site}
	s.late(of.latency)
	okta, attio := serve(b, s.okta), serve(b, s.attio)
	s.oktaURL, s.attioURL = okta.URL, attio.URL
	s.close = func() {
		okta.Close()
		attio.Close()
	}
	return s
}

func serve(b *testing.B, h http.Handler) *httptest.Server {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	s.Start()
	return s
}

// late has every request from now on arrive so late.
func (s *services) late(by time.Duration) {
	s.okta.latency.Store(int64(by))
	s.attio.latency.Store(int64(by))
}

func newLane(b *testing.B, program string, of company, s *services) *lane {
	writes := int(math.Round(of.writes))
	if writes == 0 {
		writes = 1000
	}
	l := &lane{services: s, program: program, folder: b.TempDir()}
	l.env = []string{
		"HOME=" + l.folder, "PATH=" + os.Getenv("PATH"), "NO_COLOR=1", "SCIM_SYNC_STATE_URL=" + l.stateURL(),
		"SCIM_SYNC_OKTA_ORG_URL=" + s.oktaURL, "SCIM_SYNC_OKTA_APP_ID=" + s.org.AppID(), "SCIM_SYNC_OKTA_API_TOKEN=bench-okta",
		"SCIM_SYNC_ATTIO_WORKSPACE=acme", "SCIM_SYNC_ATTIO_API_URL=" + s.attioURL, "SCIM_SYNC_ATTIO_SCIM_URL=" + s.attioURL + "/scim/v2",
		"SCIM_SYNC_ATTIO_TOKEN=bench-attio", "SCIM_SYNC_ATTIO_READS_PER_SECOND=1000", fmt.Sprintf("SCIM_SYNC_ATTIO_WRITES_PER_SECOND=%d", writes),
		"SCIM_SYNC_TEAMS_SAME_NAME=link",
	}
	return l
}

func (l *lane) stateFolder() string { return filepath.Join(l.folder, "state") }

func (l *lane) stateURL() string {
	return "file://" + filepath.ToSlash(filepath.Join(l.stateFolder(), "state.json"))
}

// each does something to the services of every program.
func (s *rig) each(do func(*services) error) {
	s.Helper()
	var done []*services
	for _, l := range s.lanes {
		if slices.Contains(done, l.services) {
			continue
		}
		done = append(done, l.services)
		if err := do(l.services); err != nil {
			s.Fatal(err)
		}
	}
}

// end stops the services.
func (s *rig) end() {
	s.each(func(v *services) error { v.close(); return nil })
	runtime.GC()
}

// step is one run of the program, and what is expected of it.
type step struct {
	name     string
	says     string        // has to be in what it prints; RUN stands for a run's id
	exit     int           // its code
	wall     time.Duration // for the table; 0: any
	memory   int64         // for the table, bytes; 0: any
	writes   int           // at most
	requests int           // at most, to both sides; 0: any number
	unnoted  bool          // makes ready for others and is no row
}

var (
	waiting = regexp.MustCompile(`(okta|attio) [\d,]+ \(([^)]*)\)`)
	runID   = regexp.MustCompile(`\d{8}T\d{6}Z-[0-9a-f]{8}`)
)

// run has each program take the step. RUN in the arguments is the id of the first
// run that the program named in the step before.
func (s *rig) run(t step, args ...string) *row {
	s.Helper()
	r := &row{}
	if !t.unnoted {
		r = s.row(t.name)
		r.bound, r.memory = t.wall, t.memory
	}
	for _, i := range s.order() {
		ran, ok := s.lanes[i].run(s.contest, t, i > 0, args)
		if !ok {
			continue
		}
		s.took(r, i, ran)
		if i == 0 {
			s.within(r, t, ran)
		}
	}
	return r
}

// run runs the program once and says what that took; not ok: it is an older one
// that does not know of this work.
func (l *lane) run(c *contest, t step, older bool, args []string) (ran outlay, ok bool) {
	c.Helper()
	args = slices.Clone(args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "RUN", runID.FindString(l.said))
	}
	l.okta.take()
	l.attio.take()
	m := measure(c.B, l.program, l.env, l.folder, args)
	l.said = m.Stdout
	if older && m.Exit == cli.ExitUsage && t.exit != cli.ExitUsage {
		return ran, false
	}
	if m.Exit != t.exit || !strings.Contains(m.Stdout+m.Stderr, t.says) {
		c.Errorf("%s: %s %v ended with %d and did not say %q:\n%s\n%s", t.name, l.program, args, m.Exit, t.says, tail(m.Stdout), tail(m.Stderr))
	}
	ran = outlay{okta: l.okta.take(), attio: l.attio.take(), wall: m.Wall, cpu: m.CPU, memory: m.Memory, waited: "–"}
	passed := slices.Concat(ran.okta.passed, ran.attio.passed)
	if l.okta.latency.Load() > 0 { // else trips take no time, and nobody waits for them
		ran.trips = trips(passed)
	}
	fmt.Fprintf(os.Stderr, "%d of %d: %s, %s: %s, %s\n", c.round+1, c.rounds, t.name, which(older), seconds(ran.wall), mebibytes(ran.memory))
	if os.Getenv("SCIM_SYNC_TIMELINE") == "1" && !t.unnoted {
		fmt.Fprintln(os.Stderr, timeline(passed))
	}
	waits := map[string]string{} // of each side; an apply tells of it twice, in the end of all
	for _, side := range waiting.FindAllStringSubmatch(m.Stdout, -1) {
		if _, w, ok := strings.Cut(side[2], "waited "); ok {
			waits[side[1]] = side[1] + " " + w
		}
	}
	if len(waits) > 0 {
		ran.waited = strings.Join(slices.Sorted(maps.Values(waits)), ", ")
	}
	if n := ran.okta.limited + ran.attio.limited; n > 0 {
		c.Errorf("%s: %d answers 429", t.name, n)
	}
	return ran, true
}

func which(older bool) string {
	if older {
		return "the older program"
	}
	return "this program"
}

// within checks the number of writes and of all requests.
func (s *rig) within(r *row, t step, ran outlay) {
	s.Helper()
	if ran.attio.writes > t.writes {
		s.Errorf("%s: %d writes, at most %d", t.name, ran.attio.writes, t.writes)
	}
	if t.requests == 0 {
		return
	}
	r.most = fmt.Sprintf("%d, %d writes", t.requests, t.writes)
	if n := ran.okta.all() + ran.attio.all(); n > t.requests {
		s.Errorf("%s: %d requests, at most %d", t.name, n, t.requests)
	}
}

func tail(s string) string { return s[max(0, len(s)-3000):] }
