package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/idp/okta/oktatest"
)

// meter counts what passes through a handler.
type meter struct {
	next http.Handler

	mu     sync.Mutex
	flying int
	seen   seen
}

func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.flying++
	m.seen.peak = max(m.seen.peak, m.flying)
	if r.Method == http.MethodGet {
		m.seen.reads++
	} else {
		m.seen.writes++
	}
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.flying--
		m.mu.Unlock()
	}()
	m.next.ServeHTTP(&statusWatch{w, m}, r)
}

func (m *meter) take() seen {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.seen
	m.seen = seen{}
	return s
}

type statusWatch struct {
	http.ResponseWriter
	m *meter
}

func (w *statusWatch) WriteHeader(status int) {
	if status == http.StatusTooManyRequests {
		w.m.mu.Lock()
		w.m.seen.limited++
		w.m.mu.Unlock()
	}
	w.ResponseWriter.WriteHeader(status)
}

// rig is both services and the place where the program keeps its state.
type rig struct {
	b            *testing.B
	program      string
	org          *oktatest.Server
	site         *attiotest.Server
	okta, attio  *meter
	close        func()
	environment  []string
	folder       string
	people       int
	oktaT, siteT *httptest.Server
}

// build builds the program as for a release.
func build(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "scim-sync")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, root)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// measured is what one process came to.
type measured struct {
	Exit           int
	Wall, CPU      time.Duration
	Memory         int64
	Stdout, Stderr string
}

// order is what measure asks of its helper.
type order struct {
	Program, Dir string
	Env, Args    []string
}

// measure runs the program as the child of a small process of its own: Linux
// counts what the parent had resident as the child's peak.
func measure(b *testing.B, program string, env []string, dir string, args []string) measured {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	in, err := json.Marshal(order{Program: program, Dir: dir, Env: env, Args: args})
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args, cmd.Stdin, cmd.Stderr = []string{"scim-sync-measure"}, bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	var m measured
	if err == nil {
		err = json.Unmarshal(out, &m)
	}
	if err != nil {
		b.Fatalf("measure %v: %v\n%s", args, err, out)
	}
	return m
}

// measuring is the helper: it reads an order and writes what was measured.
func measuring() {
	var o order
	in, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = json.Unmarshal(in, &o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	cmd := exec.Command(o.Program, o.Args...)
	cmd.Dir, cmd.Env = o.Dir, o.Env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &tailKept{b: &stdout}, &stderr
	began := time.Now()
	err = cmd.Run()
	m := measured{Wall: time.Since(began), Stdout: stdout.String(), Stderr: stderr.String()}
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	m.Exit, m.CPU = cmd.ProcessState.ExitCode(), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	m.Memory = peak(cmd.ProcessState)
	_ = json.NewEncoder(os.Stdout).Encode(m)
}

// tailKept keeps the last 64 KiB of what is written.
type tailKept struct{ b *bytes.Buffer }

func (t *tailKept) Write(p []byte) (int, error) {
	const most = 64 << 10
	if t.b.Len()+len(p) > 2*most {
		kept := append([]byte(nil), t.b.Bytes()[max(0, t.b.Len()-most):]...)
		t.b.Reset()
		t.b.Write(kept)
	}
	t.b.Write(p[max(0, len(p)-most):])
	return len(p), nil
}
