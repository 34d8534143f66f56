//go:build !windows

package postgres_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"scim-sync/internal/halted"
	"scim-sync/internal/pgtest"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// childAddress tells a child process where its state is.
const childAddress = "POSTGRES_TEST_CHILD"

// short is how long the locks of children and their heirs last.
const short = 1500 * time.Millisecond

// pause is between two looks at a server for what it takes a while to come to.
const pause = 20 * time.Millisecond

func store(t *testing.T, address string) *state.Store {
	return state.New(lasting(t, address, short), state.Options{})
}

func info(run string) state.RunInfo {
	return state.RunInfo{RunID: run, Command: "apply", ToolVersion: "test", Now: time.Now}
}

// begin begins a run as soon as the lock is free.
func begin(t *testing.T, s *state.Store, run string) *state.Run {
	t.Helper()
	for {
		r, err := s.Begin(t.Context(), info(run))
		if _, locked := errors.AsType[*state.LockedError](err); locked {
			<-time.After(pause) // each try is a question to the server
			continue
		}
		ok(t, err)
		t.Cleanup(func() { r.Close() })
		return r
	}
}

func invite(n int) core.Intent {
	return core.Intent{Step: core.Step{N: n, Action: core.Provision, Person: &core.PersonRef{OktaID: fmt.Sprint("00u", n), Email: fmt.Sprintf("p%d@acme.com", n)}}}
}

func invited(n int) core.Outcome {
	return core.Outcome{Status: 201, Change: core.Change{Person: &core.ManagedPerson{OktaID: fmt.Sprint("00u", n), AttioID: fmt.Sprint("m-", n),
		Kind: core.Membership, Email: fmt.Sprintf("p%d@acme.com", n)}}}
}

// TestChild is no test of its own: it is the process that others kill.
func TestChild(t *testing.T) {
	address := os.Getenv(childAddress)
	if address == "" {
		t.Skip("runs only as a child of other tests")
	}
	r := begin(t, store(t, address), fmt.Sprint("child-", os.Getpid()))
	fmt.Println("begun")
	failed := make(chan error)
	for w := range 4 {
		go func() {
			for n := 0; ; n++ {
				id := 100*w + n%50
				ticket, err := r.Announce(t.Context(), invite(id))
				if err != nil {
					failed <- err
					return
				}
				fmt.Println("announced", ticket)
				if err := r.Complete(t.Context(), ticket, invited(id)); err == nil {
					fmt.Println("completed", ticket)
				}
			}
		}()
	}
	err := <-failed
	fmt.Println("failed", errors.Is(err, state.ErrLost), errors.Is(r.Held(), state.ErrLost))
	os.Exit(0)
}

// child starts a process that writes there, and returns once it has begun.
func child(t *testing.T, address string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childAddress+"="+address, sample.LightProcess)
	out, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "begun" {
	}
	return cmd, lines
}

// listen reads what a child says, at most so many lines, and gives the last line
// of the journal that it knows as durable, and how it failed.
func listen(lines *bufio.Scanner, most int) (last uint64, failed string) {
	for n := 0; n < most && lines.Scan(); n++ {
		var ticket uint64
		word, rest, _ := strings.Cut(lines.Text(), " ")
		if word == "failed" {
			return last, rest
		}
		fmt.Sscan(rest, &ticket)
		last = max(last, ticket)
	}
	return last, ""
}

// intact fails unless the journal is whole and goes on to that line at least.
func intact(t *testing.T, s *state.Store, last uint64) {
	t.Helper()
	v, err := s.Verify(t.Context())
	if err != nil || v.Bad != nil || v.TornBytes != 0 || v.Last < last {
		t.Fatalf("line %d was durable: %+v, %v", last, v, err)
	}
}

// TestKilledRunLosesNothing: the next one gets the lock by itself, and finds all
// that the killed one knew as durable.
func TestKilledRunLosesNothing(t *testing.T) {
	sample.Long(t)
	ways(t, func(t *testing.T, address string) {
		s := store(t, address)
		for round := range sample.Times(1, 6) {
			cmd, lines := child(t, address)
			_, err := s.Begin(t.Context(), info("loser"))
			var locked *state.LockedError
			if !errors.As(err, &locked) || locked.Holder.PID != cmd.Process.Pid {
				t.Fatalf("beside the child: %v", err)
			}
			last, _ := listen(lines, 150+37*round)
			ok(t, cmd.Process.Kill())
			more, _ := listen(lines, 1<<30)
			cmd.Wait()
			r := begin(t, s, fmt.Sprint("after-", round))
			intact(t, s, max(last, more))
			ok(t, r.Finish(t.Context(), state.Summary{}))
		}
	})
}

// TestStoppedRunIsOutWhenItWakesUp: it was stopped for longer than its lock lasts,
// another one has taken over, and no line of its gets into the journal any more.
func TestStoppedRunIsOutWhenItWakesUp(t *testing.T) {
	ways(t, func(t *testing.T, address string) {
		cmd, lines := child(t, address)
		listen(lines, 100)
		ok(t, cmd.Process.Signal(syscall.SIGSTOP))
		ok(t, halted.Wait(t.Context(), cmd.Process.Pid))
		s := store(t, address)
		r := begin(t, s, "heir")
		_, err := r.Announce(t.Context(), invite(1))
		ok(t, err)
		ok(t, cmd.Process.Signal(syscall.SIGCONT))
		last, failed := listen(lines, 1<<30)
		if failed != "true true" {
			t.Errorf("it did not fail as lost: %q", failed)
		}
		ok(t, r.Finish(t.Context(), state.Summary{}))
		intact(t, s, last)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// statements counts what a server carried out in a database so far.
func statements(t *testing.T, s *pgtest.Server, database string) (n int) {
	t.Helper()
	for line := range strings.Lines(s.Log(t)) {
		if strings.Contains(line, " "+database+" LOG:  statement: ") || strings.Contains(line, " "+database+" LOG:  execute ") {
			n++
		}
	}
	return n
}

// TestRunThatChangesNothingCostsEightStatements: as the server counts them, with
// what the driver asks on a new connection.
func TestRunThatChangesNothingCostsEightStatements(t *testing.T) {
	pg := pgtest.Shared(t)
	name := pg.Fresh(t)
	pg.Exec(t, "postgres", `ALTER DATABASE `+name+` SET log_statement = 'all'`)
	address := pg.URL(name, pg.Port)
	s := store(t, address)
	r := begin(t, s, "first")
	ok(t, r.Bind(t.Context(), "ws-1", "https://acme.okta.com", "0oa1"))
	ticket, err := r.Announce(t.Context(), invite(1))
	ok(t, err)
	ok(t, r.Complete(t.Context(), ticket, invited(1)))
	ok(t, s.SaveCache(t.Context(), []byte("cache")))
	ok(t, r.Finish(t.Context(), state.Summary{}))
	for run := range 3 {
		before := statements(t, pg, name)
		s := state.New(open(t, address), state.Options{})
		r := begin(t, s, fmt.Sprint("idle-", run))
		cache, err := s.Cache(t.Context())
		if err != nil || string(cache) != "cache" || len(r.Managed().People) != 1 {
			t.Fatalf("%q, %v, %+v", cache, err, r.Managed())
		}
		ok(t, r.Finish(t.Context(), state.Summary{}))
		if n := statements(t, pg, name) - before; n > 8 || n < 5 {
			t.Errorf("run %d cost %d statements", run, n)
		}
	}
}

// TestLargeStateIsReadAndWrittenFast: that of 100,000 people is 30 MB; less is
// tried where not all cases are. On a machine that does other things as well, one
// of three times counts.
func TestLargeStateIsReadAndWrittenFast(t *testing.T) {
	size := sample.Times(3, 30) << 20
	ways(t, func(t *testing.T, address string) {
		b := open(t, address)
		w := lock(t, b, "a")
		for try := range 3 {
			body := fmt.Appendf(nil, `{"format":1,"serial":%d,"people":[`, try+1)
			body = append(body, bytes.Repeat([]byte(`{"okta_id":"00u1abcdefgh","email":"person@acme.example"},`), size/55)...)
			body = append(body, "{}]}\n"...)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			ok(t, w.Swap(t.Context(), state.Next{Was: uint64(try), Body: body}))
			wrote := time.Since(began)
			got, err := b.Snapshot(t.Context())
			read := time.Since(began) - wrote
			runtime.ReadMemStats(&after)
			ok(t, err)
			used := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d bytes: written in %s, read in %s, with %d MiB in all", len(body), wrote, read, used)
			if !bytes.Equal(got, body) || used > 250 {
				t.Fatal("it is another one, or takes too much memory")
			}
			if wrote < 3*time.Second && read < 3*time.Second {
				ok(t, w.Release(t.Context()))
				return
			}
		}
		t.Error("that is too slow")
	})
}
