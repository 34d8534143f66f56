//go:build !windows

package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"scim-sync/internal/freeport"
)

// Required is the variable that makes a missing server a failure.
const Required = "SCIM_SYNC_REQUIRE_STORES"

// The user of all servers.
const (
	User     = "scim"
	Password = "a-P@ss/w:rd" // a secret that an address has to escape
)

// Main runs the tests of a package and stops the servers that they started.
func Main(m interface{ Run() int }) int {
	defer stopAll()
	return m.Run()
}

// Server is a running PostgreSQL.
type Server struct {
	Port   int
	Socket string // the folder of the socket

	dir, bin string
	mu       sync.Mutex
	process  *process
	names    int
	bouncer  func(testing.TB) *Bouncer
}

var shared struct { // one server a test binary
	sync.Mutex
	server *Server
	fault  error
	stops  []func()
}

// Shared gives the server that all tests of a binary share. Where there are no
// binaries the test is skipped, or fails if they are required.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.fault == nil {
		shared.server, shared.fault = start()
		if shared.server != nil {
			shared.stops = append(shared.stops, shared.server.remove)
		}
	}
	orSkip(t, shared.fault)
	return shared.server
}

// Own gives a server for one test alone, which may stop it.
func Own(t testing.TB) *Server {
	t.Helper()
	s, err := start()
	orSkip(t, err)
	t.Cleanup(s.remove)
	return s
}

func stopAll() {
	shared.Lock()
	defer shared.Unlock()
	for _, stop := range slices.Backward(shared.stops) {
		stop()
	}
}

var errMissing = errors.New("install PostgreSQL and PgBouncer to run this (Debian: apt-get install postgresql pgbouncer); " +
	Required + "=1 makes it a must")

// Missing says what has to be installed before a server can be started; nil:
// nothing.
func Missing() error {
	if binaries() == "" {
		return errMissing
	}
	return nil
}

func orSkip(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, errMissing) && os.Getenv(Required) == "":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}

// start makes a server of its own, with nothing in it.
func start() (s *Server, err error) {
	bin := binaries()
	if bin == "" {
		return nil, errMissing
	}
	s = &Server{bin: bin}
	if s.dir, err = os.MkdirTemp("", "pgtest"); err != nil {
		return nil, err
	}
	s.Socket = s.dir
	s.bouncer = bouncer(s)
	if err := s.make(); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// binaries gives the folder of the newest server: in the path, or where Debian
// and Homebrew keep it.
func binaries() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil { // the others are beside it
			return filepath.Dir(path)
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb", "/usr/local/opt/postgresql*/bin/initdb"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return filepath.Dir(found[len(found)-1])
		}
	}
	return ""
}

func (s *Server) make() error {
	who, err := unprivileged()
	if err != nil {
		return err
	}
	pw := filepath.Join(s.dir, "password")
	if err := os.WriteFile(pw, []byte(Password), 0o600); err != nil {
		return err
	}
	if who != nil {
		if err := errors.Join(os.Chown(s.dir, int(who.Uid), int(who.Gid)), os.Chown(pw, int(who.Uid), int(who.Gid))); err != nil {
			return err
		}
	}
	out, err := run(s.dir, filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", User, "-A", "scram-sha-256", "--pwfile="+pw,
		"--encoding=UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if s.Port, err = freeport.Find(); err != nil {
		return err
	}
	return s.Start()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// LogFile is what the server writes.
func (s *Server) LogFile() string { return filepath.Join(s.dir, "log") }

// Log gives what the server has written.
func (s *Server) Log(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile(s.LogFile())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Start starts a server that was stopped, and returns once it answers.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := begin(s.dir, s.LogFile(), filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.Port), "-k", s.Socket,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=60", "-c", "log_line_prefix=%p %d ",
		"-c", "log_destination=stderr", "-c", "shared_buffers=64MB")
	if err != nil {
		return err
	}
	s.process = p
	return p.until(func() error {
		c, err := pgx.Connect(context.Background(), s.address("postgres", s.Port))
		if err == nil {
			err = c.Close(context.Background())
		}
		return err
	})
}

// Stop stops the server at once, as a machine that fails does.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process.end(syscall.SIGQUIT)
}

func (s *Server) remove() {
	if s.process != nil {
		s.Stop()
	}
	os.RemoveAll(s.dir)
}

// address of a database, with the password.
func (s *Server) address(database string, port int) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(User, Password), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Path: "/" + database}
	return u.String()
}

// URL is the address of a database through some port.
func (s *Server) URL(database string, port int) string { return s.address(database, port) }

// Fresh makes a database with nothing in it and gives its name.
func (s *Server) Fresh(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	s.names++
	name := fmt.Sprintf("t%d", s.names)
	s.mu.Unlock()
	s.Exec(t, "postgres", "CREATE DATABASE "+name)
	return name
}

// Exec runs SQL as an administrator.
func (s *Server) Exec(t testing.TB, database, sql string) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), s.address(database, s.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Connect gives a connection as an administrator, until the test ends.
func (s *Server) Connect(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), s.address(database, s.Port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// Put writes a file that the server alone may read, and gives its path.
func (s *Server) Put(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(s.dir, name)
	who, err := unprivileged()
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err == nil && who != nil {
		err = os.Chown(path, int(who.Uid), int(who.Gid))
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Bouncer gives a PgBouncer in transaction mode before this server.
func (s *Server) Bouncer(t testing.TB) *Bouncer {
	t.Helper()
	return s.bouncer(t)
}

// unprivileged is who runs the servers, which refuse root; nil: we do.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var faults []error
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
	}
	return nil, errors.Join(faults...)
}

// process is a server that runs.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	log  string
}

func command(dir string, name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + dir}
	who, err := unprivileged()
	cmd.SysProcAttr = attributes(who)
	return cmd, err
}

func run(dir, name string, args ...string) ([]byte, error) {
	cmd, err := command(dir, name, args...)
	if err != nil {
		return nil, err
	}
	return cmd.CombinedOutput()
}

func begin(dir, log, name string, args ...string) (*process, error) {
	cmd, err := command(dir, name, args...)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd, make(chan struct{}), log}
	go func() { _ = cmd.Wait(); close(p.done) }()
	return p, nil
}

// until waits until it answers.
func (p *process) until(answers func() error) error {
	for began := time.Now(); ; {
		err := answers()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			raw, _ := os.ReadFile(p.log)
			return fmt.Errorf("%s has ended: %s", p.cmd.Path, bytes.TrimSpace(raw))
		case <-time.After(30 * time.Millisecond):
		}
		if time.Since(began) > 30*time.Second {
			return fmt.Errorf("%s does not answer: %w", p.cmd.Path, err)
		}
	}
}

func (p *process) end(how syscall.Signal) {
	_ = p.cmd.Process.Signal(how)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
