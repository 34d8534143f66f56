//go:build !windows

package postgres_test

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/internal/pgtest"
	"scim-sync/internal/sample"
	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres"
	"scim-sync/sync/state/statetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// names counts the workspaces, so that each test has one of its own.
var names atomic.Int64

// place is a state of its own in the database that all tests share.
func place(t *testing.T, port int) string {
	t.Helper()
	return fmt.Sprintf("%s?workspace=w%d", pgtest.Shared(t).URL("postgres", port), names.Add(1))
}

func direct(t *testing.T) string { return place(t, pgtest.Shared(t).Port) }

func pooled(t *testing.T) string {
	s := pgtest.Shared(t)
	return place(t, s.Bouncer(t).Port)
}

// ways are the two that lead to a server; where a sample is played, the one whose
// turn it is.
func ways(t *testing.T, play func(t *testing.T, address string)) {
	for _, way := range sample.One(t.Name(), []string{"direct", "through PgBouncer"}) {
		t.Run(way, func(t *testing.T) {
			if way == "direct" {
				play(t, direct(t))
			} else {
				play(t, pooled(t))
			}
		})
	}
}

func open(t *testing.T, address string) state.Backend { return lasting(t, address, 0) }

// lasting opens a backend whose locks last that long, 0: as ever.
func lasting(t *testing.T, address string, length time.Duration) state.Backend {
	t.Helper()
	b, err := postgres.Open(t.Context(), state.Location{URL: address, Lease: length})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.(interface{ Close() error }).Close() })
	return b
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lock takes the lock for a run.
func lock(t *testing.T, b state.Backend, run string) state.BackendWriter {
	t.Helper()
	w, err := b.Lock(t.Context(), state.Holder{PID: 7, Host: "here", RunID: run, Command: "apply", Since: time.Now()})
	ok(t, err)
	return w
}

// line is a line of the journal, and after the place behind it.
func line(seq int, run string) []byte {
	return fmt.Appendf(nil, `{"seq":%d,"at":"2026-03-02T09:00:00Z","run":%q,"kind":"learn","prev":"","hash":"%064d"}`+"\n", seq, run, seq)
}

func lines(from, to int, run string) []byte {
	var all []byte
	for seq := from; seq <= to; seq++ {
		all = append(all, line(seq, run)...)
	}
	return all
}

func after(seq int, offset int) state.Position {
	p := state.Position{Seq: uint64(seq), Offset: int64(offset)}
	if seq > 0 {
		p.Hash = fmt.Sprintf("%064d", seq)
	}
	return p
}

func snapshot(serial int) []byte {
	return fmt.Appendf(nil, `{"format":1,"serial":%d,"workspace_id":"w"}`, serial)
}

// text reads the whole journal.
func text(t *testing.T, b state.Backend) string {
	t.Helper()
	parts, err := b.Parts(t.Context())
	ok(t, err)
	var all strings.Builder
	for _, p := range parts {
		body, err := b.Open(t.Context(), p.Name, 0)
		ok(t, err)
		var buf [100]byte
		for {
			n, err := body.Read(buf[:])
			all.Write(buf[:n])
			if err != nil {
				break
			}
		}
	}
	return all.String()
}

func TestBackendKeepsThePortsPromises(t *testing.T) {
	leads := map[string]func(*testing.T) string{"direct": direct, "through PgBouncer": pooled}
	for _, way := range sample.One(t.Name(), []string{"direct", "through PgBouncer"}) {
		at := leads[way]
		t.Run(way, func(t *testing.T) {
			statetest.Port(t, func(t *testing.T) state.Backend { return open(t, at(t)) })
			statetest.Commands(t, func(t *testing.T) state.Backend { return open(t, at(t)) })
		})
	}
}
