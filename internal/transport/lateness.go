package transport

import "time"

// lateness is how much later than by its Date a service's windows end: the
// clock that they go by may trail. Until a window was seen to be over in time,
// the last of our requests in each is kept for looking, so that looking too
// early does not exceed our share.
type lateness struct {
	by     time.Duration
	proven bool
}

// doubtful is how much later a window may end for all that is known: clocks are
// seconds apart as a rule, if at all.
func (l lateness) doubtful() time.Duration {
	if l.proven {
		return l.by
	}
	return next(l.by)
}

// next is the next longer lateness that is worth a try.
func next(late time.Duration) time.Duration {
	for _, step := range []time.Duration{5 * time.Second, 15 * time.Second} {
		if late < step {
			return step
		}
	}
	return blindWindow
}

// early takes in that a window was still running so late.
func (l *lateness) early(late time.Duration) {
	l.by, l.proven = next(max(late, l.by)), false
}

// over takes in that a window was over when that was looked for, as planned, by
// a clock that is in doubt: by a second at most, less than 2 % of a window of a
// minute. To look later than planned, for want of anything to do, says nothing.
func (l *lateness) over(planned, late, doubt time.Duration) {
	if !l.proven && planned == l.by && late <= planned+punctual {
		l.by, l.proven = max(planned, late)+doubt, true
	}
}

// punctual is how much later than planned a request may leave and still be on
// time.
const punctual = 60 * time.Millisecond
