package cli

import (
	"sync"
	"time"

	"scim-sync/internal/transport"
)

// Display is what is on the screen at the moment and can say that it waits.
type Display interface {
	Wait(side string, d time.Duration, why string)
}

// waits passes on to whoever draws that a limit makes the run wait.
type waits struct {
	mu  sync.Mutex
	now Display // nil: nothing is drawn
}

func (w *waits) drawnBy(d Display) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = d
}

// drawn says whether the wait is seen: else it is a line of its own.
func (w *waits) drawn(x transport.Wait) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now == nil {
		return false
	}
	w.now.Wait(x.Side, x.For, x.Why)
	return true
}
