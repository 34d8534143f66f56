package run

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
)

// stage is a loop whose ports note what is asked of them, and when.
type watchStage struct {
	t     *testing.T
	start time.Time
	loop  watchLoop
	life  life

	mu    sync.Mutex      // guards what follows
	runs  []time.Duration // since the start
	how   []cycle
	looks []time.Duration
	said  []string

	code    int           // of the next runs
	takes   time.Duration // of each run
	found   idp.Events    // by the next look
	fault   error         // of the next looks
	pause   bool          // runs are paused
	others  bool          // another process makes all runs
	reloads chan struct{}
	ended   chan int
}

func watching(t *testing.T, pace watchPace) *watchStage {
	s := &watchStage{t: t, start: time.Now(), reloads: make(chan struct{}, 1), ended: make(chan int, 1)}
	s.loop = watchLoop{watchPace: pace, watchPorts: watchPorts{
		run: func(_ context.Context, c cycle) cycleEnd {
			s.mu.Lock()
			s.runs, s.how = append(s.runs, time.Since(s.start)), append(s.how, c)
			takes := s.takes
			s.mu.Unlock()
			time.Sleep(takes)
			s.mu.Lock()
			defer s.mu.Unlock()
			return cycleEnd{s.code, takes, s.pause}
		},
		already: func(context.Context, time.Duration) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.others
		},
		events: func(context.Context) (idp.Events, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.looks = append(s.looks, time.Since(s.start))
			found := s.found
			s.found = idp.Events{}
			return found, s.fault
		},
		concerns: func(e idp.Event) bool { return e.App },
		paused: func(context.Context) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.pause
		},
		reload:  func(context.Context) (watchPace, bool) { return pace, true },
		reloads: s.reloads,
		say: func(text string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.said = append(s.said, text)
		},
		alive: s.life.within,
	}}
	s.life.elapsed = func() time.Duration { return time.Since(s.start) }
	return s
}

// during plays the loop for so long.
func (s *watchStage) during(d time.Duration, meanwhile func()) int {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	go func() { s.ended <- s.loop.keep(ctx) }()
	meanwhile()
	time.Sleep(d - time.Since(s.start))
	cancel()
	return <-s.ended
}

// after does something so long after the start.
func (s *watchStage) after(d time.Duration, do func()) {
	time.Sleep(d - time.Since(s.start))
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func (s *watchStage) runsBetween(from, to time.Duration) (n int) {
	for _, at := range s.runs {
		if from <= at && at < to {
			n++
		}
	}
	return n
}

func quarter() watchPace {
	return watchPace{every: 15 * time.Minute, poll: 20 * time.Second, fullEvery: 24 * time.Hour}
}

// TestWatchOwesARunToAPause: what the log told while runs were paused is not lost: a
// run is made as soon as the pause is over, and not before.
func TestWatchOwesARunToAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		s.during(11*time.Minute, func() {
			s.after(time.Minute, func() { s.pause, s.found = true, idp.Events{List: []idp.Event{{App: true, Type: "gone"}}} })
			s.after(6*time.Minute+5*time.Second, func() { s.pause = false })
		})
		if n := s.runsBetween(6*time.Minute, 6*time.Minute+30*time.Second); n != 1 {
			t.Errorf("%d runs when the pause was over: %v", n, s.runs)
		}
		if n := s.runsBetween(4*time.Minute, 6*time.Minute); n != 0 {
			t.Errorf("%d runs in the middle of the pause: %v", n, s.runs)
		}
	})
}

// TestWatchRunsAtOnceAndEverySoOften: at the start, every quarter of an hour give or
// take a tenth, and with a full reading once a day.
func TestWatchRunsAtOnceAndEverySoOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		if code := s.during(49*time.Hour, func() {}); code != cli.ExitOK {
			t.Errorf("ended with %d", code)
		}
		for i, at := range s.runs {
			if i == 0 && at != 0 || i > 0 && (at-s.runs[i-1]).Round(time.Second) < 13*time.Minute || i > 0 && at-s.runs[i-1] > 17*time.Minute {
				t.Fatalf("run %d at %s", i, at)
			}
		}
		full := 0
		for _, c := range s.how {
			if c.full {
				full++
			}
		}
		if full != 2 || len(s.said) != 0 {
			t.Errorf("%d full readings, said %v", full, s.said)
		}
		if per := float64(len(s.looks)) / (49 * 60); per > 3.05 || per < 2.8 {
			t.Errorf("%.2f looks a minute", per)
		}
	})
}

// TestWatchRunsWhenTheLogHints: at the next look, and 20 s and 2 min later; what
// concerns others makes no run.
func TestWatchRunsWhenTheLogHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		s.during(12*time.Minute, func() {
			s.after(65*time.Second, func() { s.found = idp.Events{List: []idp.Event{{Type: "user.lifecycle.create"}}} })
			s.after(5*time.Minute+5*time.Second, func() {
				s.found = idp.Events{List: []idp.Event{{Type: "user.lifecycle.create"}, {Type: "application.user_membership.remove", App: true, By: "ada@acme.example"}}}
			})
		})
		first := 5*time.Minute + 20*time.Second
		if want := []time.Duration{0, first, first + firstAgain, first + secondAgain}; !slices.Equal(s.runs, want) {
			t.Errorf("runs at %v, want %v", s.runs, want)
		}
		if why := s.how[1].reason; !strings.Contains(why, "application.user_membership.remove by ada@acme.example") {
			t.Errorf("the reason is %q", why)
		}
	})
}

// TestWatchRestsAsLongAsARunTook: events that come for minutes do not make it read
// the company without a pause.
func TestWatchRestsAsLongAsARunTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		s.takes = time.Minute
		events := s.loop.events
		s.loop.events = func(ctx context.Context) (idp.Events, error) {
			s.mu.Lock()
			s.found = idp.Events{List: []idp.Event{{App: true}}}
			s.mu.Unlock()
			return events(ctx)
		}
		s.during(14*time.Minute, func() {})
		if n := len(s.runs); n < 5 || n > 8 {
			t.Errorf("%d runs of a minute each in 14: %v", n, s.runs)
		}
	})
}

// TestWatchWithoutTheRightToTheLogSaysSoOnce: and goes on by time, until the settings
// are read anew.
func TestWatchWithoutTheRightToTheLogSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		s.fault = &idp.Error{Kind: idp.Credential, Op: "look into the System Log", Status: 403}
		s.during(6*time.Hour, func() {
			s.after(3*time.Hour, func() {
				if len(s.looks) != 1 || len(s.said) != 1 || !strings.Contains(s.said[0], "15m") {
					t.Errorf("%d looks, said %q", len(s.looks), s.said)
				}
				s.fault = nil
				s.reloads <- struct{}{}
			})
		})
		if len(s.looks) < 500 || s.runsBetween(3*time.Hour, 3*time.Hour+time.Second) != 1 {
			t.Errorf("%d looks; runs at %v", len(s.looks), s.runs)
		}
	})
}

// TestWatchOutlivesALogThatIsAway: looks come later and later, the runs on time; it
// is said once, and once that it is over.
func TestWatchOutlivesALogThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		s.fault = &idp.Error{Kind: idp.Unavailable, Op: "look into the System Log", Status: 500}
		s.during(8*time.Hour, func() {
			s.after(4*time.Hour, func() {
				if n := len(s.looks); n > 80 || len(s.said) != 1 {
					t.Errorf("%d looks, said %q", n, s.said)
				}
				s.fault = nil
			})
		})
		if len(s.said) != 2 || len(s.runs) < 31 {
			t.Errorf("said %q; %d runs", s.said, len(s.runs))
		}
	})
}

// TestWatchWaitsOutFailures: longer each time, never longer than the time between
// two runs; a refusal or a failed step is none.
func TestWatchWaitsOutFailures(t *testing.T) {
	for code, want := range map[int][2]int{
		cli.ExitUnavailable: {7, 12}, cli.ExitCredential: {7, 12}, cli.ExitUsage: {7, 12}, cli.ExitInternal: {7, 12},
		cli.ExitRefused: {4, 6}, cli.ExitStepFailed: {4, 6}, cli.ExitOK: {4, 6}, cli.ExitLocked: {60, 130},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := watching(t, watchPace{every: 15 * time.Minute})
			s.code = code
			s.during(time.Hour, func() {})
			if n := len(s.runs); n < want[0] || n > want[1] {
				t.Errorf("code %d: %d runs in an hour: %v", code, n, s.runs)
			}
		})
	}
}

// TestWatchSparesARunThatAnotherHasMade: of several over one state one works, and the
// others are ready.
func TestWatchSparesARunThatAnotherHasMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		s.others = true
		s.during(10*time.Hour, func() {
			s.after(5*time.Hour, func() {
				if len(s.runs) != 1 { // the first is always its own
					t.Errorf("runs at %v", s.runs)
				}
				s.others = false
			})
		})
		if n := s.runsBetween(5*time.Hour, 5*time.Hour+17*time.Minute); n < 1 || n > 2 { // one is due within 16.2 minutes, the next 13.5 after it
			t.Errorf("%d runs in the 17 minutes after the other was gone", n)
		}
	})
}

// TestWatchEndsWithTheRunThatWasUnderWay: and with success when there was none.
func TestWatchEndsWithTheRunThatWasUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		s.code, s.takes = cli.ExitInterrupted, time.Minute
		if code := s.during(30*time.Second, func() {}); code != cli.ExitInterrupted {
			t.Errorf("in a run: %d", code)
		}
		s = watching(t, quarter())
		if code := s.during(30*time.Second, func() {}); code != cli.ExitOK {
			t.Errorf("between two: %d", code)
		}
	})
}

// TestWatchOfARandomDay: whatever comes when, there is never a run more than the
// events ask for, never longer without one than the pace says, and after an event
// that matters one begins within the time of two looks and the run before.
func TestWatchOfARandomDay(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			s := watching(t, quarter())
			s.takes = time.Duration(random.IntN(30)) * time.Second
			var events []time.Duration
			s.during(24*time.Hour, func() {
				for time.Since(s.start) < 23*time.Hour {
					wait, what := time.Duration(random.ExpFloat64()*float64(30*time.Minute)), random.IntN(6)
					s.after(time.Since(s.start)+wait, func() {
						switch what {
						case 0:
							s.code = []int{cli.ExitUnavailable, cli.ExitRefused, cli.ExitCredential, cli.ExitStepFailed}[random.IntN(4)]
						case 1:
							s.fault = &idp.Error{Kind: idp.Unavailable}
						case 2:
							s.reloads <- struct{}{}
						default:
							s.code, s.fault = cli.ExitOK, nil
						}
					})
					if what > 2 {
						s.after(time.Since(s.start)+20*time.Minute, func() { // so that what failed before is over
							s.found = idp.Events{List: []idp.Event{{App: true}}}
							events = append(events, time.Since(s.start))
						})
						time.Sleep(5 * time.Minute)
					}
				}
			})
			for _, at := range events {
				if s.runsBetween(at, at+2*s.loop.poll+2*s.takes+25*time.Second) == 0 {
					t.Errorf("seed %d: nothing for %s after the event at %s: %v", seed, 2*s.loop.poll+2*s.takes, at, s.runs)
				}
			}
			for i := 1; i < len(s.runs); i++ {
				if gap := s.runs[i] - s.runs[i-1]; gap > 18*time.Minute+s.takes {
					t.Errorf("seed %d: no run for %s", seed, gap)
				}
			}
			if most := 24*60/13 + 4*len(events) + 24*60/2; len(s.runs) > most {
				t.Errorf("seed %d: %d runs for %d events", seed, len(s.runs), len(events))
			}
		})
	}
}
