package state

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Patience says how long a run waits for a lock that another one holds.
type Patience struct {
	For time.Duration // 0: not at all
	// Waits hears once that it waits, and for whom; nil: nobody does.
	Waits func(*LockedError)
}

// poll is how often a lock that is held is asked for again, and up to half as
// much more, so that many who wait do not ask together.
const poll = time.Second

// lock takes a lock, again and again while another run holds it and patience
// lasts. Error: *LockedError of whoever holds it at the end.
func (p Patience) lock(ctx context.Context, take func() (BackendWriter, error)) (BackendWriter, error) {
	began, told := time.Now(), false
	for {
		w, err := take()
		locked, ok := errors.AsType[*LockedError](err)
		left := p.For - time.Since(began)
		if !ok || left <= 0 {
			return w, err
		}
		if !told && p.Waits != nil {
			p.Waits(locked)
		}
		told = true
		if err := wait(ctx, min(left, poll+rand.N(poll/2))); err != nil {
			return nil, err
		}
	}
}
