package transport

import "time"

// serverClock is what is known of a service's clock against our monotonic one:
// how far it is ahead at least, from the Date of its answers. A Date is cut to
// whole seconds, so an answer with date D that was sent for at s and came at r
// (both ours) says D-r <= ahead < D+1s-s. All values are in ns: the service's
// since 1970, ours since the start.
type serverClock struct {
	known bool
	ahead time.Duration // at least
	at    time.Duration // ours, when that was learnt
}

// drift is how far two clocks may part: 1 in 10,000.
const drift = 10_000

// learn takes in one answer. When it contradicts what was known, a clock was
// set, and the newest answer is believed.
func (c *serverClock) learn(date time.Time, sent, came time.Duration) {
	d := time.Duration(date.UnixNano())
	least, most := d-came, d+time.Second-sent
	if !c.known || least >= c.least(came) || most < c.least(came) {
		*c = serverClock{known: true, ahead: least, at: came}
	}
}

// least is how far it is ahead at least by now, allowing for drift.
func (c *serverClock) least(now time.Duration) time.Duration { return c.ahead - (now-c.at)/drift }

// reaches is our time when the service's clock has certainly reached t (seconds
// since 1970): up to a second late, as its Dates are whole seconds.
func (c *serverClock) reaches(t int64, now time.Duration) time.Duration {
	return time.Duration(t)*time.Second - c.least(now)
}
