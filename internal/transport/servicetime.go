package transport

import (
	"net/http"
	"sync"
	"time"
)

// dateClock is a service's clock as its answers tell: the newest Date, and when
// it came by a clock that nobody sets.
type dateClock struct {
	mu   sync.Mutex
	date time.Time
	came time.Duration
}

// learn takes in the Date of an answer that came now. As Dates are whole seconds,
// one that is less than a second behind what is known is no news.
func (d *dateClock) learn(h http.Header, now time.Duration) {
	text := h.Get("Date")
	if text == "" {
		return
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if behind := d.at(now).Sub(date); d.date.IsZero() || behind < 0 || behind > time.Second {
		d.date, d.came = date.UTC(), now
	}
}

// at is the service's time now.
func (d *dateClock) at(now time.Duration) time.Time { return d.date.Add(now - d.came) }

// ServiceTime is the service's present time, by the Date of its newest answer and
// Options.Elapsed since; false before the first. It is up to a second behind, as
// Dates are whole seconds, and by what the answer took
// (https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1).
func (t *Transport) ServiceTime() (time.Time, bool) {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.clock.at(t.o.Elapsed()), !t.clock.date.IsZero()
}

// Ahead is how far the service's clock is ahead of ours, as the machine tells the
// time at this moment; negative: behind. False before the first answer.
func (t *Transport) Ahead() (time.Duration, bool) {
	at, known := t.ServiceTime()
	return at.Sub(time.Now().Round(0)), known // by the clock on the wall, which may have been set
}
