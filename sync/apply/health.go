package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"scim-sync/attio"
)

// health is what the answers so far say about the rest of the run.
type health struct {
	mu     sync.Mutex
	noSeat int        // people who found no free seat
	down   int        // writes in a row that found Attio unavailable
	atOnce int        // people whom Attio takes in one change of members; 0: not found out
	stop   error      // why nothing more is tried
	asking sync.Mutex // while Attio is asked whether token and plan are at fault
	wellAt time.Time  // when they were last found as they should be
}

// fail ends the run: nothing more is tried.
func (h *health) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stop == nil {
		h.stop = err
	}
}

// stopped says why nothing more is tried, nil when all is well.
func (h *health) stopped() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stop
}

// membersPerWrite is how many people one change of members may hold.
func (h *health) membersPerWrite() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return cmp.Or(h.atOnce, attio.MembersPerWrite)
}

// takes notes how many people Attio takes in one change of members.
func (h *health) takes(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.atOnce = min(n, cmp.Or(h.atOnce, attio.MembersPerWrite))
}

// refusedAtOnce notes that so many people are too many, where the status says so.
func (h *health) refusedAtOnce(e *attio.Error, people int) {
	if e.TooLarge() {
		h.takes((people + 1) / 2)
	}
}

// seatless counts somebody more for whom no seat is free, where that is known.
func (h *health) seatless() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.noSeat > 0 {
		h.noSeat++
	}
	return h.noSeat > 0
}

// weigh learns from a write's error what it means for the rest of the run.
func (h *health) weigh(err error) {
	const enough = 5
	h.mu.Lock()
	defer h.mu.Unlock()
	switch attio.KindOf(err) {
	case attio.NotSignedIn, attio.MissingScope, attio.NoSCIM:
		if h.stop == nil {
			h.stop = err
		}
	case attio.NoSeat:
		h.noSeat++
	case attio.Unavailable, attio.RateLimited:
		if h.down++; h.down >= enough && h.stop == nil {
			h.stop = fmt.Errorf("%d writes in a row were not answered by Attio: %w", h.down, err)
		}
	default:
		h.down = 0
	}
}

// weighOne is weigh of one error. A refusal in words that may mean more than its
// own step ends nothing by itself: Attio is asked.
func (h *health) weighOne(ctx context.Context, err error, p *Ports) {
	if e, ok := errors.AsType[*attio.Error](err); ok && e.ReachUnknown {
		h.checkReach(ctx, p)
		return
	}
	h.weigh(err)
}

// checkReach asks Attio, after a refusal that may mean more than its own step,
// whether token and plan are at fault: that alone ends the run. Many refusals at
// once ask but once.
func (h *health) checkReach(ctx context.Context, p *Ports) {
	h.asking.Lock()
	defer h.asking.Unlock()
	if now := p.Now(); !h.wellAt.IsZero() && now.Sub(h.wellAt).Abs() < time.Minute {
		return
	}
	err := p.Reader.Check(ctx)
	switch attio.KindOf(err) {
	case attio.NotSignedIn, attio.MissingScope, attio.NoSCIM:
		h.fail(err)
	case 0:
		h.wellAt = p.Now()
	}
}
