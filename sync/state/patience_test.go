package state

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	core "scim-sync/sync"
)

// patient is a store in memory whose runs wait, and what they tell.
func patient(d time.Duration) (s *Store, told *[]*LockedError) {
	told = new([]*LockedError)
	s = New(Memory(core.Managed{}).backend, Options{Patience: Patience{For: d, Waits: func(e *LockedError) { *told = append(*told, e) }}})
	return s, told
}

// TestRunWaitsForTheLock: as long as it was told to, saying so once; it begins when
// the other run has ended.
func TestRunWaitsForTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, told := patient(5 * time.Minute)
		other := begin(t, s, "other")
		time.AfterFunc(4*time.Minute, func() { other.Close() })
		began := time.Now()
		r, err := s.Begin(t.Context(), runInfo("waiting"))
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 4*time.Minute || took > 4*time.Minute+2*time.Second {
			t.Errorf("it took %s", took)
		}
		if len(*told) != 1 || (*told)[0].Holder.RunID != "other" {
			t.Errorf("told of %+v", *told)
		}
		finish(t, r, 0)
	})
}

// TestRunEndsToWait: when its time is over with who holds the lock, and at once when
// it is interrupted.
func TestRunEndsToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := patient(5 * time.Minute)
		other := begin(t, s, "other")
		began := time.Now()
		var locked *LockedError
		if _, err := s.Begin(t.Context(), runInfo("waiting")); !errors.As(err, &locked) || locked.Holder.RunID != "other" {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != 5*time.Minute {
			t.Errorf("it took %s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		began = time.Now()
		if _, err := s.Begin(ctx, runInfo("interrupted")); !errors.Is(err, context.Canceled) || time.Since(began) != time.Minute {
			t.Errorf("interrupted after %s: %v", time.Since(began), err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
}

// leased is a backend whose lock runs out, as its holder and others see it.
type leased struct {
	Backend
	at func() *Standing
}

func (l leased) Standing(context.Context) (*Standing, error) { return l.at(), nil }

// TestLockIsAbandonedWhenNobodyRenewsIt: it is looked at for as long as a holder
// that is there would take to renew it; the lock of a process never is.
func TestLockIsAbandonedWhenNobodyRenewsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		first := Standing{Holder: Holder{RunID: "a", PID: 7}, Renewed: began, Until: began.Add(30 * time.Second), Every: 10 * time.Second, Mark: "0"}
		renewed, another := first, first
		renewed.Mark = "1"
		another.Holder.RunID = "b"
		for name, c := range map[string]struct {
			later            *Standing
			abandoned, there bool
		}{
			"nobody renews it":   {&first, true, false},
			"it is renewed":      {&renewed, false, true},
			"another run has it": {&another, false, true},
			"it is free by now":  {nil, false, false},
		} {
			s := New(leased{Memory(core.Managed{}).backend, func() *Standing { return c.later }}, Options{})
			since := time.Now()
			got, err := s.Abandoned(t.Context(), first)
			if (got != nil) != c.abandoned || errors.As(err, new(*LockedError)) != c.there || err != nil && !c.there {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if took := time.Since(since); took <= 10*time.Second || took > 30*time.Second {
				t.Errorf("%s: it took %s", name, took)
			}
		}
		own := first
		own.Every = 0
		since := time.Now()
		if _, err := New(Memory(core.Managed{}).backend, Options{}).Abandoned(t.Context(), own); !errors.As(err, new(*LockedError)) || time.Since(since) != 0 {
			t.Errorf("of a process: %v", err)
		}
	})
}
