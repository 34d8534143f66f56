package e2e

import (
	"fmt"
	"os"
	"strings"
	"time"

	"scim-sync/idp/okta/oktatest"
)

// share is a large company in an org with small limits.
func share(c *contest) {
	const limit, window = 50, 5 * time.Second
	s := c.set(company{people: 10_000, teams: 200, memberships: 30_000, latency: 20 * time.Millisecond,
		limits: oktatest.Limits{Window: window, PerWindow: map[oktatest.Bucket]int{oktatest.BucketApps: limit, oktatest.BucketGroups: limit}}})
	defer s.end()
	r := s.run(step{name: "10,000 people, 50 requests in 5 s, plan", says: "Plan: "}, "plan", "--verbose")
	ours := limit * 3 / 4
	windows := 0
	r.most = ""
	for bucket, load := range s.lanes[0].org.Loads() {
		if bucket != oktatest.BucketApps && bucket != oktatest.BucketGroups {
			continue
		}
		windows = max(windows, (load.Requests+ours-1)/ours-1)
		if load.Busiest > ours {
			c.Errorf("%s: %d requests in one window, our share is %d", bucket, load.Busiest, ours)
		}
		r.most = strings.TrimPrefix(fmt.Sprintf("%s; %d in a window of %s", r.most, load.Busiest, bucket), "; ")
	}
	r.bound = time.Duration(1.1 * float64(windows) * float64(window))
}

// growth is what companies of different sizes cost: a plan, and runs that find
// nothing to do.
func growth(c *contest) {
	for _, n := range []int{100, 1000, 10_000} {
		s := c.share(company{people: n, teams: max(n/50, 2), memberships: 10 * n, full: true, latency: 20 * time.Millisecond})
		s.run(step{name: fmt.Sprintf("plan, %d people in Attio already", n), says: "Plan: "}, "plan")
		s.run(step{name: "everybody found in Attio", says: "Done: ", unnoted: true}, "apply", "--yes", "--first-run")
		s.run(step{name: fmt.Sprintf("nothing changed, %d people", n), says: "Nothing to do"}, "apply", "--yes")
		s.run(step{name: fmt.Sprintf("nothing changed, %d people, --full", n), says: "Nothing to do"}, "apply", "--yes", "--full")
		s.end()
	}
}

// start is what the program costs before it does anything.
func start(c *contest) {
	info, err := os.Stat(c.programs[0])
	if err != nil {
		c.Fatal(err)
	}
	if info.Size() > 30<<20 {
		c.Errorf("the program has %d bytes", info.Size())
	}
	r := c.row(fmt.Sprintf("--help (program: %.1f MiB)", float64(info.Size())/(1<<20)))
	r.bound = 10 * time.Millisecond
	for range 21 {
		for _, i := range c.order() {
			m := measure(c.B, c.programs[i], []string{"HOME=" + c.TempDir(), "NO_COLOR=1"}, c.TempDir(), []string{"--help"})
			c.took(r, i, outlay{wall: m.Wall, cpu: m.CPU, memory: m.Memory, waited: "–"})
		}
	}
}
