//go:build !windows

package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"scim-sync/internal/pgtest"
	"scim-sync/internal/sample"
	"scim-sync/sync/state"
)

// TestProbeNamesWhatStandsBetween: a pooler, and nothing where there is none.
func TestProbeNamesWhatStandsBetween(t *testing.T) {
	for way, at := range map[string]func(*testing.T) string{"direct": direct, "through PgBouncer": pooled} {
		b := open(t, at(t))
		ok(t, lock(t, b, "a").Release(t.Context()))
		p := b.Probe(t.Context())
		notes := strings.Join(p.Notes, "\n")
		if p.Reach != nil || p.Write != nil || p.Lock != nil || !strings.HasPrefix(p.Server, "PostgreSQL ") || p.Ahead.Abs() > 5*time.Second ||
			strings.Contains(notes, "pooler") != (way != "direct") || strings.Contains(notes, "one session") || strings.Contains(p.Place, pgtest.Password) {
			t.Errorf("%s: %+v", way, p)
		}
	}
}

// TestProbeTellsOfServersThatForget: what was said yes to might be gone after the
// server's machine has failed.
func TestProbeTellsOfServersThatForget(t *testing.T) {
	s := pgtest.Shared(t) // its fsync is off
	name := s.Fresh(t)
	s.Exec(t, "postgres", `ALTER DATABASE `+name+` SET synchronous_commit = off`)
	b := open(t, s.URL(name, s.Port))
	notes := strings.Join(b.Probe(t.Context()).Notes, "\n")
	if !strings.Contains(notes, "synchronous_commit is off") || !strings.Contains(notes, "fsync") {
		t.Error(notes)
	}
	told(t, b, story(t, b))
}

// TestProbeRefusesEncodingsThatHoldNotEveryLetter: before anything is written.
func TestProbeRefusesEncodingsThatHoldNotEveryLetter(t *testing.T) {
	s := pgtest.Shared(t)
	s.Exec(t, "postgres", `CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0`)
	b := open(t, s.URL("latin", s.Port))
	says(t, "probe", b.Probe(t.Context()).Write, "LATIN1", "ENCODING 'UTF8'")
	w := lock(t, b, "a")
	err := w.Append(t.Context(), after(0, 0), line(1, "😀"))
	says(t, "append", err, "ENCODING 'UTF8'")
	if errors.Is(err, state.ErrLost) {
		t.Error(err)
	}
	ok(t, w.Release(t.Context()))
}

// TestStandbyIsNeverTaken: alone it is refused, and beside the primary that one is
// found, whichever is named first.
func TestStandbyIsNeverTaken(t *testing.T) {
	sample.Long(t)
	primary := pgtest.Own(t)
	ok(t, lock(t, open(t, primary.URL("postgres", primary.Port)), "makes the tables").Release(t.Context()))
	standby := primary.Standby(t)
	b := open(t, standby.URL("postgres", standby.Port))
	_, err := b.Lock(t.Context(), state.Holder{})
	says(t, "lock", err, "takes no writes", "primary")
	says(t, "probe", b.Probe(t.Context()).Reach, "takes no writes", "primary")
	both := primary.URL("postgres", primary.Port) + fmt.Sprintf("?host=127.0.0.1,127.0.0.1&port=%d,%d", standby.Port, primary.Port)
	w := lock(t, open(t, both), "a")
	ok(t, w.Append(t.Context(), after(0, 0), line(1, "a")))
	ok(t, w.Release(t.Context()))
}
