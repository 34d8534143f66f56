// Package s3test runs a real S3 server for tests: versitygw, on a folder of its
// own and a free port of this machine.
package s3test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/internal/freeport"
)

// The keys of every server here.
const (
	AccessKey = "AKIASCIMSYNCTEST"
	SecretKey = "s3test-secret-kept-to-itself"
)

// requireVariable turns a test that would be skipped into one that fails.
const requireVariable = "SCIM_SYNC_REQUIRE_STORES"

// Server is a server that runs. Each Bucket is a folder in Root.
type Server struct {
	Endpoint string // http://127.0.0.1:port
	Root     string
	stop     func()
	buckets  atomic.Int64
}

// Shared gives one server to all tests of a package: Main stops it.
type Shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Main runs the tests and stops what they started; its result is the process's.
func (s *Shared) Main(m interface{ Run() int }) int {
	defer s.Stop()
	return m.Run()
}

// Stop stops what was started.
func (s *Shared) Stop() {
	if s.server != nil {
		s.server.stop()
	}
}

// Get starts the server where none runs yet, and skips the test where there is
// no program to start.
func (s *Shared) Get(t testing.TB) *Server {
	t.Helper()
	program, err := find()
	if err != nil {
		if os.Getenv(requireVariable) != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s.once.Do(func() { s.server, s.err = start(program) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server
}

// Bucket makes an empty bucket.
func (s *Server) Bucket(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("bucket-%d", s.buckets.Add(1))
	if err := os.Mkdir(filepath.Join(s.Root, name), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

// Environ is what a user of the server has in the environment.
func (s *Server) Environ() []string {
	return []string{"AWS_ACCESS_KEY_ID=" + AccessKey, "AWS_SECRET_ACCESS_KEY=" + SecretKey}
}

// Missing says what has to be built before a server can be started; nil: nothing.
func Missing() error {
	_, err := find()
	return err
}

func find() (string, error) {
	out, err := exec.CommandContext(context.Background(), "go", "env", "GOCACHE").Output()
	if err != nil {
		return "", fmt.Errorf("where are the tools? %w", err)
	}
	dir := os.Getenv("SCIM_SYNC_TOOLS")
	if dir == "" {
		dir = filepath.Join(strings.TrimSpace(string(out)), "scim-sync-tools")
	}
	program := filepath.Join(dir, "versitygw")
	if _, err := os.Stat(program); err != nil {
		return "", fmt.Errorf("no S3 server to test with: go build -C internal/tools/versitygw -o %s github.com/versity/versitygw/cmd/versitygw", program)
	}
	return program, nil
}

func start(program string) (*Server, error) {
	dir, err := os.MkdirTemp("", "s3test-")
	if err != nil {
		return nil, err
	}
	root := filepath.Join(dir, "buckets")
	s := &Server{Root: root, stop: func() { os.RemoveAll(dir) }}
	if err := os.Mkdir(root, 0o755); err != nil {
		return nil, err
	}
	address, err := freeport.Address()
	if err != nil {
		return nil, err
	}
	ctx, kill := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "--port", address, "--access", AccessKey, "--secret", SecretKey,
		"--keep-alive", "--quiet", "posix", root)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GOGC=400"}
	if err := cmd.Start(); err != nil {
		kill()
		return nil, err
	}
	s.Endpoint = "http://" + address
	s.stop = func() {
		kill()
		_ = cmd.Wait() // it was killed
		os.RemoveAll(dir)
	}
	if err := listens(address); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// listens waits until somebody answers there.
func listens(address string) error {
	for range 200 {
		conn, err := net.DialTimeout("tcp", address, time.Second) //nolint:noctx // it has its own time
		if err == nil {
			return conn.Close()
		}
		time.Sleep(25 * time.Millisecond)
	}
	return errors.New("the S3 server did not begin to listen")
}
