//go:build !windows

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
)

// manager stands in for systemd: it hears what a service says of itself
// (https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html).
type manager struct {
	t     *testing.T
	heard chan string
	all   []string
}

func (s *stage) manager() *manager {
	s.t.Helper()
	folder, err := os.MkdirTemp("", "n") // a socket's name is short
	if err != nil {
		s.t.Fatal(err)
	}
	name := filepath.Join(folder, "s")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _, _ = conn.Close(), os.RemoveAll(folder) })
	m := &manager{t: s.t, heard: make(chan string, 1000)}
	go func() {
		for buf := make([]byte, 4096); ; {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			m.heard <- string(buf[:n])
		}
	}()
	s.env = append(s.env, "NOTIFY_SOCKET="+name, "WATCHDOG_USEC=200000")
	return m
}

// waits until the service says something with that text.
func (m *manager) waits(text string) {
	m.t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case said := <-m.heard:
			m.all = append(m.all, said)
			if strings.Contains(said, text) {
				return
			}
		case <-limit:
			m.t.Fatalf("it never said %q, only %q", text, m.all)
		}
	}
}

// TestWatchLivesThroughABadDay: a change is carried out soon after it was made; a
// token that is revoked, a refusal and settings that are wrong end nothing, are told
// once, and are over once; SIGTERM ends the run that is under way, with all that was
// begun in the journal.
func TestWatchLivesThroughABadDay(t *testing.T) {
	t.Parallel()
	s := newScene(t, []byte(crowded)).play(t)
	s.run(0, "apply", "--yes", "--first-run")
	m := s.manager()
	var revoked atomic.Bool
	s.meet(func(side string, w http.ResponseWriter, _ *http.Request, serve func()) {
		if side == "okta" && revoked.Load() {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"errorCode":"E0000011","errorSummary":"Invalid token provided"}`))
			return
		}
		serve()
	})
	c := s.start("watch", "--poll", "5s", "--every", "10m")
	tells := func(sig syscall.Signal) { done(t, c.cmd.Process.Signal(sig)) }
	m.waits("READY=1")
	m.waits("STATUS=last run: done")
	m.waits("WATCHDOG=1")

	// Somebody leaves, and only the log tells.
	began := time.Now()
	done(t, s.okta.Unassign("p01@acme.example"))
	m.waits("STATUS=last run: done")
	if took := time.Since(began); status(s, "p01@acme.example") != attiotest.Suspended || took > 20*time.Second {
		t.Errorf("after %s they are %s", took, status(s, "p01@acme.example"))
	}

	// The token is revoked, and another is given.
	revoked.Store(true)
	for range 2 {
		tells(syscall.SIGHUP)
		m.waits("STATUS=last run: a credential was missing")
	}
	revoked.Store(false)
	tells(syscall.SIGHUP)
	m.waits("STATUS=last run: done")

	// Most of the company leaves.
	for i := 2; i < 12; i++ {
		done(t, s.okta.Unassign(fmt.Sprintf("p%02d@acme.example", i)))
	}
	for range 2 {
		tells(syscall.SIGHUP)
		m.waits("STATUS=last run: a safety rail refused something")
	}
	if status(s, "p02@acme.example") != attiotest.Active {
		t.Error("the refusal was no refusal")
	}

	// The settings break, and are whole again.
	config := filepath.Join(s.dir, "scim-sync.yaml")
	text, err := os.ReadFile(config)
	done(t, err, os.WriteFile(config, []byte("okta: ["), 0o600))
	tells(syscall.SIGHUP)
	for i := 2; i < 12; i++ {
		done(t, s.okta.Assign(fmt.Sprintf("p%02d@acme.example", i), "member"))
	}
	m.waits("STATUS=last run: done") // by the log: the settings before are in force
	done(t, os.WriteFile(config, text, 0o600))

	// It is stopped in the middle of a write.
	h := s.hold(1, isWrite)
	done(t, s.okta.SetName("p03@acme.example", "Pat", "Three"))
	tells(syscall.SIGHUP)
	after(t, "the write", h.arrived)
	tells(syscall.SIGTERM)
	m.waits("STOPPING=1")
	close(h.release)
	if code := c.code(); code != 0 && code != 130 {
		t.Errorf("ended with %d", code)
	}
	said := c.errOut.String()
	for text, times := range map[string]int{
		"failed: ": 2, "over: failed: ": 1, "refused too-many-removals: ": 2, "over: refused too-many-removals: ": 1,
		"The settings were read anew and are wrong": 1, "Okta's log: application.user_membership.remove": 2,
	} {
		if n := strings.Count(said, text); n != times {
			t.Errorf("%q was said %d times, not %d", text, n, times)
		}
	}
	if t.Failed() {
		t.Log(said)
	}
	s.meet(nil)
	s.run(0, "apply", "--yes")
	s.sound()
}

// crowded is a company of one admin and some members.
var crowded = func() string { //nolint:gochecknoglobals // a text
	var users, assigned strings.Builder
	for i := range 14 {
		fmt.Fprintf(&users, "    - {login: p%02d@acme.example, first_name: P%02d, last_name: Peer}\n", i, i)
		fmt.Fprintf(&assigned, "    - {user: p%02d@acme.example, profile: {roles: [member]}}\n", i)
	}
	return `
okta:
  app: {label: Attio}
  users:
    - {login: ada@acme.example, first_name: Ada, last_name: Arden}
` + users.String() + `  assignments:
    - {user: ada@acme.example, profile: {roles: [admin]}}
` + assigned.String() + `attio:
  workspace: {slug: acme, name: Acme, verified_domains: [acme.example]}
  members:
    - {email: ada@acme.example, given_name: Ada, family_name: Arden, role: admin}
`
}()
