//go:build unix

package state

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"scim-sync/internal/sample"
	core "scim-sync/sync"
)

// year is a state in files that is used every few minutes for a year.
type year struct {
	*testing.T
	s       *Store
	dir     string
	runs    int // in all
	changes int // of them, those that change something
	timed   int // of them, those before a mark, which are timed
}

// TestAYearOfRuns plays a year of runs that find nothing to do, with changes in
// between, and prints what one costs then beside one on a state that was made
// just now, the one timed after the other: 100,000 runs and 100 changes with
// SCIM_SYNC_ALL_TESTS=1 (some minutes), 300 and 3 else. A run replays few
// lines, at most a thousand, and a year of them makes one no more than 1.5
// times as dear (of which the whole is the judge).
func TestAYearOfRuns(t *testing.T) {
	sample.Long(t)
	y := year{T: t, runs: 300, changes: 3, timed: 20}
	if sample.All() {
		y.runs, y.changes, y.timed = 100_000, 100, 1000
	}
	y.s, y.dir = files(t)
	settle(t, y.s, 200)
	at := 0
	for _, day := range []int{0, 30, 200, 365} {
		mark := max(y.runs*day/365, y.timed)
		y.play(at, mark-y.timed)
		aged, fresh := y.compare(mark - y.timed)
		at = mark
		y.tell(day, aged, fresh)
		if n := replayed(t, y.s); n > 1000 {
			t.Errorf("after %d days a run replays %d lines", day, n)
		}
		if y.runs == 100_000 && aged.cpu > fresh.cpu*3/2 {
			t.Errorf("after %d days a run that changes nothing takes %s of CPU, at first %s", day, aged.cpu, fresh.cpu)
		}
	}
	if v := verified(t, y.s); v.First != 1 || v.Last < uint64(y.runs) {
		t.Errorf("the journal: %+v", v)
	}
	if m, _, _ := read(t, y.s); len(m.People) != 200+y.changes {
		t.Errorf("%d people", len(m.People))
	}
}

// settle makes a first state of so many people.
func settle(t *testing.T, s *Store, people int) {
	r := begin(t, s, "first")
	bind(t, r)
	for n := range people {
		p := person(1000 + n)
		if err := r.Learn(t.Context(), nil, core.Change{Person: &p}); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, r, 0)
}

// play makes the runs from one number to another.
func (y *year) play(from, to int) {
	for n := from; n < to; n++ {
		now := day0.Add(time.Duration(n) * 365 * day / time.Duration(y.runs))
		each := y.runs / y.changes
		if n%each == each/2 {
			changingRun(y.T, y.s, n/each, now)
			continue
		}
		y.idle(y.s, now)
	}
}

// idle is a run as the program makes it when there is nothing to do.
func (y *year) idle(s *Store, now time.Time) {
	info := runInfo(now.Format("20060102T150405.000Z"))
	info.Now = at(now)
	r, err := s.Begin(y.Context(), info)
	if err == nil {
		err = r.Finish(y.Context(), Summary{Requests: map[string]int{"Okta": 6, "Attio": 9}})
	}
	if err != nil {
		y.Fatal(err)
	}
}

// cost is what a run takes on average.
type cost struct{ wall, cpu time.Duration }

func (c *cost) spend(t *testing.T, runs int, play func()) {
	began, cpu := time.Now(), used(t)
	play()
	c.wall += time.Since(began) / time.Duration(runs)
	c.cpu += (used(t) - cpu) / time.Duration(runs)
}

// compare makes the next runs that are timed, ten at a time, in turn with ten
// on a state of as many people that was made just now.
func (y *year) compare(from int) (aged, fresh cost) {
	made, dir := files(y.T)
	m, _, _ := read(y.T, y.s)
	settle(y.T, made, len(m.People))
	const each = 10
	rounds := y.timed / each
	for i := range rounds {
		twin := filepath.Join(y.TempDir(), "twin")
		if err := os.CopyFS(twin, os.DirFS(dir)); err != nil {
			y.Fatal(err)
		}
		s := openAt(y.T, filepath.Join(twin, "ws-1.json"))
		fresh.spend(y.T, each, func() {
			for n := range each {
				y.idle(s, day0.Add(time.Duration(n)*time.Minute))
			}
		})
		aged.spend(y.T, each, func() { y.play(from+i*each, from+(i+1)*each) })
	}
	for _, c := range []*cost{&aged, &fresh} {
		c.wall, c.cpu = c.wall/time.Duration(rounds), c.cpu/time.Duration(rounds)
	}
	return aged, fresh
}

// used is the user CPU time of this process.
func used(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano())
}

func (y *year) tell(days int, aged, fresh cost) {
	began := time.Now()
	lines := replayed(y.T, y.s)
	reading := time.Since(began)
	var size int64
	count := 0
	err := filepath.Walk(y.dir, func(_ string, st os.FileInfo, err error) error {
		if err == nil && !st.IsDir() {
			size += st.Size()
			count++
		}
		return err
	})
	if err != nil {
		y.Fatal(err)
	}
	said := func(c cost) string {
		return fmt.Sprintf("%s (user CPU %s)", c.wall.Round(time.Microsecond), c.cpu.Round(time.Microsecond))
	}
	y.Logf("day %3d: a run that changes nothing %s, on a new state %s; reading %s, %d lines replayed; %.1f MB in %d files",
		days, said(aged), said(fresh), reading.Round(time.Microsecond), lines, float64(size)/1e6, count)
}
