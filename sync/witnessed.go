package sync

import (
	"slices"
	"time"
)

// Witnessed is the entry of the source's log that a removal comes from.
type Witnessed struct {
	OktaID string    `json:"okta_id"` // of the person, or the team's group, that it was taken from
	Type   string    `json:"type"`    // the source's own word
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
	ID     string    `json:"id"` // of the entry
}

// WitnessedOf are those that are about one of these ids.
func WitnessedOf(all []Witnessed, ids ...string) (some []Witnessed) {
	for _, w := range all {
		if slices.Contains(ids, w.OktaID) {
			some = append(some, w)
		}
	}
	return some
}
