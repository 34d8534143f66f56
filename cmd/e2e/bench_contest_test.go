package e2e

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// contest is what the rows are measured with: the program of this tree and, where
// SCIM_SYNC_OLD names one, an older one, which take turns at each step.
type contest struct {
	*testing.B
	programs []string // of this tree, and the older one
	rows     []*row
	round    int // from 0
	rounds   int
}

// newContest builds the program and takes the older one.
func newContest(b *testing.B) *contest {
	b.Helper()
	c := &contest{B: b, programs: []string{build(b)}, rounds: 1}
	if old := os.Getenv("SCIM_SYNC_OLD"); old != "" {
		c.programs, c.rounds = append(c.programs, old), 5
	}
	if n := os.Getenv("SCIM_SYNC_ROUNDS"); n != "" {
		var err error
		if c.rounds, err = strconv.Atoi(n); err != nil || c.rounds < 1 {
			b.Fatalf("SCIM_SYNC_ROUNDS is %q, and has to be how often each row is measured", n)
		}
	}
	return c
}

// row is one piece of work and what it took, each time and for each program.
type row struct {
	name   string
	bound  time.Duration // of wall time
	memory int64         // bytes at most
	most   string        // the bound on requests, in words
	ran    [2][]outlay   // of this tree's program, and of the older one
}

// outlay is what one run took.
type outlay struct {
	okta, attio seen
	trips       int
	wall, cpu   time.Duration // CPU: of the program, user and system
	memory      int64         // peak resident, bytes
	waited      string        // as the program says it
}

// row gives the row of a name, a new one where there is none.
func (c *contest) row(name string) *row {
	i := slices.IndexFunc(c.rows, func(r *row) bool { return r.name == name })
	if i < 0 {
		i, c.rows = len(c.rows), append(c.rows, &row{name: name})
	}
	return c.rows[i]
}

// took notes what a run of one of the programs took.
func (c *contest) took(r *row, program int, s outlay) {
	s.okta.passed, s.attio.passed = nil, nil
	r.ran[program] = append(r.ran[program], s)
}

// order is who runs when: in every other round the older one begins.
func (c *contest) order() []int {
	order := make([]int, len(c.programs))
	for i := range order {
		order[i] = (i + c.round) % len(order)
	}
	return order
}

// median is the middle of what the runs took; of an even number, the lower of the two.
func median[T cmp.Ordered](ran []outlay, of func(outlay) T) T {
	all := make([]T, len(ran))
	for i, s := range ran {
		all[i] = of(s)
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}

// compared is a figure of the row, with that of the older program and the ratio
// where there is one.
func compared[T cmp.Ordered](r *row, of func(outlay) T, show func(T) string, ratio func(now, old T) float64) string {
	now := median(r.ran[0], of)
	if len(r.ran[1]) == 0 {
		return show(now)
	}
	old := median(r.ran[1], of)
	text := show(now) + ", was " + show(old)
	if ratio != nil {
		text += fmt.Sprintf(": %.2f", ratio(now, old))
	}
	return text
}

// table is all rows: medians of each figure by itself.
func (c *contest) table() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "| work\t| Okta\t| Attio (writes)\t| at most\t| trips\t| in flight at most, Okta, Attio\t| wall\t| at most\t| CPU\t| waited\t| memory |")
	fmt.Fprintln(w, "| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| --- |")
	for _, r := range c.rows {
		if len(r.ran[0]) > 0 {
			fmt.Fprintf(w, "| %s |\n", strings.Join(r.cells(), "\t| "))
		}
	}
	w.Flush()
	return b.String()
}

func (r *row) cells() []string {
	count := func(of func(outlay) int) string {
		if now := median(r.ran[0], of); len(r.ran[1]) == 0 || median(r.ran[1], of) == now {
			return strconv.Itoa(now)
		}
		return compared(r, of, strconv.Itoa, nil)
	}
	trips := "–"
	if median(r.ran[0], func(s outlay) int { return s.trips }) > 0 {
		trips = count(func(s outlay) int { return s.trips })
	}
	writes := count(func(s outlay) int { return s.attio.writes })
	wall, memory := func(s outlay) time.Duration { return s.wall }, func(s outlay) int64 { return s.memory }
	times := func(of func(outlay) time.Duration) string {
		return compared(r, of, seconds, func(now, old time.Duration) float64 { return now.Seconds() / old.Seconds() })
	}
	bound := "–"
	if r.bound > 0 {
		if bound = seconds(r.bound); median(r.ran[0], wall) > r.bound {
			bound += " OVER"
		}
	}
	room := compared(r, memory, mebibytes, func(now, old int64) float64 { return float64(now) / float64(old) })
	if r.memory > 0 {
		if room += "; at most " + mebibytes(r.memory); median(r.ran[0], memory) > r.memory {
			room += " OVER"
		}
	}
	return []string{
		r.name, count(func(s outlay) int { return s.okta.all() }), count(func(s outlay) int { return s.attio.all() }) + " (" + writes + ")", r.most,
		trips, count(func(s outlay) int { return s.okta.peak }) + "; " + count(func(s outlay) int { return s.attio.peak }),
		times(wall), bound, times(func(s outlay) time.Duration { return s.cpu }), median(r.ran[0], func(s outlay) string { return s.waited }), room,
	}
}

func mebibytes(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

func seconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
