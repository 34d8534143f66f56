package state

import (
	"maps"
	"slices"

	core "scim-sync/sync"
)

func cloneManaged(m core.Managed) core.Managed {
	m.People = maps.Clone(m.People)
	if m.People == nil {
		m.People = map[string]core.ManagedPerson{}
	}
	for id, p := range m.People {
		if p.NotTaken != nil {
			v := *p.NotTaken
			p.NotTaken = &v
			m.People[id] = p
		}
	}
	m.Teams = maps.Clone(m.Teams)
	if m.Teams == nil {
		m.Teams = map[string]core.ManagedTeam{}
	}
	m.Removals = slices.Clone(m.Removals)
	m.Repairs = slices.Clone(m.Repairs)
	m.Invites = maps.Clone(m.Invites)
	for email, times := range m.Invites {
		m.Invites[email] = slices.Clone(times)
	}
	if m.Pause != nil {
		v := *m.Pause
		m.Pause = &v
	}
	m.Told, m.Notified = slices.Clone(m.Told), slices.Clone(m.Notified)
	m.PlansApplied = slices.Clone(m.PlansApplied)
	if m.Everyone != nil {
		v := *m.Everyone
		m.Everyone = &v
	}
	if m.Latched != nil {
		v := *m.Latched
		m.Latched = &v
	}
	return m
}

func cloneIntent(i core.Intent) core.Intent {
	if i.Proof != nil {
		v := *i.Proof
		i.Proof = &v
	}
	i.Log = slices.Clone(i.Log)
	i.Step = cloneStep(i.Step)
	return i
}

func cloneStep(s core.Step) core.Step {
	if s.Person != nil {
		v := *s.Person
		s.Person = &v
	}
	if s.Team != nil {
		v := *s.Team
		v.Groups = slices.Clone(v.Groups)
		v.GroupNames = slices.Clone(v.GroupNames)
		s.Team = &v
	}
	s.People = slices.Clone(s.People)
	return s
}
