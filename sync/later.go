package sync

import (
	"maps"
	"slices"
	"time"
)

// ahead is how far a date may lie in the future before it is no date: clocks of
// two services, or of two machines, differ by seconds.
const ahead = time.Minute

// NoLaterThan is what is managed with every date that lies in the future moved to
// now, and whether there was one: a clock that was years ahead for one run would
// else be counted by for years. What was given stays as it is.
func (m Managed) NoLaterThan(now time.Time) (Managed, bool) {
	found := false
	dates := func(list ...*time.Time) (moved bool) {
		for _, at := range list {
			if at.After(now.Add(ahead)) {
				*at, moved, found = now, true, true
			}
		}
		return moved
	}
	var people map[string]ManagedPerson // a copy, once one of them has to be moved
	for id, e := range m.People {
		if !dates(&e.ManagedSince, &e.InvitedAt, &e.Readdressed) {
			continue
		}
		if people == nil {
			people = maps.Clone(m.People)
		}
		people[id] = e
	}
	if people != nil {
		m.People = people
	}
	m.shortNoLater(dates)
	return m, found
}

// shortNoLater moves the dates that are about nobody and no team alone. What was
// given stays as it is.
func (m *Managed) shortNoLater(dates func(...*time.Time) bool) {
	m.Removals = slices.Clone(m.Removals)
	for i := range m.Removals {
		dates(&m.Removals[i].At)
	}
	m.Repairs = slices.Clone(m.Repairs)
	for i := range m.Repairs {
		dates(&m.Repairs[i].At)
	}
	var invites map[string][]time.Time // likewise
	for to, at := range m.Invites {
		if !slices.ContainsFunc(at, func(t time.Time) bool { return dates(&t) }) {
			continue
		}
		if invites == nil {
			invites = maps.Clone(m.Invites)
		}
		at = slices.Clone(at)
		for i := range at {
			dates(&at[i])
		}
		invites[to] = at
	}
	if invites != nil {
		m.Invites = invites
	}
	m.PlansApplied = slices.Clone(m.PlansApplied)
	for i := range m.PlansApplied {
		dates(&m.PlansApplied[i].At)
	}
	m.Told, m.Notified = slices.Clone(m.Told), slices.Clone(m.Notified)
	for _, told := range [][]ToldTrouble{m.Told, m.Notified} {
		for i := range told {
			dates(&told[i].Since, &told[i].Last)
		}
	}
	if m.Pause != nil { // its end may lie in the future: as far as it was to last
		p := *m.Pause
		length := p.Until.Sub(p.Since)
		if dates(&p.Since) {
			p.Until = p.Since.Add(length)
		}
		m.Pause = &p
	}
	if m.Latched != nil {
		l := *m.Latched
		dates(&l.At)
		m.Latched = &l
	}
}
