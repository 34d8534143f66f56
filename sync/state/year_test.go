//go:build unix

package state

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	core "scim-sync/sync"
)

// allTests asks for the whole of tests that take a sample otherwise.
const allTests = "SCIM_SYNC_ALL_TESTS"

// year is a state in files that is used every few minutes for a year.
type year struct {
	*testing.T
	s       *Store
	dir     string
	runs    int // in all
	changes int // of them, those that change something
	every   time.Duration
}

// TestAYearOfRuns plays a year of runs that find nothing to do, with 100
// changes in between, and prints what one costs then: 100,000 runs with
// SCIM_SYNC_ALL_TESTS=1 (a few minutes), 300 with three changes else. A run
// replays few lines, at most a thousand, and a year of them makes one no more
// than 1.5 times as dear as the first ones were (of which the whole is the
// judge).
func TestAYearOfRuns(t *testing.T) {
	y := year{T: t, runs: 300, changes: 3}
	if os.Getenv(allTests) != "" {
		y.runs, y.changes = 100_000, 100
	}
	y.s, y.dir = files(t)
	y.every = 365 * day / time.Duration(y.runs)
	y.settle(200)
	marks := map[int]int{y.runs * 30 / 365: 30, y.runs * 200 / 365: 200, y.runs: 365}
	from := max(20, y.runs/500)
	fresh := y.play(0, from)
	y.tell(0, fresh)
	var last cost
	window := min(y.s.longReplay+200, y.runs/20) // the runs that are timed before a mark
	for _, mark := range []int{y.runs * 30 / 365, y.runs * 200 / 365, y.runs} {
		y.play(from, mark-window)
		last = y.play(mark-window, mark)
		from = mark
		y.tell(marks[mark], last)
		if n := replayed(t, y.s); n > y.s.longReplay+50 {
			t.Errorf("after %d days a run replays %d lines", marks[mark], n)
		}
	}
	if y.runs == 100_000 && last.cpu > fresh.cpu*3/2 {
		t.Errorf("a run that changes nothing takes %s of CPU after a year, %s in the beginning", last.cpu, fresh.cpu)
	}
	if v := verified(t, y.s); v.First != 1 || v.Last < uint64(y.runs) {
		t.Errorf("the journal: %+v", v)
	}
	if m, _, _ := read(t, y.s); len(m.People) != 200+y.changes {
		t.Errorf("%d people", len(m.People))
	}
}

// settle makes a first state of so many people.
func (y *year) settle(people int) {
	r := begin(y.T, y.s, "first")
	bind(y.T, r)
	for n := range people {
		p := person(1000 + n)
		if err := r.Learn(y.Context(), nil, core.Change{Person: &p}); err != nil {
			y.Fatal(err)
		}
	}
	finish(y.T, r, 0)
}

// cost is what a run takes on average.
type cost struct{ wall, cpu time.Duration }

// play makes the runs from one number to another.
func (y *year) play(from, to int) cost {
	began, cpu := time.Now(), used(y.T)
	for n := from; n < to; n++ {
		now := day0.Add(time.Duration(n) * y.every)
		each := y.runs / y.changes
		if n%each == each/2 {
			changingRun(y.T, y.s, n/each, now)
			continue
		}
		info := runInfo(fmt.Sprintf("%s-%08x", now.Format("20060102T150405Z"), n))
		info.Now = at(now)
		r, err := y.s.Begin(y.Context(), info)
		if err != nil {
			y.Fatal(err)
		}
		requests := map[string]int{"Okta": 6, "Attio": 9}
		if err := r.Finish(y.Context(), Summary{Requests: requests}); err != nil {
			y.Fatal(err)
		}
	}
	runs := time.Duration(max(1, to-from))
	return cost{time.Since(began) / runs, (used(y.T) - cpu) / runs}
}

// used is the user CPU time of this process.
func used(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano())
}

func (y *year) tell(days int, c cost) {
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
	y.Logf("day %3d: a run that changes nothing %s (user CPU %s); reading %s, %d lines replayed; %.1f MB in %d files",
		days, c.wall.Round(time.Microsecond), c.cpu.Round(time.Microsecond), reading.Round(time.Microsecond), lines, float64(size)/1e6, count)
}
