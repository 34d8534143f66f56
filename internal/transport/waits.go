package transport

import (
	"fmt"
	"sync"
	"time"
)

// notable is the shortest wait that is told of.
const notable = 3 * time.Second

// Wait is a pause that a service's limits ask for.
type Wait struct {
	Side string
	For  time.Duration
	Why  string // a clause: "the service asks for it"
}

// The reasons of waits.
const (
	whyAsked  = "it asked for a pause"
	whyCrowd  = "too many requests were under way at once"
	whyOurs   = "our share of its rate limit is used up"
	whyOthers = "its rate limit is nearly used up by others"
)

// TooLong is the error of a Pacer for a wait that is known to exceed the
// patience that is left: nobody is to sit it out first.
type TooLong struct {
	For time.Duration
	Why string
}

func (e *TooLong) Error() string { return fmt.Sprintf("a wait of %s: %s", e.For, e.Why) }

// beyond words a wait that is longer than the patience.
func beyond(wait, patience time.Duration) string {
	return fmt.Sprintf("asks to wait %s more, beyond the patience of %s", wait.Round(time.Second), patience)
}

// teller tells of waits, of each once, however many requests it holds.
type teller struct {
	side string
	tell func(Wait) // nil: nobody listens

	mu    sync.Mutex
	until time.Time // the end of the last one that was told of
}

func (t *teller) begins(d time.Duration, why string) {
	if t.tell == nil || d < notable || !t.isNews(time.Now().Add(d)) {
		return
	}
	t.tell(Wait{Side: t.side, For: d, Why: why})
}

// isNews: whole seconds and several buckets give one wait several ends.
func (t *teller) isNews(until time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until.Before(t.until.Add(2 * time.Second)) {
		return false
	}
	t.until = until
	return true
}

// announcer is a Pacer that tells of the waits it begins.
type announcer interface {
	announceBy(begins func(d time.Duration, why string))
}
