//go:build !windows

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"scim-sync/internal/faultproxy"
	"scim-sync/internal/sample"
)

// out are the codes of a run that lost its store on the way: it is out, the store
// is away, or a step that was under way failed for that.
var out = []int{7, 75, 4} //nolint:gochecknoglobals // a constant

// TestTwoMachinesOneStore: while one works the other ends with 7, or waits for it;
// in the end everything is done once.
func TestTwoMachinesOneStore(t *testing.T) {
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	onEach(t, kinds(), func(t *testing.T, fresh func(*testing.T) place) {
		t.Parallel()
		s := sc.at(t, fresh(t))
		a, b := s.machine("a"), s.machine("b")
		h := a.holdFrom(1)
		first := a.start(apply...)
		after(t, "a write", h.arrived)
		second := b.run([]int{7}, apply...)
		if said := second.errOut.String(); !strings.Contains(said, `"apply" (process `+fmt.Sprint(first.cmd.Process.Pid)) {
			t.Errorf("it does not say who holds the lock: %s", said)
		}
		waiting := b.start(append(slices.Clip(patient), "--quiet=false")...)
		<-time.After(lull)
		if waiting.over() {
			t.Errorf("it did not wait: %s", &waiting.errOut)
		}
		close(h.release)
		a.ends(first, 0)
		b.ends(waiting, 0)
		b.finished(want)
	})
}

// TestMachineThatDies: a run on a store is killed with SIGKILL at requests, before
// and after they took effect, and at random moments. Another machine goes on, and
// everything ends as without the kill.
func TestMachineThatDies(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills many processes")
	}
	for name, sc := range scenes(t) {
		t.Run(name, func(t *testing.T) {
			want, counts := sc.uninterrupted(t)
			moments, turn := inAttio(counts), 0
			onEach(t, kinds(), func(t *testing.T, fresh func(*testing.T) place) {
				for _, m := range each(partOf(moments, turn), sample.Times(29, 4)) {
					t.Run(m.String(), func(t *testing.T) {
						t.Parallel()
						s := sc.at(t, fresh(t))
						a := s.machine("a", brief)
						if code := s.trapped(m, a.start).code(); code != -1 {
							t.Fatalf("the run was not killed, it ended with %d", code)
						}
						s.machine("b").goesOn(want)
					})
				}
				for range sample.Times(1, 6) {
					n, pause := 1+rand.N(counts[moment{side: "attio", write: true}]), rand.N(8*time.Millisecond)
					t.Run(fmt.Sprintf("%s after write %d", pause, n), func(t *testing.T) {
						t.Parallel()
						s := sc.at(t, fresh(t))
						s.killedBy(n, pause, s.machine("a", brief).start)
						s.machine("b").goesOn(want)
					})
				}
				turn++
			})
		})
	}
}

// inAttio gives a moment for each request to Attio, the writes first.
func inAttio(counts map[moment]int) (all []moment) {
	for kind, n := range counts {
		for i := 1; i <= n && kind.side == "attio"; i++ {
			kind.n, kind.after = i, i%2 == 0
			all = append(all, kind)
		}
	}
	slices.SortFunc(all, func(a, b moment) int { return -strings.Compare(a.String(), b.String()) })
	return all
}

// each gives every n-th of the cases: on a store each takes seconds, so that not all
// of them are played even where all cases are.
func each[T any](cases []T, n int) (some []T) {
	for i := 0; i < len(cases); i += n {
		some = append(some, cases[i])
	}
	return some
}

// partOf gives a store its part of the moments: each death there costs a lease.
func partOf(moments []moment, turn int) (part []moment) {
	for i, m := range moments {
		if i%3 == turn%3 {
			part = append(part, m)
		}
	}
	return part
}

// TestMachineThatSleeps: a run is stopped past its lease. Another machine takes
// over and finishes. The one that wakes sends nothing more to Attio and ends with 7.
func TestMachineThatSleeps(t *testing.T) {
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, counts := sc.uninterrupted(t)
	all := counts[moment{side: "attio", write: true}]
	onEach(t, servers(), func(t *testing.T, fresh func(*testing.T) place) {
		for _, n := range sample.Of([]int{all / 3, 1, all}, 3) {
			t.Run(fmt.Sprint("at write ", n), func(t *testing.T) {
				t.Parallel()
				s := sc.at(t, fresh(t))
				a, b := s.machine("a", brief), s.machine("b")
				h := a.holdFrom(n)
				c := a.start(apply...)
				after(t, "a write", h.arrived)
				<-time.After(lull) // whatever else is on its way is there
				c.stop(t)
				close(h.release)
				b.run([]int{0}, patient...)
				sent := len(a.sent())
				c.signal(t, syscall.SIGCONT)
				a.ends(c, 7)
				if more := a.sent()[sent:]; len(more) > 0 {
					t.Errorf("after it woke up: %+v", more)
				}
				b.finished(want)
			})
		}
	})
}

// TestSleepKeepsALockOnFiles: which ends with its process alone. The others end
// with 7, and the one that wakes goes on.
func TestSleepKeepsALockOnFiles(t *testing.T) {
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	s := sc.at(t, files(t))
	a, b := s.machine("a"), s.machine("b")
	h := a.holdFrom(3)
	c := a.start(apply...)
	after(t, "a write", h.arrived)
	c.stop(t)
	close(h.release)
	b.run([]int{7}, append(slices.Clip(apply), "--lock-timeout", lease.String())...)
	c.signal(t, syscall.SIGCONT)
	a.ends(c, 0)
	b.finished(want)
}

// TestMachineCutOffFromItsStore: by connections that break, or that send nothing
// any more. No request to Attio leaves after the lease is over, another machine
// takes over, and what arrives late at the store changes nothing.
func TestMachineCutOffFromItsStore(t *testing.T) {
	sample.Long(t)
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, counts := sc.uninterrupted(t)
	all := counts[moment{side: "attio", write: true}]
	cuts := map[string]func(*faultproxy.Proxy){
		"stalls": (*faultproxy.Proxy).StallAll,
		"breaks": func(p *faultproxy.Proxy) {
			p.Rule(func([]byte) faultproxy.Fault { return faultproxy.CutBefore })
			p.CutAll()
		},
	}
	onEach(t, servers(), func(t *testing.T, fresh func(*testing.T) place) {
		for how, cut := range cuts {
			for _, n := range sample.Of([]int{all / 2, 1, all}, 3) {
				t.Run(fmt.Sprintf("it %s at write %d", how, n), func(t *testing.T) {
					t.Parallel()
					p := fresh(t)
					s := sc.at(t, p)
					a := s.machine("a", brief)
					b := s.machine("b", "SCIM_SYNC_STATE_URL="+p.url) // by another line
					h := a.holdFrom(n)
					c := a.start(apply...)
					after(t, "a write", h.arrived)
					cut(p.line)
					over := time.Now().Add(lease)
					close(h.release)
					b.run([]int{0}, patient...)
					p.line.Rule(nil)
					p.line.Heal()
					a.ends(c, out...)
					for _, r := range a.sent() {
						if r.at.After(over) {
							t.Errorf("%s after the lease: %s", r.at.Sub(over), r.what)
						}
					}
					b.finished(want)
					a.run([]int{0}, patient...)
				})
			}
		}
	})
}

// TestMachineCutOffFromAttio: gives the lock back, and another one goes on at once.
func TestMachineCutOffFromAttio(t *testing.T) {
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, counts := sc.uninterrupted(t)
	onEach(t, kinds(), func(t *testing.T, fresh func(*testing.T) place) {
		t.Parallel()
		s := sc.at(t, fresh(t))
		a, b := s.machine("a"), s.machine("b")
		var writes atomic.Int64
		from := int64(counts[moment{side: "attio", write: true}] / 2)
		a.meet(func(side string, _ http.ResponseWriter, r *http.Request, serve func()) {
			if a.writing(side, r) && writes.Add(1) >= from || side == "attio" && writes.Load() >= from {
				panic(http.ErrAbortHandler)
			}
			serve()
		})
		a.run([]int{4, 75}, apply...)
		b.meet(nil)
		b.run([]int{0}, apply...)
		b.finished(want)
	})
}

// TestLostAnswersOfTheStore: a request of a run to its store is lost, on its way
// or on the way back. The run ends as if it had not been.
func TestLostAnswersOfTheStore(t *testing.T) {
	sample.Long(t)
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	onEach(t, servers(), func(t *testing.T, fresh func(*testing.T) place) {
		p := fresh(t)
		sc.at(t, p).machine("a").run([]int{0}, apply...)
		type loss struct {
			n     int
			fault faultproxy.Fault
		}
		var losses []loss
		for n := 1; n <= p.line.Requests(); n++ {
			losses = append(losses, loss{n, faultproxy.CutAfter}, loss{n, faultproxy.CutBefore})
		}
		if len(losses) == 0 {
			t.Fatal("no request went by the line")
		}
		for _, l := range each(losses, len(losses)/sample.Times(2, 12)|1) {
			t.Run(fmt.Sprintf("request %d, %d", l.n, l.fault), func(t *testing.T) {
				t.Parallel()
				p := fresh(t)
				s := sc.at(t, p)
				p.line.Nth(l.n, l.fault)
				a := s.machine("a")
				a.run([]int{0}, apply...)
				a.finished(want)
			})
		}
	})
}

// TestStoreOfYesterday: the whole store is put back to what it was before a run.
// The next one finds out what is done, and does none of it again.
func TestStoreOfYesterday(t *testing.T) {
	sample.Long(t)
	t.Parallel()
	sc := scenes(t)["first"] // whose settings let the teams that are there be linked
	want, _ := sc.uninterrupted(t)
	things := func(lines []string) []string {
		return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.HasPrefix(line, "managed ") })
	}
	onEach(t, kinds(), func(t *testing.T, fresh func(*testing.T) place) {
		t.Parallel()
		p := fresh(t)
		s := sc.at(t, p)
		a, b := s.machine("a"), s.machine("b")
		a.run([]int{0}, "state", "show") // makes nothing
		restore := p.backup()
		a.run([]int{0}, apply...)
		restore()
		before := len(s.attio.Outbox())
		b.run([]int{0}, apply...)
		if n := len(s.attio.Outbox()) - before; n != 0 {
			t.Errorf("%d mails were sent again", n)
		}
		a.idle()
		if got := things(s.ending()); !slices.Equal(got, things(want)) {
			t.Errorf("it ends with\n%s\nnot with\n%s", strings.Join(got, "\n"), strings.Join(things(want), "\n"))
		}
	})
}

// TestStoreThatFillsUp: a run that cannot announce its writes makes none. Once
// there is room, the next one does them.
func TestStoreThatFillsUp(t *testing.T) {
	sample.Long(t)
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	onEach(t, servers(), func(t *testing.T, fresh func(*testing.T) place) {
		t.Parallel()
		p := fresh(t)
		s := sc.at(t, p)
		way := p.through
		empty := p.fill(&way)
		a := s.machine("a", "SCIM_SYNC_STATE_URL="+way)
		c := a.run([]int{1}, apply...)
		if said := c.errOut.String() + c.out.String(); !strings.Contains(said, "oom") {
			t.Errorf("it does not say that there is no room: %s", said)
		}
		if n := s.writes(); n != 0 {
			t.Errorf("%d writes that nothing announced", n)
		}
		empty()
		a.goesOn(want)
	})
}

// TestClockThatJumps: while a run holds the lock its machine's clock is set two
// hours on, or back. That ends no lease and makes none longer: nobody else gets the
// lock while it works, and once it is killed another machine does.
func TestClockThatJumps(t *testing.T) {
	sample.Long(t)
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	onEach(t, servers(), func(t *testing.T, fresh func(*testing.T) place) {
		for _, off := range sample.Of([]string{"-2h", "2h"}, 2) {
			t.Run(off, func(t *testing.T) {
				t.Parallel()
				s := sc.at(t, fresh(t))
				a, b := s.machine("a", brief, clockVariable+"="+off), s.machine("b")
				h := a.holdFrom(2)
				c := a.start(apply...)
				after(t, "a write", h.arrived)
				if err := os.WriteFile(filepath.Join(a.dir, jumped), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				b.run([]int{7}, append(slices.Clip(apply), "--lock-timeout", lease.String())...)
				c.kill()
				close(h.release)
				b.goesOn(want)
			})
		}
	})
}
