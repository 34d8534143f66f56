package transport

import "time"

// serverClock is what is known of a service's clock against our monotonic one:
// bounds of the difference, from the Date of its answers. A Date is cut to
// whole seconds, so an answer with date D that was sent for at s and came at r
// (both ours) says D-r <= difference < D+1s-s; many answers narrow it down.
// All values are in ns: the service's since 1970, ours since the start.
type serverClock struct {
	known      bool
	lo, hi     time.Duration
	loAt, hiAt time.Duration // ours, when they were learnt
}

// drift is how far two clocks may part: 1 in 10,000.
const drift = 10_000

// learn takes in one answer. When it contradicts what was known, a clock was
// set, and the newest answer is believed.
func (c *serverClock) learn(date time.Time, sent, came time.Duration) {
	d := time.Duration(date.UnixNano())
	lo, hi := d-came, d+time.Second-sent
	if !c.known || lo > c.high(came) || hi < c.low(came) {
		*c = serverClock{known: true, lo: lo, hi: hi, loAt: came, hiAt: came}
		return
	}
	if lo >= c.low(came) {
		c.lo, c.loAt = lo, came
	}
	if hi <= c.high(came) {
		c.hi, c.hiAt = hi, came
	}
}

// low is the lower bound now, allowing for drift.
func (c *serverClock) low(now time.Duration) time.Duration { return c.lo - (now-c.loAt)/drift }

// high is the upper bound now, allowing for drift.
func (c *serverClock) high(now time.Duration) time.Duration { return c.hi + (now-c.hiAt)/drift }

// doubt is how far the bounds are apart: a second and a request's time at most.
func (c *serverClock) doubt(now time.Duration) time.Duration { return c.high(now) - c.low(now) }

// reaches is our time when the service's clock has certainly reached t (seconds
// since 1970).
func (c *serverClock) reaches(t int64, now time.Duration) time.Duration {
	return time.Duration(t)*time.Second - c.low(now)
}
