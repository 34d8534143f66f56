// Package lease keeps a hold that runs out by itself: on a lock that lies where
// several machines reach it, and that its holder renews for as long as it is
// there. When it was renewed last counts from the moment at which the request
// left, by a clock that goes on while the process is stopped or the machine
// sleeps, so that the holder always takes it for over before anybody else does.
package lease

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"scim-sync/sync/state"
)

// Options say how a hold is kept.
type Options struct {
	// Length is how long a hold lasts without being renewed.
	Length time.Duration
	// Try is the longest that one renewal may take: a fifth of Length.
	Try time.Duration
	// Renew makes the hold last from now on. An error that is [state.ErrLost]
	// ends it; any other is tried again while there is time.
	Renew func(context.Context) error
	// Elapsed is a clock that nobody sets and that goes on while the machine sleeps.
	Elapsed func() time.Duration
	// Place names the lock in errors.
	Place string
}

// Hold is a lock that is held. It is safe for concurrent use.
type Hold struct {
	o    Options
	lost chan struct{}
	stop context.CancelFunc
	done chan struct{}

	mu    sync.Mutex // guards what follows
	until time.Duration
	why   error // ErrLost, once it is
	last  error // why the last renewal failed; nil when it did not
}

// margin is the share of a hold that its holder does not use: its request may
// have been on its way for a moment, and clocks do not run at quite the same pace.
const margin = 10

// Begin keeps a hold that was taken by a request which left at since. begun, when
// given, gets the hold before the first renewal: Renew may need to know of it.
func Begin(o Options, since time.Duration, begun ...func(*Hold)) *Hold {
	if o.Try <= 0 {
		o.Try = o.Length / 5
	}
	ctx, stop := context.WithCancel(context.Background())
	h := &Hold{o: o, lost: make(chan struct{}), stop: stop, done: make(chan struct{})}
	h.renewed(since)
	for _, f := range begun {
		f(h)
	}
	go h.keep(ctx)
	return h
}

// Lost is closed once the hold is lost. It stays open after End.
func (h *Hold) Lost() <-chan struct{} { return h.lost }

// Held gives an ErrLost once the hold is lost, or its time is over.
func (h *Hold) Held() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.why == nil && h.o.Elapsed() >= h.until {
		h.loseLocked(h.over())
	}
	return h.why
}

// Lose ends the hold for a reason that its owner found, and gives why it ended
// first.
func (h *Hold) Lose(err error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loseLocked(err)
	return h.why
}

// Renewed takes in that a request which left at since has renewed the hold.
func (h *Hold) Renewed(since time.Duration) { h.renewed(since) }

// End stops renewing, and returns when no renewal is on its way any more.
func (h *Hold) End() {
	h.stop()
	<-h.done
}

func (h *Hold) renewed(since time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until = max(h.until, since+h.o.Length-h.o.Length/margin)
}

func (h *Hold) loseLocked(err error) {
	if h.why == nil {
		h.why = err
		close(h.lost)
	}
}

// over says that time is over. The caller holds mu.
func (h *Hold) over() error {
	why := fmt.Sprintf("it was not renewed for %s, as after a stop of the process or without a connection", h.o.Length-h.o.Length/margin)
	if h.last != nil {
		why += " (" + h.last.Error() + ")"
	}
	return &state.LostError{Place: h.o.Place, Why: why}
}

// keep renews at a third of the length, and sooner after a failure.
func (h *Hold) keep(ctx context.Context) {
	defer close(h.done)
	pause := h.o.Length / 3
	for {
		if !h.pause(ctx, pause) {
			return
		}
		if h.Held() != nil {
			return
		}
		began := h.o.Elapsed()
		err := h.try(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			h.renewed(began)
			pause = h.o.Length / 3
		case errors.Is(err, state.ErrLost):
			_ = h.Lose(err)
			return
		default:
			pause = jitter(h.o.Length / 30)
		}
		h.mu.Lock()
		h.last = err
		h.mu.Unlock()
	}
}

// try renews, and not for longer than the hold lasts.
func (h *Hold) try(ctx context.Context) error {
	h.mu.Lock()
	left := h.until - h.o.Elapsed()
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, min(h.o.Try, left))
	defer cancel()
	return h.o.Renew(ctx)
}

// pause waits, though never past the end of the hold.
func (h *Hold) pause(ctx context.Context, d time.Duration) bool {
	h.mu.Lock()
	d = min(d, max(h.until-h.o.Elapsed(), 0))
	h.mu.Unlock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// jitter keeps two that failed together from trying again together.
func jitter(d time.Duration) time.Duration { return d + rand.N(d) }
