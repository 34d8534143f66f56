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
	// blindWindow is the length of a window when an answer had no Date.
	blindWindow = time.Minute
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
	buckets map[string]*bucket
	hold    time.Duration // since start: nothing leaves before (concurrency limit)
	strikes int           // answers of the concurrency limit in a row
	late    lateness      // of the end of windows
	begins  func(d time.Duration, why string)
	news    []Wait // that begin, to be told of once mu is free
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
	return &WindowPacer{o: o, start: time.Now(), buckets: map[string]*bucket{}, begins: func(time.Duration, string) {}}
}

func (p *WindowPacer) announceBy(begins func(time.Duration, string)) { p.begins = begins }

// unlock gives the lock back and tells of what began under it.
func (p *WindowPacer) unlock() {
	news := p.news
	p.news = nil
	p.mu.Unlock()
	for _, n := range news {
		p.begins(n.For, n.Why)
	}
}

// Wait implements [Pacer]. Requests of one bucket leave in the order in which
// they came.
func (p *WindowPacer) Wait(ctx context.Context, r *http.Request, most time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	b := p.bucket(r)
	w := &waiter{r: r, until: p.now() + most, ready: make(chan struct{})}
	b.queue = append(b.queue, w)
	p.pump(b)
	p.unlock()
	select {
	case <-w.ready:
		return w.err
	default:
	}
	select {
	case <-w.ready:
		return w.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.unlock()
	if i := slices.Index(b.queue, w); i >= 0 {
		b.queue = slices.Delete(b.queue, i, i+1)
	} else if w.err == nil {
		b.forget(r) // it was let go at the same moment
	}
	p.pump(b)
	return ctx.Err()
}

// Observe implements [Pacer].
func (p *WindowPacer) Observe(r *http.Request, resp *http.Response) {
	p.mu.Lock()
	defer p.unlock()
	b := p.bucket(r)
	now := p.now()
	running := p.current(b, now)
	probe := b.probe == r && b.reset != 0
	sent, ok := b.forget(r)
	if !ok {
		sent = now
	}
	if resp == nil {
		b.unnamed(running) // it may have been counted
		p.pump(b)
		return
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		p.clock.learn(date, sent, now)
	}
	p.observe(b, resp, now, sent, probe)
	if resp.StatusCode == http.StatusTooManyRequests {
		for _, other := range p.buckets {
			p.pump(other)
		}
		return
	}
	p.pump(b)
}

// observe takes in the headers of an answer.
func (p *WindowPacer) observe(b *bucket, resp *http.Response, now, sent time.Duration, probe bool) {
	limited := resp.StatusCode == http.StatusTooManyRequests
	l, ok := windowIn(resp.Header)
	switch {
	case limited && ok && l.limit == 0:
		// Too many at once in the whole org; its reset is only a guess.
		p.strikes++
		b.unnamed(!probe)
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
	if !ok || l.limit == 0 {
		b.unnamed(!probe)
		if b.reset == 0 {
			b.unlimited = b.unlimited || !limited && resp.StatusCode < 500
		} else if probe {
			b.assume(now)
		}
		return
	}
	b.unlimited = false
	before, over := b.reset, p.byDate(b, now)
	anew := b.count(l, now, probe)
	if !probe || !p.clock.known {
		return
	}
	switch late := sent - over; {
	case l.reset <= before:
		p.late.early(late)
	case anew:
		p.late.over(b.planned, late, p.clock.doubt(now))
	}
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
				Ours: b.ours(), Reset: time.Unix(b.reset, 0).UTC()})
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
		wait, why := p.wait(b, now)
		if wait == forAnswer {
			b.wake(0, nil)
			return
		}
		if wait > 0 {
			if b.giveUp(now, wait, why); len(b.queue) == 0 {
				break
			}
			p.news = append(p.news, Wait{For: wait, Why: why})
			b.wake(wait, func() {
				p.mu.Lock()
				defer p.unlock()
				p.pump(b)
			})
			return
		}
		w := b.queue[0]
		b.queue = slices.Delete(b.queue, 0, 1)
		if !p.current(b, now) {
			b.probe, b.planned = w.r, p.lateBy(b)
		}
		b.flying[w.r] = now
		close(w.ready)
	}
	b.wake(0, nil)
}

// current says whether the window last heard of is still running.
func (p *WindowPacer) current(b *bucket, now time.Duration) bool {
	return b.unlimited || b.reset != 0 && now < p.end(b, now)
}

// end is our time when the bucket's window is over.
func (p *WindowPacer) end(b *bucket, now time.Duration) time.Duration {
	switch {
	case b.assumed != 0:
		return b.assumed
	case !p.clock.known:
		return b.heard + blindWindow
	}
	return p.byDate(b, now) + p.lateBy(b)
}

// byDate is our time when a window is over if its clock is that of the Date.
func (p *WindowPacer) byDate(b *bucket, now time.Duration) time.Duration {
	return p.clock.reaches(b.lastReset(), now)
}

// lateBy is how late a window is taken to end: certainly, when nothing of it is
// left for us to look with.
func (p *WindowPacer) lateBy(b *bucket) time.Duration {
	if p.left(b) <= 0 {
		return p.late.doubtful()
	}
	return p.late.by
}

// left is how many more may leave in this window, those in the air aside.
func (p *WindowPacer) left(b *bucket) int {
	flying := len(b.flying)
	if b.probe != nil {
		flying-- // it is to be of the next window
	}
	return min(p.Allowance(b.limit)-b.spent-b.between, b.remaining-b.kept()) - flying
}

// forAnswer is a wait that only an answer can end.
const forAnswer time.Duration = -1

// wait is how long the first in the queue has to wait, 0 for not at all, and
// why.
func (p *WindowPacer) wait(b *bucket, now time.Duration) (time.Duration, string) {
	if d := p.hold - now; d > 0 && p.hold >= b.hold {
		return d, whyCrowd
	}
	if d := b.hold - now; d > 0 {
		return d, whyAsked
	}
	if !p.current(b, now) {
		if b.probe != nil {
			return forAnswer, ""
		}
		return 0, ""
	}
	if b.unlimited {
		return 0, ""
	}
	left := p.left(b)
	if b.probe != nil {
		left-- // the window runs on after all
	}
	if b.assumed == 0 && p.clock.known && !p.late.proven {
		left-- // kept for looking
	}
	if left <= 0 {
		why := whyOurs
		if p.Allowance(b.limit)-b.ours() > 1 {
			why = whyOthers
		}
		return p.end(b, now) - now, why
	}
	return 0, ""
}

// windowIn is limitsIn without what is of no window: a reset long before the
// answer's own Date. A few seconds before is another clock, or an answer that
// took long to make.
func windowIn(h http.Header) (limits, bool) {
	l, ok := limitsIn(h)
	if date, err := http.ParseTime(h.Get("Date")); err == nil && l.limit > 0 && l.reset < date.Add(-blindWindow).Unix() {
		return limits{}, false
	}
	return l, ok
}
