//go:build !windows

package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"scim-sync/internal/freeport"
)

// Bouncer is a running PgBouncer in transaction mode.
type Bouncer struct{ Port int }

// bouncer starts one before the server when it is first asked for. It has fewer
// connections to the server than its clients open, so that they do share.
func bouncer(s *Server) func(testing.TB) *Bouncer {
	var b *Bouncer
	var fault error
	once := sync.OnceFunc(func() {
		var stop func()
		if b, stop, fault = startBouncer(s); fault == nil {
			shared.stops = append(shared.stops, stop)
		}
	})
	return func(t testing.TB) *Bouncer {
		t.Helper()
		shared.Lock()
		once()
		shared.Unlock()
		orSkip(t, fault)
		return b
	}
}

func startBouncer(s *Server) (*Bouncer, func(), error) {
	bin, err := exec.LookPath("pgbouncer")
	if err != nil {
		bin = "/usr/sbin/pgbouncer" // not in everybody's path
		if _, err := os.Stat(bin); err != nil {
			return nil, nil, errMissing
		}
	}
	port, err := freeport.Find()
	if err != nil {
		return nil, nil, err
	}
	users, settings := filepath.Join(s.dir, "users.txt"), filepath.Join(s.dir, "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
logfile =
pidfile =
`, s.Port, port, users)
	for name, content := range map[string]string{users: quoted(User) + " " + quoted(Password) + "\n", settings: text} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return nil, nil, err
		}
	}
	p, err := begin(s.dir, filepath.Join(s.dir, "pgbouncer.log"), bin, settings)
	if err != nil {
		return nil, nil, err
	}
	err = p.until(func() error {
		config, err := pgx.ParseConfig(s.address("postgres", port))
		if err != nil {
			return err
		}
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		c, err := pgx.ConnectConfig(context.Background(), config)
		if err == nil {
			err = c.Close(context.Background())
		}
		return err
	})
	stop := func() { p.end(syscall.SIGTERM) }
	if err != nil {
		stop()
		return nil, nil, err
	}
	return &Bouncer{Port: port}, stop, nil
}
