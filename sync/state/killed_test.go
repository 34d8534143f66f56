package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestChild is no test of its own: it is the process that others kill.
func TestChild(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		t.Skip("runs only as a child of other tests")
	}
	s := openAt(t, filepath.Join(dir, "ws-1.json"))
	s.interval = time.Millisecond // many snapshots, to be killed among them
	r, err := s.Begin(t.Context(), RunInfo{RunID: fmt.Sprint("child-", os.Getpid()), Command: "apply", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("begun", os.Getpid())
	for w := range 8 {
		go func() {
			for n := 0; ; n++ {
				id := 1000*w + n%50
				ticket, err := r.Announce(t.Context(), provision(id))
				if err != nil {
					fmt.Println("failed", err)
					return
				}
				fmt.Println("announced", ticket)
				if r.Complete(t.Context(), ticket, provisioned(id)) == nil {
					fmt.Println("completed", ticket)
				}
			}
		}()
	}
	select {} // until it is killed
}

func TestKilledProcessLosesNothingAndItsLockIsTakenOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "ws-1.json"))
	for round := range 6 {
		cmd, lines := child(t, dir)
		_, err := s.Begin(t.Context(), runInfo("loser"))
		var locked *LockedError
		if !errors.As(err, &locked) || locked.Holder.PID != cmd.Process.Pid || locked.Holder.Command != "apply" {
			t.Fatalf("beside the child: %v", err)
		}
		announced, completed := map[uint64]bool{}, map[uint64]bool{}
		for n := 0; lines.Scan(); n++ {
			var word string
			var ticket uint64
			fmt.Sscan(lines.Text(), &word, &ticket)
			switch word {
			case "announced":
				announced[ticket] = true
			case "completed":
				completed[ticket] = true
			case "failed":
				t.Fatal(lines.Text())
			}
			if n == 150+37*round {
				if _, _, _, err := s.Read(t.Context()); err != nil {
					t.Fatalf("reading beside it: %v", err)
				}
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		cmd.Wait()
		r := begin(t, s, fmt.Sprintf("after-%d", round))
		lost := stillKnown(t, s, announced, completed)
		if lost > 0 || len(announced) < 20 {
			t.Fatalf("%d of %d acknowledged lines are lost", lost, len(announced))
		}
		finish(t, r, 0)
		verified(t, s)
		if left, _ := filepath.Glob(filepath.Join(dir, "*~")); len(left) > 0 {
			t.Fatalf("left behind: %v", left)
		}
	}
}

func TestLockOfADeadProcessIsTakenByOneOfTwo(t *testing.T) {
	dir := t.TempDir()
	cmd, _ := child(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	type result struct {
		run *Run
		err error
	}
	results := make(chan result, 2)
	for _, id := range []string{"a", "b"} {
		go func() {
			s, err := Open(t.Context(), Location{Path: filepath.Join(dir, "ws-1.json")})
			if err != nil {
				results <- result{nil, err}
				return
			}
			r, err := s.Begin(t.Context(), runInfo(id))
			results <- result{r, err}
		}()
	}
	one, two := <-results, <-results
	if one.run == nil {
		one, two = two, one
	}
	var locked *LockedError
	if one.err != nil || !errors.As(two.err, &locked) || locked.Holder.RunID != one.run.opening.info.RunID {
		t.Fatalf("got %v and %v", one.err, two.err)
	}
	one.run.Close()
}
