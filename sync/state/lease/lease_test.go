package lease_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/sync/state"
	"scim-sync/sync/state/lease"
)

const length = 30 * time.Second

// held begins a hold whose renewals go by renew, and gives the time so far.
func held(renew func(context.Context) error) (h *lease.Hold, elapsed func() time.Duration) {
	start := time.Now()
	elapsed = func() time.Duration { return time.Since(start) }
	return lease.Begin(lease.Options{Length: length, Renew: renew, Elapsed: elapsed, Place: "the lock"}, 0), elapsed
}

func isLost(t *testing.T, h *lease.Hold) {
	t.Helper()
	select {
	case <-h.Lost():
	default:
		t.Error("nobody was told")
	}
	if err := h.Held(); !errors.Is(err, state.ErrLost) {
		t.Errorf("held: %v", err)
	}
}

// TestHoldIsRenewedForAsLongAsItIsNeeded: at a third of its length, and not after
// its end.
func TestHoldIsRenewedForAsLongAsItIsNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var renewals atomic.Int64
		h, _ := held(func(context.Context) error { renewals.Add(1); return nil })
		time.Sleep(10*length + time.Second)
		if err := h.Held(); err != nil || renewals.Load() != 30 {
			t.Errorf("%v after %d renewals", err, renewals.Load())
		}
		h.End()
		before := renewals.Load()
		time.Sleep(length)
		if renewals.Load() != before {
			t.Error("it was renewed after its end")
		}
		select {
		case <-h.Lost():
			t.Error("what was given back counts as lost")
		default:
		}
	})
}

// TestHoldOutlivesFailedRenewalsUntilItsTimeIsOver: a failure is tried again, and
// the holder is out before anybody else may be in.
func TestHoldOutlivesFailedRenewalsUntilItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("no connection")
		var away atomic.Bool
		h, elapsed := held(func(context.Context) error {
			if away.Load() {
				return down
			}
			return nil
		})
		defer h.End()
		away.Store(true)
		time.Sleep(20 * time.Second)
		if h.Held() != nil {
			t.Fatal("a failed renewal ended it at once")
		}
		away.Store(false)
		time.Sleep(5 * time.Second)
		away.Store(true)
		at := elapsed()
		<-h.Lost()
		if after := elapsed() - at; after >= length {
			t.Errorf("it was lost only %s after the last renewal", after)
		}
		isLost(t, h)
	})
}

// TestStopOfTheProcessEndsAHold: whoever wakes up after it is out at once, before
// any renewal was tried.
func TestStopOfTheProcessEndsAHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slept atomic.Int64
		start := time.Now()
		h := lease.Begin(lease.Options{Length: length, Place: "the lock",
			Renew:   func(context.Context) error { t.Error("it was renewed"); return nil },
			Elapsed: func() time.Duration { return time.Since(start) + time.Duration(slept.Load()) }}, 0)
		defer h.End()
		slept.Store(int64(length))
		isLostAtOnce := h.Held()
		if !errors.Is(isLostAtOnce, state.ErrLost) {
			t.Errorf("got %v", isLostAtOnce)
		}
		isLost(t, h)
	})
}

// TestTakenHoldIsLostAtOnce: who hears that somebody else has it tries no more.
func TestTakenHoldIsLostAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int64
		h, elapsed := held(func(context.Context) error {
			tries.Add(1)
			return &state.LostError{Place: "the lock", Why: "another run has it"}
		})
		defer h.End()
		<-h.Lost()
		if elapsed() != length/3 {
			t.Errorf("after %s", elapsed())
		}
		time.Sleep(length)
		if tries.Load() != 1 {
			t.Errorf("%d tries", tries.Load())
		}
		isLost(t, h)
	})
}

// TestRenewalThatHangsIsGivenUp: the next one has its time too.
func TestRenewalThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int64
		h, _ := held(func(ctx context.Context) error {
			if tries.Add(1) > 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		defer h.End()
		time.Sleep(10 * length)
		if err := h.Held(); err != nil {
			t.Errorf("%v after %d tries", err, tries.Load())
		}
	})
}

// TestHoldIsLostOnTimeWhileARenewalHangs: nobody waits for its answer.
func TestHoldIsLostOnTimeWhileARenewalHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, elapsed := held(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		defer h.End()
		<-h.Lost()
		if at := elapsed(); at != length-length/10 {
			t.Errorf("it was lost after %s", at)
		}
	})
}
