//go:build !windows

package pgtest

import (
	"os"
	"path/filepath"
	"testing"

	"scim-sync/internal/freeport"
)

// Standby gives a hot standby of a server, for one test: it can be read and takes
// no writes.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	who, err := unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		t.Fatal(err)
	}
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	standby := &Server{bin: s.bin, dir: dir, Socket: dir}
	standby.bouncer = bouncer(standby)
	t.Cleanup(standby.remove)
	// -R has it follow the primary.
	if out, err := run(dir, filepath.Join(s.bin, "pg_basebackup"), "-D", standby.data(), "-R", "-c", "fast", "-X", "stream", "--no-sync",
		"-d", s.address("postgres", s.Port)); err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	if standby.Port, err = freeport.Find(); err != nil {
		t.Fatal(err)
	}
	if err := standby.Start(); err != nil {
		t.Fatal(err)
	}
	return standby
}
