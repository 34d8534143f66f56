package sync

import "time"

// Pause is a time during which no run does anything.
type Pause struct {
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Paused gives the pause that holds at that time.
func (m Managed) Paused(now time.Time) (Pause, bool) {
	if m.Pause == nil || !now.Before(m.Pause.Until) {
		return Pause{}, false
	}
	return *m.Pause, true
}
