package state

import (
	"slices"
	"time"

	core "scim-sync/sync"
)

// pending is an announced write whose fate is not known, or an unfinished
// removal that still counts in the window.
type pending struct {
	Ticket uint64      `json:"ticket"`
	At     time.Time   `json:"at"`
	Run    string      `json:"run"`
	Intent core.Intent `json:"intent"`
	// Settled: a later run has looked; only the window still counts it.
	Settled bool `json:"settled,omitempty"`
	// Unknown: it has an outcome, which says that its fate is unknown.
	Unknown bool `json:"unknown,omitempty"`
	// Counted: the outcome's Change holds the removal already.
	Counted bool `json:"counted,omitempty"`
}

// removals are what the write would count for if it has happened.
func (p pending) removals() []core.Removal {
	if p.Counted {
		return nil
	}
	list := p.Intent.Step.Removals(p.when())
	for i := range list {
		list[i].Unfinished = !p.Settled
	}
	return list
}

// when is the time that counts for the write. Programs before this one noted the
// line's alone.
func (p pending) when() time.Time {
	if p.Intent.At.IsZero() {
		return p.At
	}
	return p.Intent.At
}

// sameStep says whether two steps, maybe of different plans, do the same.
func sameStep(a, b core.Step) bool {
	return a.Action == b.Action && personOf(a) == personOf(b) && teamOf(a) == teamOf(b) && slices.Equal(a.People, b.People)
}

func personOf(s core.Step) string {
	if s.Person == nil {
		return ""
	}
	return s.Person.OktaID
}

func teamOf(s core.Step) string {
	if s.Team == nil {
		return ""
	}
	return s.Team.OktaID
}

func fateUnknown(o core.Outcome) bool { return o.Status == 0 && o.Error != "" && !o.Unsent }
