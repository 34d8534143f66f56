package commands

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/sample"
)

// TestWatchLivesThroughAJumpOfItsClock: hours ahead and behind, nothing is done by a
// time that is wrong; it is told once, and once that it is over; and runs are made as
// often as before.
func TestWatchLivesThroughAJumpOfItsClock(t *testing.T) {
	inBubble(t, func(t *testing.T, d *day) {
		var off atomic.Int64
		d.now = func() time.Time { return time.Now().Add(time.Duration(off.Load())) }
		w := d.watch(t.Context(), "--first-run", "--quiet", "--poll", "2m")
		for i, jump := range []time.Duration{3 * time.Hour, -30 * 24 * time.Hour} {
			begin := time.Duration(1+3*i) * time.Hour
			d.at(begin)
			off.Store(int64(jump))
			must(t, d.okta.SetName("bo@acme.example", "Bo", fmt.Sprint("Berg ", i)))
			before := len(d.attio.Writes())
			d.at(begin + time.Hour)
			if n := len(d.attio.Writes()) - before; n != 0 {
				t.Errorf("%s off: %d writes", jump, n)
			}
			off.Store(0)
			d.at(begin + 2*time.Hour)
			if n := len(d.attio.Writes()) - before; n != 1 {
				t.Errorf("after %s off: %d writes", jump, n)
			}
		}
		said := w.stop(t)
		lines := strings.Split(strings.TrimSpace(said), "\n")
		if n := strings.Count(said, "over: failed: "); n != 2 || len(lines) != 6 {
			t.Errorf("it said\n%s", said)
		}
		if n := len(d.ends(0)); n < 4*4 {
			t.Errorf("only %d runs ended well in five good hours", n)
		}
	})
}

// TestWatchOfAWildDay: whatever happens on either side and between in 22 hours, what
// begins is told once and what is over once, and two calm hours later both sides are in
// step, and nothing is left to do.
func TestWatchOfAWildDay(t *testing.T) {
	sample.Long(t)
	for seed := range uint64(sample.Times(1, 3)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *day) {
				heard := d.hook("failed, refused, recovered, stale")
				random := rand.New(rand.NewPCG(seed, 22))
				w := d.watch(t.Context(), "--first-run", "--quiet", "--poll", "2m")
				for n := 0; time.Since(d.began) < 22*time.Hour; n++ {
					time.Sleep(time.Duration(random.ExpFloat64() * float64(25*time.Minute)))
					d.happens(random.IntN(8), n)
				}
				for _, calm := range []int{0, 4, 6} {
					d.happens(calm, 1000)
				}
				d.at(26 * time.Hour)
				before := len(d.attio.Writes())
				d.at(27 * time.Hour)
				said := w.stop(t)
				m, _ := d.attio.Snapshot().Member("bo@acme.example")
				if n := len(d.attio.Writes()) - before; n != 0 || m.Status != attiotest.Active || m.FamilyName != "Berg 1000" {
					t.Errorf("%d writes in the last hour; they are %+v", n, m)
				}
				toldOnce(t, said)
				if e := heard(); len(e) == 0 || e[len(e)-1] != "recovered ended" || slices.Contains(e, "refused lasting") {
					t.Errorf("hooks heard %q", e)
				}
				if r := d.apply(); r.code != 0 || !strings.Contains(r.out, "Nothing to do") {
					t.Errorf("a run after that: %d %s%s", r.code, r.out, r.errors)
				}
				if t.Failed() {
					t.Log(said)
				}
			})
		})
	}
}

// toldOnce reads what a watch said: nothing begins that stands, nothing is over that
// does not, and nothing stands at the end. A failure takes the place of another.
func toldOnce(t *testing.T, said string) {
	t.Helper()
	lasted := regexp.MustCompile(`after \d+ runs? since [^:]*:\d\d UTC: `)
	standing, begun := map[string]bool{}, 0
	for line := range strings.Lines(said) {
		what, over := strings.CutPrefix(strings.TrimSpace(line), "over: ")
		what = lasted.ReplaceAllString(what, "")
		switch failure := strings.HasPrefix(what, "failed: "); {
		case strings.HasPrefix(line, " "): // what to do about it
		case over == !standing[what]:
			t.Errorf("it was said out of turn: %s", line)
		case over:
			delete(standing, what)
		default:
			begun++
			if failure {
				maps.DeleteFunc(standing, func(s string, _ bool) bool { return strings.HasPrefix(s, "failed: ") })
			}
			standing[what] = true
		}
	}
	if len(standing) > 0 || begun < 3 {
		t.Errorf("%d began, and %v stand at the end", begun, standing)
	}
}

// happens makes one thing happen.
func (d *day) happens(what, n int) {
	d.t.Helper()
	switch what {
	case 0, 1:
		d.away("")
	case 2:
		d.away("okta")
	case 3: // the token is not taken any more
		d.meet(func(side string, w http.ResponseWriter, _ *http.Request) bool {
			if side == "okta" {
				w.WriteHeader(http.StatusUnauthorized)
			}
			return side == "okta"
		})
	case 4:
		must(d.t, d.okta.SetRole("ada@acme.example", "admin"))
		must(d.t, d.okta.SetName("bo@acme.example", "Bo", fmt.Sprint("Berg ", n)))
	case 5:
		must(d.t, d.okta.SetRole("ada@acme.example", "member"))
	case 6:
		must(d.t, d.okta.AddMember("Sales", "bo@acme.example"))
	case 7:
		must(d.t, d.okta.RemoveMember("Sales", "bo@acme.example"))
	}
}
