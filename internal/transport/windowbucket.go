package transport

import (
	"net/http"
	"time"
)

// oneWindow: resets at most so many seconds apart are of one window. Servers
// behind one address round differently.
const oneWindow = 2

// bucket is one limit. Times are ours, since the pacer's start.
type bucket struct {
	name      string
	limit     int
	remaining int   // the least heard in this window
	reset     int64 // the window's end, s since 1970 by the service; 0: nothing heard yet
	lowest    int64 // the earliest that was heard for it
	apart     int64 // how far resets of one window were apart
	heard     time.Duration
	spent     int           // ours that count for this window, the flying ones aside
	between   int           // ours since this window is over whose answers named no other
	length    time.Duration // of a window, as far as that was seen; 0: not at all
	assumed   time.Duration // the end of a window that no answer has named; 0: one did
	flying    map[*http.Request]time.Duration
	probe     *http.Request // the one that goes alone to learn of a new window
	planned   time.Duration // how late it was meant to leave
	queue     []*waiter
	timer     *time.Timer
	hold      time.Duration // nothing leaves before
	unlimited bool          // answers come without limits
}

// waiter is a request that waits for its turn.
type waiter struct {
	r     *http.Request
	until time.Duration // the end of its patience
	ready chan struct{} // closed when it may go, or has to give up
	err   error         // why it has to; set before ready is closed
}

// forget takes a request out of those under way.
func (b *bucket) forget(r *http.Request) (sent time.Duration, ok bool) {
	sent, ok = b.flying[r]
	delete(b.flying, r)
	if b.probe == r {
		b.probe = nil
	}
	return sent, ok
}

// count counts an answer for the window it names. probe says that it was sent
// to look for a new one, anew whether it found one.
func (b *bucket) count(l limits, now time.Duration, probe bool) (anew bool) {
	switch {
	case b.beginsWith(l, probe):
		ours := b.between + 1
		if b.assumed != 0 {
			ours += b.spent
		}
		if d := time.Duration(l.reset-b.reset) * time.Second; b.reset != 0 && (b.length == 0 || d < b.length) {
			b.length = d
		}
		b.limit, b.remaining, b.reset, b.lowest = l.limit, l.remaining, l.reset, l.reset
		b.spent, b.between, b.assumed = ours, 0, 0
		anew = true
	case l.reset >= b.reset-oneWindow:
		b.limit = min(b.limit, l.limit)
		b.remaining = min(b.remaining, l.remaining)
		b.reset, b.lowest = max(b.reset, l.reset), min(b.lowest, l.reset)
		b.apart = max(b.apart, b.reset-b.lowest)
		b.spent += b.between + 1
		b.between = 0
	default:
		return false // of a window that is over
	}
	b.heard = now
	return anew
}

// unnamed counts a request of ours that no answer has named a window for.
func (b *bucket) unnamed(running bool) {
	if running {
		b.spent++
	} else {
		b.between++
	}
}

// lastReset is the latest that may be heard for the window.
func (b *bucket) lastReset() int64 { return max(b.reset, b.lowest+b.apart) }

// beginsWith says whether an answer is of a window that is news. Remaining
// grows only from one window to the next.
func (b *bucket) beginsWith(l limits, probe bool) bool {
	return b.reset == 0 || l.reset > b.reset+oneWindow || probe && l.reset > b.reset && l.remaining > b.remaining
}

// assume begins a window of which nothing is known but that it must be one:
// the answer that should have named it cannot be read.
func (b *bucket) assume(now time.Duration) {
	length := b.length
	if length == 0 {
		length = blindWindow
	}
	b.assumed, b.heard = now+length, now
	b.remaining, b.spent, b.between = b.limit, b.between, 0
}

// kept is how much of the limit is left to others.
func (b *bucket) kept() int {
	k := int(float64(b.limit)*keep + 1 - 1e-9) // rounded up
	return min(k, max(b.limit-1, 0))
}

// ours is how many requests of ours count for the present window.
func (b *bucket) ours() int { return b.spent + b.between + len(b.flying) }

// giveUp sends those away whose patience ends before a wait does.
func (b *bucket) giveUp(now, wait time.Duration, why string) {
	left := b.queue[:0]
	for _, w := range b.queue {
		if now+wait <= w.until {
			left = append(left, w)
			continue
		}
		w.err = &TooLong{For: wait, Why: why}
		close(w.ready)
	}
	clear(b.queue[len(left):])
	b.queue = left
}

// wake runs f after d, instead of what was to run before; nil only stops that.
func (b *bucket) wake(d time.Duration, f func()) {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if f != nil {
		b.timer = time.AfterFunc(d, f)
	}
}
