package transport

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// headroom widens the spacing of requests: what leaves evenly arrives
	// less evenly, and the service counts arrivals.
	headroom = 0.02
	// straggle is the most that a request is thought to need longer on its way
	// to the service than another.
	straggle = 150 * time.Millisecond
	// fastest is the rate up to which departures are remembered; beyond it a
	// second's worth of them is beside the point.
	fastest = 1000
	// settle is how long after a 429 others do not slow down further: they
	// left before it was known.
	settle = time.Second
	// creep is the part of the full rate that comes back each second without
	// a 429.
	creep = 0.1
)

// RatePacer keeps to a number of reads (GET, HEAD, OPTIONS) and of writes a
// second, the way Attio limits them: evenly spaced, so that no second, however
// it is laid, holds more. After a 429 everything waits as long as it asks, and
// the kind of request that met it goes on at half its rate, which then creeps
// back. https://docs.attio.com/rest-api/guides/rate-limiting
type RatePacer struct {
	reads, writes *lane

	mu     sync.Mutex
	hold   time.Time     // nothing leaves before
	later  chan struct{} // closed when hold moves
	begins func(d time.Duration, why string)
}

// NewRatePacer makes a RatePacer. A rate of 0 or less means no limit.
func NewRatePacer(readsPerSecond, writesPerSecond float64) *RatePacer {
	return &RatePacer{reads: newLane(readsPerSecond), writes: newLane(writesPerSecond), later: make(chan struct{}),
		begins: func(time.Duration, string) {}}
}

// Wait implements [Pacer]. Requests leave in the order in which they came, but
// for those that a 429 meets while they wait.
func (p *RatePacer) Wait(ctx context.Context, r *http.Request, most time.Duration) error {
	l := p.lane(r)
	if err := ctx.Err(); err != nil {
		return err
	}
	until := time.Now().Add(most)
	if err := p.takeTurn(ctx, l, until); err != nil {
		return err
	}
	defer func() { <-l.turn }()
	for {
		held, later, err := p.held(until)
		if err != nil {
			return err
		}
		if d := max(held, l.full()); d > 0 {
			p.begins(held, whyAsked)
			if err := sleep(ctx, d, later); err != nil {
				return err
			}
			continue
		}
		res := l.reserve()
		if d := res.Delay(); d > 0 {
			if err := sleep(ctx, d, nil); err != nil {
				res.Cancel()
				return err
			}
			// A 429 may have come meanwhile.
			if held, _, err := p.held(until); err != nil || max(held, l.full()) > 0 {
				continue
			}
		}
		l.depart(r)
		return nil
	}
}

// takeTurn waits to be the next of its lane.
func (p *RatePacer) takeTurn(ctx context.Context, l *lane, until time.Time) error {
	for {
		_, later, err := p.held(until)
		if err != nil {
			return err
		}
		select {
		case l.turn <- struct{}{}:
			return nil
		case <-later:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Observe implements [Pacer].
func (p *RatePacer) Observe(r *http.Request, resp *http.Response) {
	p.lane(r).arrived(r)
	if resp == nil {
		return
	}
	if resp.StatusCode != http.StatusTooManyRequests {
		p.lane(r).speedUp()
		return
	}
	d, ok := told(resp.Header)
	if !ok {
		d = time.Second
	}
	p.lane(r).slowDown()
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.hold) {
		p.hold = until
		close(p.later)
		p.later = make(chan struct{})
	}
}

func (p *RatePacer) announceBy(begins func(time.Duration, string)) { p.begins = begins }

// Rates gives the present rates a second, 0 for no limit.
func (p *RatePacer) Rates() (reads, writes float64) { return p.reads.now(), p.writes.now() }

func (p *RatePacer) lane(r *http.Request) *lane {
	if reads(r) {
		return p.reads
	}
	return p.writes
}

// held is how long nothing leaves, until later is closed at least; an error
// when that is beyond until.
func (p *RatePacer) held(until time.Time) (d time.Duration, later <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d = time.Until(p.hold)
	if d > 0 && p.hold.After(until) {
		return 0, nil, &TooLong{For: d, Why: whyAsked}
	}
	return d, p.later, nil
}

// lane is one kind of request.
type lane struct {
	turn chan struct{} // held by the one that leaves next

	mu      sync.Mutex
	most    float64 // a second
	rate    float64
	limiter *rate.Limiter
	left    []*departure // of about the last second
	flying  map[*http.Request]*departure
	trip    time.Duration // the shortest time from request to answer
	changed time.Time     // when the rate was last changed
}

// departure is a request that left. The service saw it between at and late.
type departure struct{ at, late time.Time }

func newLane(perSecond float64) *lane {
	l := &lane{turn: make(chan struct{}, 1), most: perSecond, rate: perSecond, flying: map[*http.Request]*departure{}}
	l.limiter = rate.NewLimiter(l.spacing(), 1)
	return l
}

func (l *lane) spacing() rate.Limit {
	if l.most <= 0 {
		return rate.Inf
	}
	return rate.Limit(l.rate / (1 + headroom))
}

func (l *lane) reserve() *rate.Reservation {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limiter.Reserve()
}

// window is how many may leave in how long: a second's worth, or one when the
// rate is below one a second.
func (l *lane) window() (int, time.Duration) {
	if l.rate < 1 {
		return 1, time.Duration(float64(time.Second) / l.rate)
	}
	return int(l.rate), time.Second
}

// full is how long the last second may still hold all that it can. Even spacing
// alone does not see to that: one that arrives late is closer to those behind.
func (l *lane) full() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.watched() {
		return 0
	}
	n, window := l.window()
	now := time.Now()
	l.left = slices.DeleteFunc(l.left, func(d *departure) bool { return now.Sub(d.late) > window })
	if len(l.left) < n {
		return 0
	}
	late := make([]time.Time, len(l.left))
	for i, d := range l.left {
		late[i] = d.late
	}
	slices.SortFunc(late, time.Time.Compare)
	return late[len(late)-n].Add(window + time.Millisecond).Sub(now)
}

func (l *lane) watched() bool { return l.most > 0 && l.most <= fastest }

func (l *lane) depart(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.watched() {
		now := time.Now()
		d := &departure{at: now, late: now.Add(straggle)}
		l.left = append(l.left, d)
		l.flying[r] = d
	}
}

// arrived narrows down when the service saw the request: no later than its
// answer came, less what the quickest needs.
func (l *lane) arrived(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.flying[r]
	if d == nil {
		return
	}
	delete(l.flying, r)
	trip := time.Since(d.at)
	if l.trip == 0 || trip < l.trip {
		l.trip = trip
	}
	d.late = d.at.Add(min(trip-l.trip, straggle))
}

func (l *lane) slowDown() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.most <= 0 || (l.rate < l.most && time.Since(l.changed) < settle) {
		return
	}
	l.set(max(l.rate/2, l.most/16))
}

func (l *lane) speedUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate < l.most && time.Since(l.changed) >= settle {
		l.set(min(l.rate+l.most*creep, l.most))
	}
}

func (l *lane) set(perSecond float64) {
	l.rate, l.changed = perSecond, time.Now()
	l.limiter.SetLimit(l.spacing())
}

func (l *lane) now() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.rate, 0)
}

// sleep waits for d, or less when woken.
func sleep(ctx context.Context, d time.Duration, woken <-chan struct{}) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-woken:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
