package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"scim-sync/internal/sample"
	"scim-sync/sync/state"
)

// held is a request that a stage keeps from being handled.
type held struct {
	arrived chan struct{} // closed when it is there
	release chan struct{} // close it to let the request be handled
}

// hold keeps the n-th request that picks says, and lets all others through.
func (s *stage) hold(n int, picks func(side string, r *http.Request) bool) held {
	h := held{make(chan struct{}), make(chan struct{})}
	count := 0
	s.meet(func(side string, _ http.ResponseWriter, r *http.Request, serve func()) {
		s.mu.Lock()
		mine := picks(side, r)
		if mine {
			count++
		}
		mine = mine && count == n
		s.mu.Unlock()
		if mine {
			close(h.arrived)
			select {
			case <-h.release:
			case <-s.t.Context().Done():
			}
		}
		serve()
	})
	return h
}

func isWrite(side string, r *http.Request) bool {
	return side == "attio" && r.Method != http.MethodGet
}

// after waits for something that has to happen, and a minute at most.
func after(t *testing.T, what string, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(time.Minute):
		t.Fatalf("%s: not after a minute", what)
	}
}

// lull is long enough for a signal to be noticed, and for a program that does
// not heed it to go on.
const lull = 300 * time.Millisecond

// TestInterrupted: the first SIGINT, SIGTERM or SIGHUP lets the write in flight finish
// and begins no other; all of it is in the journal and the state, the exit
// code is 130, and the next run does the rest.
func TestInterrupted(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, counts := sc.uninterrupted(t)
	all := counts[moment{side: "attio", write: true}]
	type stop struct {
		sig syscall.Signal
		n   int
	}
	var stops []stop
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(sig) {
			t.Logf("no %v: the tests run below nohup", sig)
			continue
		}
		stops = append(stops, stop{sig, 1}, stop{sig, all / 2}, stop{sig, all})
	}
	for _, x := range sample.Of(stops, 4) {
		t.Run(fmt.Sprintf("%v at write %d of %d", x.sig, x.n, all), func(t *testing.T) {
			t.Parallel()
			s := sc.play(t)
			h := s.hold(x.n, isWrite)
			c := s.start("apply", "--yes", "--format", "json")
			after(t, "a write", h.arrived)
			c.signal(t, x.sig)
			<-time.After(lull)
			if c.over() {
				t.Errorf("the run left its write behind\n%s%s", &c.out, &c.errOut)
			}
			close(h.release)
			if code := c.code(); code != 130 {
				t.Fatalf("ended with %d, not 130\n%s%s", code, &c.out, &c.errOut)
			}
			s.sound()
			if _, left, _, err := s.store.Read(t.Context()); err != nil || len(left) > 0 {
				t.Errorf("%d writes are unfinished although the run could finish them: %v", len(left), err)
			}
			s.ended(130)
			if x.n < all/2+1 && !strings.Contains(c.out.String(), "interrupted") {
				t.Errorf("nothing says that steps were not run:\n%s", &c.out)
			}
			s.goesOn(want)
		})
	}
}

// TestInterruptedWhileWaiting: writes that wait for a limit are not waited for.
// They never left, so they are neither failed nor unfinished.
func TestInterruptedWhileWaiting(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	s := sc.play(t)
	told, once := make(chan struct{}), sync.Once{}
	s.meet(func(side string, w http.ResponseWriter, r *http.Request, serve func()) {
		if !isWrite(side, r) {
			serve()
			return
		}
		w.Header().Set("Retry-After", "300")
		w.WriteHeader(http.StatusTooManyRequests)
		once.Do(func() { close(told) })
	})
	c := s.start("apply", "--yes")
	after(t, "a write that was told to wait", told)
	<-time.After(lull)
	c.signal(t, os.Interrupt)
	began := time.Now()
	if code := c.code(); code != 130 {
		t.Errorf("ended with %d, not 130\n%s%s", code, &c.out, &c.errOut)
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("ended %s after the signal", d)
	}
	if _, left, _, err := s.store.Read(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("%d writes are unfinished although none was made: %v", len(left), err)
	}
	if strings.Contains(c.out.String()+c.errOut.String(), "failed ") {
		t.Errorf("a write that was never made has failed:\n%s%s", &c.out, &c.errOut)
	}
	s.meet(nil)
	s.goesOn(want)
}

// ended checks that the journal's last line tells how the run ended.
func (s *stage) ended(code int) {
	s.t.Helper()
	runs, _, err := s.store.LastRuns(s.t.Context(), 1)
	if err != nil || len(runs) == 0 {
		s.t.Fatalf("no runs in the journal: %v", err)
	}
	if last := runs[len(runs)-1]; last.Summary == nil || last.Summary.ExitCode != code {
		s.t.Errorf("the journal says %+v of the last run, not exit %d", last.Summary, code)
	}
}

func (c *child) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// TestInterruptedTwice: the second signal ends the program at once, whatever
// it waits for, and the next run picks up what was left.
func TestInterruptedTwice(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := sc.play(t)
			h := s.hold(5, isWrite)
			c := s.start(apply...)
			after(t, "a write", h.arrived)
			c.signal(t, sig)
			<-time.After(lull)
			c.until(sig) // the write is still held
			if how := c.cmd.ProcessState.Sys().(syscall.WaitStatus); !how.Signaled() || how.Signal() != sig {
				t.Errorf("the second signal did not end the program: %v", c.cmd.ProcessState)
			}
			close(h.release)
			s.goesOn(want)
		})
	}
}

// until sends a signal time and again until the process has ended: on a busy
// machine one may come so soon after the first that it is taken for the same.
func (c *child) until(sig os.Signal) {
	for !c.over() {
		_ = c.cmd.Process.Signal(sig)
		select {
		case <-c.ended:
		case <-time.After(lull):
		}
	}
}

// TestInterruptedByBoth: timeout(1) sends its signal to the process and to its
// group, which is one interrupt.
func TestInterruptedByBoth(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	s := sc.play(t)
	h := s.hold(3, isWrite)
	c := s.start(apply...)
	after(t, "a write", h.arrived)
	c.signal(t, syscall.SIGTERM)
	c.signal(t, syscall.SIGTERM)
	<-time.After(lull)
	close(h.release)
	if code := c.code(); code != 130 {
		t.Errorf("ended with %d, not 130\n%s%s", code, &c.out, &c.errOut)
	}
	s.ended(130)
	s.goesOn(want)
}

// TestInterruptedWhileReading: nothing was begun, so the program ends at once,
// though neither side answers.
func TestInterruptedWhileReading(t *testing.T) {
	sc := newScene(t, defaultWorld)
	for _, side := range []string{"okta", "attio"} {
		for _, command := range [][]string{{"plan"}, {"apply", "--yes"}} {
			t.Run(side+" "+command[0], func(t *testing.T) {
				t.Parallel()
				s := sc.play(t)
				h := s.hold(3, func(at string, _ *http.Request) bool { return at == side })
				defer close(h.release)
				c := s.start(command...)
				after(t, "a read", h.arrived)
				c.signal(t, os.Interrupt)
				after(t, "the end", c.ended)
				if code := c.code(); code != 130 {
					t.Errorf("ended with %d, not 130\n%s%s", code, &c.out, &c.errOut)
				}
				if !strings.Contains(c.errOut.String(), "nterrupted") || strings.Contains(c.errOut.String(), "context canceled") {
					t.Errorf("an interruption reads so: %s", &c.errOut)
				}
				if n := s.writes(); n != 0 {
					t.Errorf("%d writes", n)
				}
			})
		}
	}
}

// TestOneRunAtATime: a second apply ends with 7 and says who holds the lock
// and since when; plan needs no lock; the lock of a process that was killed is
// taken over at once.
func TestOneRunAtATime(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	for _, end := range []string{"finished", "killed"} {
		t.Run(end, func(t *testing.T) {
			s := sc.play(t)
			h := s.hold(1, isWrite) // alone in its phase: nothing else is under way
			first := s.start(apply...)
			after(t, "a write", h.arrived)
			host, err := os.Hostname()
			if err != nil {
				t.Fatal(err)
			}
			before := s.writes()
			second := s.run(7, apply...)
			said := second.errOut.String()
			for _, part := range []string{fmt.Sprintf("process %d", first.cmd.Process.Pid), host, "apply", " since " + time.Now().UTC().Format("2006-")} {
				if !strings.Contains(said, part) {
					t.Errorf("does not say %q: %s", part, said)
				}
			}
			s.run(0, "plan")
			if n := s.writes() - before; n != 0 {
				t.Errorf("the others made %d writes", n)
			}
			if end == "killed" {
				first.kill()
			}
			close(h.release)
			if end == "finished" && first.code() != 0 {
				t.Errorf("the first run ended with %d\n%s", first.code(), &first.errOut)
			}
			s.goesOn(want)
		})
	}
}

// TestLockOfTheDead: what a lock file says of a process that is gone, or that
// a half written line says, stops nobody.
func TestLockOfTheDead(t *testing.T) {
	sc := newScene(t, defaultWorld)
	gone := sc.play(t).run(0, "version").cmd.Process.Pid
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	named := func(pid int, host string) string {
		b, err := json.Marshal(state.Holder{PID: pid, Host: host, Since: time.Now(), Command: "apply"})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, content := range map[string]string{
		"a process that is gone": named(gone, host), "a process of another machine": named(1, "elsewhere"),
		"this very process": named(os.Getpid(), host), "half a line": `{"pid": 12`, "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sc.play(t)
			if err := os.WriteFile(filepath.Join(s.dir, "state", "state.lock"), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			s.run(0, apply...)
			s.settled()
		})
	}
}

// TestRunsAtTheSameTime: of runs that are started together one works at a
// time; in the end everything is done once.
func TestRunsAtTheSameTime(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	s := sc.play(t)
	var all []*child
	for range 6 {
		all = append(all, s.start(apply...))
	}
	codes := map[int]int{}
	for _, c := range all {
		codes[c.code()]++
	}
	if codes[0] == 0 || codes[0]+codes[7] != len(all) {
		t.Errorf("exit codes %v: each should be 0 or 7, and one of them 0", codes)
	}
	s.goesOn(want)
	managed, _, _, err := s.store.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	once := map[string]bool{}
	for _, r := range managed.Removals {
		if key := string(r.Action) + r.OktaID + r.Email; once[key] {
			t.Errorf("removed twice: %+v", r)
		} else {
			once[key] = true
		}
	}
}

// TestDumpIsNoPendingChange: the signals that Go answers with a dump and exit 2
// end as an internal error, and still with the dump.
func TestDumpIsNoPendingChange(t *testing.T) {
	sc := newScene(t, defaultWorld)
	for _, sig := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT} {
		t.Run(fmt.Sprint(sig), func(t *testing.T) {
			t.Parallel()
			s := sc.play(t)
			h := s.hold(1, func(side string, _ *http.Request) bool { return side == "attio" })
			c := s.start("plan", "--detailed-exitcode")
			after(t, "a request", h.arrived)
			c.signal(t, sig)
			if code := c.code(); code != 70 {
				t.Errorf("ended with %d, not 70\n%s", code, &c.errOut)
			}
			if !strings.Contains(c.errOut.String(), "goroutine ") {
				t.Errorf("nothing tells where it was:\n%s", &c.errOut)
			}
			close(h.release)
		})
	}
}
