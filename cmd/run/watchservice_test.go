package run

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
)

// supervised lets a service manager listen to a watch, which asks for a sign of life
// every minute. It gives how many came since the last time that it was asked.
func (s *watchStage) supervised() (heard func() int64) {
	var signs atomic.Int64
	m := cli.Manager{Watchdog: time.Minute, Notify: func(state string) {
		if state == serviceAlive {
			signs.Add(1)
		}
	}}
	ctx, stop := context.WithCancel(s.t.Context())
	s.t.Cleanup(stop)
	go pulse(ctx, m, &s.life)
	return func() int64 { return signs.Swap(0) }
}

// TestAWatchThatLivesIsHeardOf: whatever little it has to do, both by the service
// manager and at /healthz.
func TestAWatchThatLivesIsHeardOf(t *testing.T) {
	for name, set := range map[string]func(*watchStage){
		"it makes the runs":                  func(*watchStage) {},
		"its runs take hours":                func(s *watchStage) { s.takes = 5 * time.Hour },
		"they fail":                          func(s *watchStage) { s.code = cli.ExitUnavailable },
		"another makes them":                 func(s *watchStage) { s.others = true },
		"another does, and the log is shut":  func(s *watchStage) { s.others, s.fault = true, &idp.Error{Kind: idp.Credential} },
		"another does, and nobody looks":     func(s *watchStage) { s.others, s.loop.poll = true, 0 },
		"another does, and once in 20 hours": func(s *watchStage) { s.others, s.loop.poll, s.loop.every = true, 0, 20*time.Hour },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := watching(t, quarter())
			set(s)
			heard := s.supervised()
			s.during(48*time.Hour, func() {
				for at := time.Minute; at < 48*time.Hour; at += time.Minute {
					s.after(at, func() {})
					if n := heard(); n < 1 || s.life.late() > 0 {
						t.Fatalf("%s: after %s it was heard of %d times in a minute, and is late by %s", name, at, n, s.life.late())
					}
				}
			})
		})
	}
}

// TestAWatchThatIsStuckIsHeardOfNoMore: wherever it is, so that whoever supervises it
// starts another.
func TestAWatchThatIsStuckIsHeardOfNoMore(t *testing.T) {
	for name, x := range map[string]struct {
		sticks func(*watchPorts, func())
		within time.Duration
	}{
		"in a look into the log": {func(p *watchPorts, stick func()) {
			p.events = func(context.Context) (idp.Events, error) { stick(); return idp.Events{}, nil }
		}, time.Hour},
		"in a look at what others did": {func(p *watchPorts, stick func()) {
			p.already = func(context.Context, time.Duration) bool { stick(); return false }
		}, time.Hour},
		"in a run": {func(p *watchPorts, stick func()) {
			p.run = func(context.Context, cycle) cycleEnd { stick(); return cycleEnd{} }
		}, longestRun + time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := watching(t, quarter())
			free := make(chan struct{})
			x.sticks(&s.loop.watchPorts, func() { <-free })
			heard := s.supervised()
			s.during(x.within+time.Minute, func() {
				s.after(x.within, func() {})
				if heard() == 0 || s.life.late() <= 0 {
					t.Errorf("%s: it counts as alive after %s", name, x.within)
				}
				time.Sleep(30 * time.Second)
				if n := heard(); n != 0 {
					t.Errorf("%s: it was heard of %d times after that", name, n)
				}
				close(free)
			})
		})
	}
}

// TestAStandbyMakesARunOfItsOwn: one that found another at work first makes one as
// soon as it can, and is ready; only then will the runs of others do.
func TestAStandbyMakesARunOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := watching(t, quarter())
		s.others, s.code = true, cli.ExitLocked
		s.during(2*time.Hour, func() { s.after(10*time.Minute, func() { s.code = cli.ExitOK }) })
		if late := s.runsBetween(10*time.Minute, 11*time.Minute); late != 1 {
			t.Errorf("%d runs in the minute after the lock was free", late)
		}
		if n := s.runsBetween(11*time.Minute, 2*time.Hour); n != 0 {
			t.Errorf("%d runs beside those of the other", n)
		}
	})
}
