package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
)

// BenchmarkReaction measures how long it takes from a change in Okta to the end of
// somebody's access in Attio: watch with a look into the log every 20 s, beside cron
// every 15 minutes, of which the first is measured and the other follows from when
// it runs. Okta's log is a second or two late. It takes six minutes.
//
//	go test -run '^$' -bench Reaction -benchtime 1x -timeout 0 ./cmd/e2e
func BenchmarkReaction(b *testing.B) {
	of := aThousand(20 * time.Millisecond)
	of.logDelay = func(string, int) time.Duration { return time.Second + rand.N(time.Second) }
	c := newContest(b)
	for b.Loop() {
		s := c.set(of)
		s.run(step{writes: 2000, unnoted: true}, "apply", "--yes", "--first-run")
		took, idle := s.lanes[0].reactions(b, 12)
		slices.Sort(took)
		median, worst := took[len(took)/2], took[len(took)-1]
		fmt.Printf("\n| | median | worst | requests to Okta a minute while nothing happens |\n| --- | --- | --- | --- |\n"+
			"| `watch --poll 20s` | %.1f s | %.1f s | %.1f |\n| cron every 15 minutes | 450 s | 900 s | %.1f |\n\n", median.Seconds(), worst.Seconds(), idle, 5.0/15)
		b.ReportMetric(median.Seconds(), "median-s")
		b.ReportMetric(worst.Seconds(), "worst-s")
		if median > 15*time.Second || worst > 30*time.Second || idle > 4 {
			b.Errorf("median %s of 15 s, worst %s of 30 s, %.1f requests a minute of 4", median, worst, idle)
		}
		s.end()
	}
}

// reactions has people leave one after the other, at any moment, and gives how long
// each kept their access; and how often Okta is asked a minute meanwhile nothing
// happens.
func (l *lane) reactions(b *testing.B, n int) (took []time.Duration, idle float64) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), l.program, "watch", "--poll", "20s", "--every", "15m")
	var said bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stderr = l.env, l.folder, &said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			b.Errorf("watch ended with %v: %s", err, &said)
		}
	}()
	time.Sleep(5 * time.Second) // the run at its start
	l.okta.take()
	began := time.Now()
	time.Sleep(62 * time.Second)
	idle = float64(l.okta.take().all()) / time.Since(began).Minutes()
	for i := range n {
		login := fmt.Sprintf("person%06d@acme.example", 100+i)
		began := time.Now()
		if err := l.org.SetStatus(login, []string{"SUSPENDED", "DEPROVISIONED"}[i%2]); err != nil {
			b.Fatal(err)
		}
		for m, _ := l.site.Snapshot().Member(login); m.Status == attiotest.Active; m, _ = l.site.Snapshot().Member(login) {
			if time.Since(began) > 2*time.Minute {
				b.Fatalf("%s still has access: %s", login, &said)
			}
			time.Sleep(20 * time.Millisecond)
		}
		took = append(took, time.Since(began))
		time.Sleep(5*time.Second + rand.N(15*time.Second))
	}
	return took, idle
}
