package run

import (
	"context"
	"math/rand/v2"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
)

const (
	// firstAgain and secondAgain are when a run that an event caused is made once
	// more: Okta's lists trail its log.
	firstAgain, secondAgain = 20 * time.Second, 2 * time.Minute
	// firstPause is how long a failure is waited out; each further one in a row
	// doubles it, up to the time between two full cycles.
	firstPause = 30 * time.Second
	// longestPoll is how far failures of the log stretch the time between two looks.
	longestPoll = 10 * time.Minute
)

// watchPace is how often what is done.
type watchPace struct {
	every, poll, fullEvery time.Duration // poll 0: never
}

// cycle is why a run is made, and how.
type cycle struct {
	full   bool
	reason string // for people; empty: it is time
	// spared: a run of somebody else that began at most so long ago will do; zero:
	// none will.
	spared time.Duration
}

// cycleEnd is how a run ended. held: another process was at it.
type cycleEnd struct {
	code   int
	took   time.Duration
	paused bool // nothing was done
}

// watchPorts are what the loop works with.
type watchPorts struct {
	run func(context.Context, cycle) cycleEnd
	// already says whether somebody else has made a run that began at most so long
	// ago, and went well.
	already func(context.Context, time.Duration) bool
	// events looks into the log; concerns says whether an entry matters.
	events   func(context.Context) (idp.Events, error)
	concerns func(idp.Event) bool
	// reload reads the settings anew, and gives the pace that they ask for.
	reload  func(context.Context) (watchPace, bool)
	reloads <-chan struct{}
	// paused says whether runs are paused now.
	paused func(context.Context) bool
	// say tells people what the loop does, once for each change.
	say func(text string)
	// alive is a sign of life, and says within which time the next one comes.
	alive func(time.Duration)
}

// watchLoop makes runs: one every so often, and at once when the log hints that
// one is worth while. The log is a hint alone: no run does anything for what it says.
type watchLoop struct {
	watchPace
	watchPorts

	due      time.Time // of the next timed run
	fullDue  time.Time
	again    []time.Time // of the runs after one that an event caused
	pollAt   time.Time   // zero: the log is not looked at
	rest     time.Time   // no hinted run before: the last one took its time
	owed     bool        // a run that came into a pause
	began    bool        // a run of its own was made: until then it is not ready
	failures int         // runs in a row
	pollFail int         // looks in a row
	deaf     bool        // the log may not be read, as was said
}

// keep runs until ctx ends. It gives the code of the run that was under way then,
// else that of success.
func (w *watchLoop) keep(ctx context.Context) int {
	now := time.Now()
	w.due, w.fullDue = now, now.Add(w.fullEvery)
	for {
		w.alive(2 * max(w.every, longestPoll))
		if !w.wait(ctx) {
			return cli.ExitOK
		}
		if ctx.Err() != nil {
			return cli.ExitOK
		}
		if c, ok := w.next(ctx, time.Now()); ok {
			if end := w.make(ctx, c); ctx.Err() != nil {
				return end.code
			}
		}
	}
}

// wait returns when something is due, and false when ctx has ended.
func (w *watchLoop) wait(ctx context.Context) bool {
	until := w.due
	for _, at := range append([]time.Time{w.pollAt}, w.again...) {
		if !at.IsZero() && at.Before(until) {
			until = at
		}
	}
	t := time.NewTimer(time.Until(until))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-w.reloads:
		w.readAnew(ctx)
	}
	return true
}

// readAnew takes new settings in; the next run is made at once with them.
func (w *watchLoop) readAnew(ctx context.Context) {
	pace, ok := w.reload(ctx)
	if !ok {
		return
	}
	now := time.Now()
	w.watchPace, w.due, w.deaf, w.pollFail, w.failures = pace, now, false, 0, 0
	w.fullDue = now.Add(w.fullEvery)
}

// next says which run is due now, if any.
func (w *watchLoop) next(ctx context.Context, now time.Time) (cycle, bool) {
	switch {
	case !now.Before(w.due):
		full := w.fullEvery > 0 && !now.Before(w.fullDue)
		if full {
			w.fullDue = now.Add(w.fullEvery)
		}
		return cycle{full: full, spared: w.every * 3 / 4}, true
	case len(w.again) > 0 && !now.Before(w.again[0]):
		w.again = w.again[1:]
		return cycle{reason: "once more, for Okta's lists trail its log", spared: firstAgain / 2}, true
	case w.pollAt.IsZero() || now.Before(w.pollAt):
		return cycle{}, false
	}
	asked := time.Now()
	reason := w.look(ctx)
	if w.owed && !w.paused(ctx) {
		w.owed, reason = false, "the pause is over"
	}
	if reason == "" {
		return cycle{}, false
	}
	now = time.Now()
	w.again = []time.Time{now.Add(firstAgain), now.Add(secondAgain)}
	if now.Before(w.rest) { // its time comes with the next look
		w.again[0] = w.rest
		return cycle{}, false
	}
	return cycle{reason: reason, spared: now.Sub(asked) + time.Second}, true
}

// look looks into the log and gives the reason for a run; empty: there is none.
func (w *watchLoop) look(ctx context.Context) (reason string) {
	found, err := w.events(ctx)
	w.pollAt = time.Now().Add(w.poll)
	if err != nil {
		w.unheard(err)
		return ""
	}
	if w.pollFail > 2 {
		w.say("Okta's System Log can be read again.")
	}
	w.pollFail = 0
	if found.Anew {
		w.say("Okta's System Log could not be gone on from where it was; it was begun anew.")
		reason = "the log was begun anew"
	}
	if found.More {
		reason = "much happened in Okta"
	}
	for _, e := range found.List {
		if w.concerns(e) {
			return "Okta's log: " + e.Type + by(e)
		}
	}
	return reason
}

func by(e idp.Event) string {
	if e.By == "" {
		return ""
	}
	return " by " + e.By
}

// unheard takes in that the log could not be read: for good, where the right is
// missing, which is said once; else the next looks come later and later.
func (w *watchLoop) unheard(err error) {
	if idp.KindOf(err) == idp.Credential {
		w.deaf, w.pollAt = true, time.Time{}
		w.say("Okta's System Log may not be read, so changes are seen every " + w.every.String() + " only: " + err.Error())
		return
	}
	if w.pollFail++; w.pollFail == 3 {
		w.say("Okta's System Log could not be read three times in a row; the timed runs go on: " + err.Error())
	}
	w.pollAt = time.Now().Add(jitter(min(w.poll<<min(w.pollFail, 8), max(w.poll, longestPoll)*5/6)))
}

// make makes a run, and works out when the next ones are.
func (w *watchLoop) make(ctx context.Context, c cycle) cycleEnd {
	var end cycleEnd
	if !w.began || c.full || !w.already(ctx, c.spared) {
		w.alive(longestRun)
		end = w.run(ctx, c)
	}
	w.began = w.began || end.code != cli.ExitLocked
	w.owed = end.paused
	now := time.Now()
	w.rest = now.Add(min(end.took, w.every))
	switch end.code {
	case cli.ExitOK, cli.ExitRefused, cli.ExitStepFailed, cli.ExitLocked:
		w.failures = 0
		if c.reason == "" {
			w.due = now.Add(jitter(w.every*9/10) - end.took)
			if end.code == cli.ExitLocked { // whoever has the lock may stop before its end
				w.due = now.Add(min(jitter(firstPause), w.every))
			}
		}
	default:
		w.due = now.Add(jitter(min(firstPause<<min(w.failures, 16), w.every*5/6)))
		w.failures++
		w.again = nil
	}
	if w.due.Before(now) {
		w.due = now
	}
	if w.poll > 0 && !w.deaf {
		w.pollAt = now.Add(w.poll)
	}
	return end
}

// jitter is d and up to a fifth of it, so that several that began together part: what
// may last for a time at most is five sixths of that before.
func jitter(d time.Duration) time.Duration {
	if d < 5 {
		return d
	}
	return d + rand.N(d/5)
}
