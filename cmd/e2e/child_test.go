package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/sandbox"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/state"
	"scim-sync/sync/state/stores"
)

// noSleep is GORACE of the processes that tests start: under the race detector
// each would else sleep for a second at its end.
const noSleep = "atexit_sleep_ms=50"

// scene is a world as it is before a run: what both sides hold, what was
// managed, and how scim-sync is pointed at it.
type scene struct {
	world    *sandbox.World
	managed  core.Managed
	settings []byte
	env      []sandbox.Variable
	okta     []oktatest.Option // how Okta behaves
}

// newScene reads a world file's text.
func newScene(t *testing.T, text []byte) *scene {
	t.Helper()
	w, err := sandbox.ParseWorld(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.Start(t.Context(), w, sandbox.Options{Now: time.Now}) // resolves names to ids, which are the same each time
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	settings, err := s.Settings()
	if err != nil {
		t.Fatal(err)
	}
	return &scene{world: w, managed: s.Managed, settings: settings, env: s.Environment()}
}

// stage is a scene being played: both emulators in this process, and a folder
// for the state. Every request passes between, which may do what it likes.
type stage struct {
	t     *testing.T
	okta  *oktatest.Server
	attio *attiotest.Server
	dir   string
	env   []string
	store *state.Store // without the line that leads the processes there

	mu      sync.Mutex
	arrived []arrival
	between func(side string, w http.ResponseWriter, r *http.Request, serve func())
	adminNo []string // requests after which nobody was an active admin
}

// arrival is a request to Attio as it came.
type arrival struct {
	machine string
	run     int // of the machine, from 1
	write   bool
	at      time.Time
	what    string
}

// play sets the scene up, with the state in a file. Attio's limits are lifted, so
// that no run waits.
func (sc *scene) play(t *testing.T, more ...attiotest.Option) *stage {
	t.Helper()
	dir := t.TempDir()
	return sc.playAt(t, dir, home{url: "file://" + filepath.ToSlash(filepath.Join(dir, "state", "state.json"))}, more...)
}

// home is where the state is: its address, another one that leads processes there,
// and what they have in their environment for it.
type home struct {
	url, through string
	environ      []string
}

// playAt sets the scene up with the state at home.
func (sc *scene) playAt(t *testing.T, dir string, at home, more ...attiotest.Option) *stage {
	t.Helper()
	s := &stage{t: t, dir: dir}
	var err error
	if s.okta, err = oktatest.New(sc.world.Okta, sc.okta...); err != nil {
		t.Fatal(err)
	}
	always := []attiotest.Option{attiotest.WithRateLimits(0, 0), attiotest.WithObserver(func(snap attiotest.Snapshot) {
		if snap.Workspace.ActiveAdmins == 0 {
			s.adminNo = append(s.adminNo, snap.Request.Method+" "+snap.Request.Path)
		}
	})}
	s.attio, err = attiotest.New(sc.world.Attio, append(always, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	okta, site := s.serve("okta", s.okta), s.serve("attio", s.attio)
	if s.store, err = stores.Open(t.Context(), state.Location{URL: at.url, Environ: at.environ}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	config := filepath.Join(s.dir, "scim-sync.yaml")
	if err := os.WriteFile(config, sc.settings, 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = []string{"HOME=" + s.dir, "NO_COLOR=1", "GORACE=" + noSleep, sample.LightProcess, "SCIM_SYNC_CONFIG=" + config, "SCIM_SYNC_STATE_URL=" + cmp.Or(at.through, at.url),
		"SCIM_SYNC_ATTIO_WRITES_PER_SECOND=1000", "SCIM_SYNC_ATTIO_READS_PER_SECOND=1000"}
	s.env = append(s.env, at.environ...)
	for _, v := range sc.env {
		switch v.Name {
		case "SCIM_SYNC_OKTA_ORG_URL":
			v.Value = okta
		case "SCIM_SYNC_ATTIO_API_URL":
			v.Value = site
		case "SCIM_SYNC_ATTIO_SCIM_URL":
			v.Value = site + "/scim/v2"
		}
		s.env = append(s.env, v.Name+"="+v.Value)
	}
	s.remember(sc.managed, okta)
	return s
}

func (s *stage) serve(side string, next http.Handler) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.pass(side, next, w, r) }))
	s.t.Cleanup(srv.Close)
	return srv.URL
}

func (s *stage) pass(side string, next http.Handler, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	between := s.between
	s.mu.Unlock()
	if between == nil {
		next.ServeHTTP(w, r)
		return
	}
	between(side, w, r, func() { next.ServeHTTP(w, r) })
}

// meet has every request from now on pass f.
func (s *stage) meet(f func(side string, w http.ResponseWriter, r *http.Request, serve func())) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.between = f
}

// remember writes down what earlier runs have left.
func (s *stage) remember(m core.Managed, orgURL string) {
	s.t.Helper()
	if len(m.People)+len(m.Teams) == 0 {
		return
	}
	run, err := s.store.Begin(s.t.Context(), state.RunInfo{RunID: "before", Command: "test", Now: time.Now})
	if err != nil {
		s.t.Fatal(err)
	}
	defer run.Close()
	if err := run.Bind(s.t.Context(), m.WorkspaceID, orgURL, m.AppID); err != nil {
		s.t.Fatal(err)
	}
	var wg sync.WaitGroup // those who wait together share one write to the disk
	learn := func(c core.Change) {
		wg.Go(func() {
			if err := run.Learn(s.t.Context(), nil, c); err != nil {
				s.t.Error(err)
			}
		})
	}
	for _, p := range m.People {
		learn(core.Change{Person: &p})
	}
	for _, team := range m.Teams {
		learn(core.Change{Teams: []core.ManagedTeam{team}})
	}
	wg.Wait()
	if err := run.Finish(s.t.Context(), state.Summary{}); err != nil {
		s.t.Fatal(err)
	}
}

// child is a running scim-sync.
type child struct {
	cmd         *exec.Cmd
	out, errOut bytes.Buffer
	ended       chan struct{}
}

// start begins a run of the real program: the test binary under its name.
func (s *stage) start(args ...string) *child {
	s.t.Helper()
	return s.startIn(s.dir, s.env, args...)
}

func (s *stage) startIn(dir string, env []string, args ...string) *child {
	s.t.Helper()
	program, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	c := &child{ended: make(chan struct{})}
	ctx, stop := context.WithTimeout(s.t.Context(), 3*time.Minute) // no run hangs
	c.cmd = exec.CommandContext(ctx, program)
	c.cmd.Args = append([]string{"scim-sync"}, args...)
	c.cmd.Dir, c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = dir, env, &c.out, &c.errOut
	if err := c.cmd.Start(); err != nil {
		stop()
		s.t.Fatal(err)
	}
	go func() {
		defer stop()
		_ = c.cmd.Wait()
		close(c.ended)
	}()
	return c
}

// kill ends the process as kill -9 does, and returns when it is dead.
func (c *child) kill() {
	if err := c.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		panic(err)
	}
	<-c.ended
}

// over says whether the process has ended.
func (c *child) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// code waits for the end and gives the exit code, -1 for a process that was killed.
func (c *child) code() int {
	<-c.ended
	return c.cmd.ProcessState.ExitCode()
}

// run is a whole run that has to end with the code.
func (s *stage) run(want int, args ...string) *child {
	s.t.Helper()
	c := s.start(args...)
	if got := c.code(); got != want {
		s.t.Errorf("scim-sync %s ended with %d, not %d\n%s%s", strings.Join(args, " "), got, want, &c.out, &c.errOut)
	}
	return c
}

// ending tells how things stand, a line for each thing and without times: what
// must be the same however often a run was cut off.
func (s *stage) ending() []string {
	s.t.Helper()
	var lines []string
	line := func(what string, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			s.t.Fatal(err)
		}
		lines = append(lines, what+" "+string(b))
	}
	snap := s.attio.Snapshot()
	for _, m := range snap.Members {
		m.CreatedAt, m.ModifiedAt, m.InviteLink = time.Time{}, time.Time{}, ""
		line("member", m)
	}
	for _, t := range snap.Teams {
		t.CreatedAt, t.ModifiedAt = time.Time{}, time.Time{}
		slices.Sort(t.Members)
		slices.Sort(t.MemberIDs)
		line("team", t)
	}
	for _, m := range snap.Outbox {
		lines = append(lines, "mail "+string(m.Kind)+" "+m.To)
	}
	managed, unfinished, _, err := s.store.Read(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, u := range unfinished {
		line("unfinished", u.Intent)
	}
	for _, p := range managed.People {
		p.ManagedSince, p.InvitedAt = time.Time{}, time.Time{}
		line("managed person", p)
	}
	for _, t := range managed.Teams {
		line("managed team", t)
	}
	slices.Sort(lines)
	return lines
}

// sound checks what must hold after any run, cut off or not.
func (s *stage) sound() {
	s.t.Helper()
	for _, r := range s.adminNo {
		s.t.Errorf("after %s the workspace had no active admin", r)
	}
	v, err := s.store.Verify(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if v.Bad != nil {
		s.t.Errorf("the journal is broken: %+v", *v.Bad)
	}
}

// writes counts the requests so far that could have changed something in Attio.
func (s *stage) writes() int { return len(s.attio.Writes()) }
