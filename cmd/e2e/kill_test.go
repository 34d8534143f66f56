package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/internal/sample"
	core "scim-sync/sync"
)

// moment is when a run is killed: at the n-th request of its kind, before it
// is handled, or after, when the answer never leaves.
type moment struct {
	side  string
	write bool
	n     int
	after bool
}

func (m moment) String() string {
	kind, when := "read", "before"
	if m.write {
		kind = "write"
	}
	if m.after {
		when = "after"
	}
	return fmt.Sprintf("%s_%s_%d_%s", m.side, kind, m.n, when)
}

// TestKilledAtEveryRequest kills a run of the real program with SIGKILL at
// every request that it makes, before and after the request took effect. The
// next run goes on: nobody is mailed twice, nobody is forgotten, everything
// ends as without the kill, and the run after that writes nothing.
func TestKilledAtEveryRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("kills some hundred processes")
	}
	for name, sc := range scenes(t) {
		t.Run(name, func(t *testing.T) {
			want, counts := sc.uninterrupted(t)
			var moments []moment
			for kind, n := range counts {
				for i := 1; i <= n; i++ {
					kind.n, kind.after = i, false
					moments = append(moments, kind)
					kind.after = true
					moments = append(moments, kind)
				}
			}
			slices.SortFunc(moments, func(a, b moment) int { return strings.Compare(a.String(), b.String()) })
			some := sample.Of(moments, 19)
			for _, m := range some {
				t.Run(m.String(), func(t *testing.T) {
					t.Parallel()
					s := sc.play(t)
					c := s.startTrapped(m)
					if code := c.code(); code != -1 {
						t.Fatalf("the run was not killed, it ended with %d\n%s%s", code, &c.out, &c.errOut)
					}
					s.goesOn(want)
				})
			}
			t.Logf("%d kills, of %d", len(some), len(moments))
		})
	}
}

// scenes are a run that has been made often, and a first one without state.
func scenes(t *testing.T) map[string]*scene {
	link := bytes.Replace(defaultWorld, []byte("settings:\n  teams:\n"), []byte("settings:\n  teams:\n    same_name: link\n"), 1)
	all := map[string]*scene{"managed": newScene(t, defaultWorld), "first": newScene(t, link)}
	all["first"].managed = core.Managed{}
	return all
}

// uninterrupted plays the scene to its end and counts the requests of each kind.
func (sc *scene) uninterrupted(t *testing.T) ([]string, map[moment]int) {
	t.Helper()
	s := sc.play(t)
	counts := map[moment]int{}
	s.meet(func(side string, _ http.ResponseWriter, r *http.Request, serve func()) {
		s.mu.Lock()
		counts[moment{side: side, write: r.Method != http.MethodGet}]++
		s.mu.Unlock()
		serve()
	})
	s.run(0, apply...)
	s.meet(nil)
	s.settled()
	s.sound()
	if t.Failed() {
		t.FailNow()
	}
	return s.ending(), counts
}

var apply = []string{"apply", "--yes", "--first-run", "--quiet"}

// startTrapped starts a run that is killed at the moment.
func (s *stage) startTrapped(m moment) *child { return s.trapped(m, s.start) }

func (s *stage) trapped(m moment, start func(...string) *child) *child {
	var n atomic.Int64
	running := make(chan *child, 1)
	s.meet(func(side string, _ http.ResponseWriter, r *http.Request, serve func()) {
		if side != m.side || (r.Method != http.MethodGet) != m.write || n.Add(1) != int64(m.n) {
			serve()
			return
		}
		if m.after {
			serve()
		}
		(<-running).kill()
		panic(http.ErrAbortHandler)
	})
	c := start(apply...)
	running <- c
	return c
}

// goesOn runs again after a kill and compares the end with the one wanted.
func (s *stage) goesOn(want []string) {
	s.t.Helper()
	s.meet(nil)
	s.sound()
	s.run(0, apply...)
	s.settled()
	s.sound()
	s.same(want)
}

// settled checks that one more run writes nothing.
func (s *stage) settled() {
	s.t.Helper()
	before := s.writes()
	c := s.run(0, apply...)
	if n := s.writes() - before; n != 0 {
		s.t.Errorf("the run after the repair made %d writes\n%s%s", n, &c.out, &c.errOut)
	}
}

// TestKilledAnywhere kills runs at moments that no request marks: while the
// journal, the state or the lock is written. The seed is in the log.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("kills some hundred processes")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	each := sample.Times(2, 40)
	for name, sc := range scenes(t) {
		want, counts := sc.uninterrupted(t)
		writes := counts[moment{side: "attio", write: true}]
		for i := range each {
			from, after := 1+random.IntN(writes), time.Duration(random.IntN(8000))*time.Microsecond
			t.Run(fmt.Sprintf("%s_%d", name, i), func(t *testing.T) {
				t.Parallel()
				s := sc.play(t)
				s.killedAfter(from, after)
				s.goesOn(want)
			})
		}
	}
}

// killedAfter kills a run some time after the n-th write arrived. A run that
// was faster than that ends by itself, which is as good an end as any.
func (s *stage) killedAfter(write int, pause time.Duration) { s.killedBy(write, pause, s.start) }

func (s *stage) killedBy(write int, pause time.Duration, start func(...string) *child) {
	var n atomic.Int64
	running := make(chan *child, 1)
	s.meet(func(_ string, _ http.ResponseWriter, r *http.Request, serve func()) {
		if r.Method != http.MethodGet && n.Add(1) == int64(write) {
			time.AfterFunc(pause, func() { (<-running).kill() })
		}
		serve()
	})
	c := start(apply...)
	running <- c
	c.code()
	select {
	case running <- c: // nobody took it: let the timer find it
	default:
	}
}

// TestKilledWhileTheStateIsWritten kills runs while the snapshot is half
// written. It is made large, so that this takes its time; a kill that came too
// late all the same is tried again, one run at a time.
func TestKilledWhileTheStateIsWritten(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	sc := newScene(t, defaultWorld)
	for i := range 5_000 {
		id := fmt.Sprintf("00uReleased%09d", i)
		sc.managed.People[id] = core.ManagedPerson{OktaID: id, AttioID: fmt.Sprintf("gone-%d", i), Kind: core.Membership,
			Email: fmt.Sprintf("former.%d@fernwood.example", i), ManagedSince: time.Now().UTC(), Released: true}
	}
	want, _ := sc.uninterrupted(t)
	wanted, halfway, kills := sample.Times(1, 5), 0, 0
	for ; halfway < wanted && kills < 40 && !t.Failed(); kills++ {
		s := sc.play(t)
		c := s.start(apply...)
		for !s.snapshotUnderWay() && !c.over() {
			<-time.After(200 * time.Microsecond) // it takes some milliseconds
		}
		c.kill()
		if s.snapshotUnderWay() {
			halfway++
		}
		s.goesOn(want)
		if s.snapshotUnderWay() {
			t.Error("the half written file was left behind")
		}
	}
	if halfway == 0 {
		t.Errorf("none of %d kills came while the state was half written", kills)
	}
	t.Logf("%d of %d kills left a half written state behind", halfway, kills)
}

// snapshotUnderWay says whether a file is there that will become the state.
func (s *stage) snapshotUnderWay() bool {
	entries, err := os.ReadDir(filepath.Join(s.dir, "state"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".state.json.tmp-") {
			return true
		}
	}
	return false
}
