package state

import (
	"maps"
	"slices"

	core "scim-sync/sync"
)

func cloneManaged(m core.Managed) core.Managed { return cloneShort(cloneMaps(m)) }

// cloneMaps copies what grows with people and teams. What the entries point to is
// never changed.
func cloneMaps(m core.Managed) core.Managed {
	m.People, m.Teams, m.Invites = maps.Clone(m.People), maps.Clone(m.Teams), maps.Clone(m.Invites)
	if m.People == nil {
		m.People = map[string]core.ManagedPerson{}
	}
	if m.Teams == nil {
		m.Teams = map[string]core.ManagedTeam{}
	}
	for email, times := range m.Invites {
		m.Invites[email] = slices.Clone(times)
	}
	return m
}

// cloneShort copies all the rest.
func cloneShort(m core.Managed) core.Managed {
	m.Removals = slices.Clone(m.Removals)
	m.Repairs = slices.Clone(m.Repairs)
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
