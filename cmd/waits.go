package cmd

import (
	"sync"
	"time"

	"scim-sync/cmd/view"
	"scim-sync/internal/transport"
)

// display is what is on the screen at the moment and can say that it waits.
type display interface {
	Wait(side string, d time.Duration, why string)
}

// waits passes on to whoever watches that a limit makes the run wait: through
// what is being drawn, else as a line of its own.
type waits struct {
	mu  sync.Mutex
	now display // nil: nothing is drawn
}

// drawnBy makes d the display, until another is; nil: there is none.
func (w *waits) drawnBy(d display) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = d
}

// waiting is for transport.Options.Waits. With --quiet nobody is told.
func (a *app) waiting(w transport.Wait) {
	if a.global.quiet {
		return
	}
	a.waits.mu.Lock()
	defer a.waits.mu.Unlock()
	if a.waits.now != nil {
		a.waits.now.Wait(w.Side, w.For, w.Why)
		return
	}
	a.say(view.Waiting(w.Side, w.For, w.Why))
}
