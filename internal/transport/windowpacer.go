package transport

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	defaultShare = 0.75
	// keep is the part of a limit that is left to others whatever our share.
	keep = 0.1
	// slack is added to the end of a window.
	slack = 25 * time.Millisecond
	// blindWindow is the length of a window when an answer had no Date.
	blindWindow = time.Minute
	// clockRequests are the last requests of a window that may wait for a
	// moment which tells more of the service's clock, enoughClock the doubt
	// that is small enough.
	clockRequests = 3
	enoughClock   = 60 * time.Millisecond
)

// WindowOptions configure a WindowPacer. Zero values mean the defaults named
// here.
type WindowOptions struct {
	// Share is the part of X-Rate-Limit-Limit (0 to 1) that our own requests
	// in one window may take, rounded down, at least one request: 0.75.
	// Whatever it is, the last tenth of the limit is left to others.
	Share float64
	// Bucket names the limit that a request counts against; nil: one for all.
	Bucket func(*http.Request) string
}

// WindowPacer keeps to a share of limits that are counted in fixed windows,
// the way Okta does: X-Rate-Limit-Limit, -Remaining and -Reset on every answer,
// the end of a window by the service's own clock.
// https://developer.okta.com/docs/reference/rate-limits/
//
// The first request of every window goes alone: its answer shows that the
// window is a new one, how large it is and what others took of it. An answer
// counts for the window it names, a request without an answer yet for the
// present one, so the share is kept exactly, across windows too.
type WindowPacer struct {
	o     WindowOptions
	start time.Time

	mu      sync.Mutex
	clock   serverClock
	sure    bool // the clock is known well enough
	buckets map[string]*bucket
	hold    time.Duration // since start: nothing leaves before (concurrency limit)
	strikes int           // answers of the concurrency limit in a row
	late    time.Duration // added to the end of windows, once one ended late
}

// BucketState is what is known of one bucket.
type BucketState struct {
	Bucket    string    `json:"bucket"`
	Limit     int       `json:"limit"`     // requests a window
	Remaining int       `json:"remaining"` // of them, as last heard in this window
	Ours      int       `json:"ours"`      // our own in this window
	Reset     time.Time `json:"reset"`     // end of the window by the service's clock
}

// NewWindowPacer makes a WindowPacer.
func NewWindowPacer(o WindowOptions) *WindowPacer {
	if o.Share <= 0 || o.Share > 1 {
		o.Share = defaultShare
	}
	if o.Bucket == nil {
		o.Bucket = func(*http.Request) string { return "" }
	}
	return &WindowPacer{o: o, start: time.Now(), buckets: map[string]*bucket{}}
}

// Wait implements [Pacer]. Requests of one bucket leave in the order in which
// they came.
func (p *WindowPacer) Wait(ctx context.Context, r *http.Request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	b := p.bucket(r)
	w := &waiter{r: r, ready: make(chan struct{})}
	b.queue = append(b.queue, w)
	p.pump(b)
	p.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	default:
	}
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(b.queue, w); i >= 0 {
		b.queue = slices.Delete(b.queue, i, i+1)
	} else {
		b.forget(r) // it was let go at the same moment
	}
	p.pump(b)
	return ctx.Err()
}

// Observe implements [Pacer].
func (p *WindowPacer) Observe(r *http.Request, resp *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.bucket(r)
	now := p.now()
	probe := b.probe == r && b.reset != 0
	sent, ok := b.forget(r)
	if !ok {
		sent = now
	}
	if resp == nil {
		b.spent++ // it may have been counted
		p.pump(b)
		return
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		p.clock.learn(date, sent, now)
	}
	before := b.reset
	p.observe(b, resp, now)
	if probe && b.reset == before && p.late < time.Second {
		// By its own clock the service should be in the next window.
		p.late = time.Second
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		for _, other := range p.buckets {
			p.pump(other)
		}
		return
	}
	p.pump(b)
}

// observe takes in the headers of an answer.
func (p *WindowPacer) observe(b *bucket, resp *http.Response, now time.Duration) {
	limited := resp.StatusCode == http.StatusTooManyRequests
	l, ok := windowIn(resp.Header)
	switch {
	case limited && ok && l.limit == 0:
		// Too many at once in the whole org; its reset is only a guess.
		p.strikes++
		b.spent++
		p.hold = max(p.hold, now+limitedDelay(resp, p.strikes+1))
		return
	case limited:
		if d, told := told(resp.Header); told {
			b.hold = max(b.hold, now+d)
		} else {
			b.hold = max(b.hold, now+limitedDelay(resp, 2))
		}
	case resp.StatusCode < 500:
		p.strikes = 0
	}
	if !ok {
		b.spent++
		b.unlimited = b.unlimited || !limited && resp.StatusCode < 500 && b.reset == 0
		return
	}
	b.unlimited = false
	b.count(l, now)
}

// Limits gives what was learnt, by bucket name. Buckets of which no answer
// came yet are left out.
func (p *WindowPacer) Limits() []BucketState {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []BucketState
	for _, b := range p.buckets {
		if b.reset != 0 {
			all = append(all, BucketState{Bucket: b.name, Limit: b.limit, Remaining: b.remaining,
				Ours: b.spent + len(b.flying), Reset: time.Unix(b.reset, 0).UTC()})
		}
	}
	slices.SortFunc(all, func(a, b BucketState) int { return strings.Compare(a.Bucket, b.Bucket) })
	return all
}

// Allowance is how many of a window's limit are ours under the share: rounded
// down, at least one.
func (p *WindowPacer) Allowance(limit int) int {
	// The small addend is for shares like 0.29, which are not exact.
	return max(1, int(p.o.Share*float64(limit)+1e-9))
}

func (p *WindowPacer) now() time.Duration { return time.Since(p.start) }

func (p *WindowPacer) bucket(r *http.Request) *bucket {
	name := p.o.Bucket(r)
	b := p.buckets[name]
	if b == nil {
		b = &bucket{name: name, flying: map[*http.Request]time.Duration{}}
		p.buckets[name] = b
	}
	return b
}

// pump lets go all that may go now, and sets a timer for the next.
func (p *WindowPacer) pump(b *bucket) {
	for len(b.queue) > 0 {
		now := p.now()
		wait, byAnswer := p.wait(b, now)
		if byAnswer {
			b.wake(0, nil)
			return
		}
		if wait > 0 {
			b.wake(wait, func() {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.pump(b)
			})
			return
		}
		w := b.queue[0]
		b.queue = slices.Delete(b.queue, 0, 1)
		b.flying[w.r] = now
		if !p.current(b, now) {
			b.probe = w.r
		}
		b.clockAt = 0
		close(w.ready)
	}
	b.wake(0, nil)
}

// current says whether the window last heard of is still running.
func (p *WindowPacer) current(b *bucket, now time.Duration) bool {
	return b.unlimited || b.reset != 0 && now < p.end(b, now)
}

// end is our time when the bucket's window is over for certain.
func (p *WindowPacer) end(b *bucket, now time.Duration) time.Duration {
	if !p.clock.known {
		return b.heard + blindWindow
	}
	return p.clock.at(b.reset, now) + slack + p.late
}

// wait is how long the first in the queue has to wait, 0 for not at all;
// byAnswer when only an answer can tell.
func (p *WindowPacer) wait(b *bucket, now time.Duration) (d time.Duration, byAnswer bool) {
	if d := max(p.hold, b.hold) - now; d > 0 {
		return d, false
	}
	if !p.current(b, now) {
		return 0, b.probe != nil
	}
	if b.unlimited {
		return 0, false
	}
	ours := b.spent + len(b.flying)
	left := min(p.Allowance(b.limit)-ours, b.remaining-len(b.flying)-b.kept())
	if left <= 0 {
		b.ranOut = true
		return p.end(b, now) - now, false
	}
	return p.clockWait(b, left, now), false
}

// clockWait holds one of the last requests of a window back, when the window
// will not do or did not do before, until its answer tells most about the
// service's clock: a second of doubt costs up to a second of each window.
func (p *WindowPacer) clockWait(b *bucket, left int, now time.Duration) time.Duration {
	switch doubt := p.clock.doubt(now) - p.clock.trip; {
	case doubt < enoughClock:
		p.sure = true
	case doubt > 4*enoughClock:
		p.sure = false
	}
	if p.sure || !p.clock.known || left > clockRequests || len(b.queue) <= left && !b.ranOut {
		return 0
	}
	if b.clockAt == 0 {
		b.clockAt = p.clock.telling(now)
	}
	if b.clockAt >= p.end(b, now)-slack {
		return 0
	}
	return max(b.clockAt-now, 0)
}

// bucket is one limit. Times are ours, since the pacer's start.
type bucket struct {
	name      string
	limit     int
	remaining int   // the least heard in this window
	reset     int64 // the window's end, s since 1970 by the service; 0: nothing heard yet
	heard     time.Duration
	spent     int // ours that count for this window, the flying ones aside
	flying    map[*http.Request]time.Duration
	probe     *http.Request // the one that goes alone to learn of a new window
	queue     []*waiter
	timer     *time.Timer
	hold      time.Duration // nothing leaves before
	clockAt   time.Duration // when the first in the queue leaves for the clock's sake
	ranOut    bool          // a window was used up at least once
	unlimited bool          // answers come without limits
}

type waiter struct {
	r     *http.Request
	ready chan struct{}
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

// count counts an answer for the window it names.
func (b *bucket) count(l limits, now time.Duration) {
	switch {
	case l.reset > b.reset:
		b.limit, b.remaining, b.reset, b.spent = l.limit, l.remaining, l.reset, 1
	case l.reset == b.reset:
		b.limit = min(b.limit, l.limit)
		b.remaining = min(b.remaining, l.remaining)
		b.spent++
	default:
		return // of a window that is over
	}
	b.heard = now
}

// kept is how much of the limit is left to others.
func (b *bucket) kept() int {
	k := int(float64(b.limit)*keep + 1 - 1e-9) // rounded up
	return min(k, max(b.limit-1, 0))
}

// windowIn is limitsIn without what is of no window: a reset before the answer's
// own Date.
func windowIn(h http.Header) (limits, bool) {
	l, ok := limitsIn(h)
	if date, err := http.ParseTime(h.Get("Date")); err == nil && l.limit > 0 && l.reset < date.Unix() {
		return limits{}, false
	}
	return l, ok
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
