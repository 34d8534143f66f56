package view

import "time"

// When is how times are shown.
func When(t time.Time) string { return when(t) }

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
