package sync

import (
	"slices"
	"time"
)

// Change is what one finished step does to Managed. Entries are whole and
// replace what was there, so that replaying a Change twice is harmless.
type Change struct {
	Person       *ManagedPerson `json:"person,omitempty"`
	ForgetPerson string         `json:"forget_person,omitempty"` // Okta id
	Teams        []ManagedTeam  `json:"teams,omitempty"`
	ForgetTeams  []string       `json:"forget_teams,omitempty"` // Okta group ids
	Removal      *Removal       `json:"removal,omitempty"`
	Removals     []Removal      `json:"removals,omitempty"` // of a team's people
	Repair       *Repair        `json:"repair,omitempty"`
	Invited      *InviteSent    `json:"invited,omitempty"`
	Latch        *Latch         `json:"latch,omitempty"`
	Unlatch      bool           `json:"unlatch,omitempty"`
	FirstBegun   bool           `json:"first_begun,omitempty"` // the first run
	FirstDone    bool           `json:"first_done,omitempty"`
	PlanApplied  *AppliedPlan   `json:"plan_applied,omitempty"`
	// Everyone is that the credential was shown that group.
	Everyone *GroupSeen `json:"everyone,omitempty"`
	// Pause begins a pause, in place of any other; Unpause ends it.
	Pause   *Pause `json:"pause,omitempty"`
	Unpause bool   `json:"unpause,omitempty"`
	// Told replaces what people were told of.
	Told *ToldList `json:"told,omitempty"`
	// Notified replaces what web hooks were told of.
	Notified *ToldList `json:"notified,omitempty"`
	// NoLaterThan moves every date that lies after it to it.
	NoLaterThan time.Time `json:"no_later_than,omitzero"`
}

// IsZero says whether the change changes nothing.
func (c Change) IsZero() bool {
	return c.Person == nil && c.ForgetPerson == "" && c.Teams == nil && c.ForgetTeams == nil &&
		!c.Counts() && c.Repair == nil && c.Invited == nil && c.Latch == nil && !c.Unlatch && !c.FirstBegun && !c.FirstDone && c.PlanApplied == nil && c.Everyone == nil && c.Told == nil && c.Notified == nil && c.Pause == nil && !c.Unpause && c.NoLaterThan.IsZero()
}

// Apply carries c out on m.
func (m *Managed) Apply(c Change) {
	if m.People == nil {
		m.People = map[string]ManagedPerson{}
	}
	if m.Teams == nil {
		m.Teams = map[string]ManagedTeam{}
	}
	if c.Person != nil {
		if m.People[c.Person.OktaID].Released != c.Person.Released {
			m.settle(c.Person.OktaID)
		}
		m.People[c.Person.OktaID] = *c.Person
	}
	if c.ForgetPerson != "" {
		delete(m.People, c.ForgetPerson)
	}
	for _, t := range c.Teams {
		if was := m.Teams[t.GroupID]; was.Unlinked != t.Unlinked || t.ByHand && t.TeamID != was.TeamID {
			m.settle(t.GroupID)
		}
		m.Teams[t.GroupID] = t
	}
	for _, g := range c.ForgetTeams {
		delete(m.Teams, g)
		m.settle(g)
	}
	m.applyShort(c)
}

// applyShort carries out what is about nobody and no team alone.
func (m *Managed) applyShort(c Change) {
	if c.Removal != nil {
		m.count(*c.Removal)
	}
	for _, r := range c.Removals {
		m.count(r)
	}
	if c.Invited != nil {
		m.invited(*c.Invited)
	}
	if c.Repair != nil {
		m.repaired(*c.Repair)
	}
	if c.FirstBegun || c.FirstDone {
		m.FirstSync = c.FirstBegun
	}
	if c.Unlatch {
		m.Latched = nil
	}
	if c.Latch != nil && m.Latched == nil {
		m.Latched = c.Latch
	}
	if c.Everyone != nil {
		seen := *c.Everyone
		m.Everyone = &seen
	}
	if c.Unpause {
		m.Pause = nil
	}
	if c.Pause != nil {
		pause := *c.Pause
		m.Pause = &pause
	}
	if c.Told != nil {
		m.Told = slices.Clone(c.Told.List)
	}
	if c.Notified != nil {
		m.Notified = slices.Clone(c.Notified.List)
	}
	if !c.NoLaterThan.IsZero() {
		*m, _ = m.NoLaterThan(c.NoLaterThan)
	}
	if c.PlanApplied != nil && !slices.Contains(m.PlansApplied, *c.PlanApplied) {
		m.PlansApplied = append(m.PlansApplied, *c.PlanApplied)
	}
}

// Counts says whether the change holds what counts as a removal.
func (c Change) Counts() bool { return c.Removal != nil || len(c.Removals) > 0 }

func (m *Managed) count(r Removal) {
	if !slices.ContainsFunc(m.Removals, func(have Removal) bool { return have.Same(r) && have.At.Equal(r.At) }) {
		m.Removals = append(m.Removals, r)
	}
}
