package world

import (
	"slices"
	"strings"

	"scim-sync/attio/attiotest"
)

// inConflict says whether the address that Okta gives somebody must be refused:
// it is another's as well, or another has it and does not give it up.
func (p *play) inConflict(m *moment, who *person) bool {
	home := p.atHome(m, who)
	if home && strings.EqualFold(m.at[who].Email, who.email) {
		return false // tied to it already
	}
	if p.rivalFor(who) != nil {
		return true
	}
	there, taken := m.site.Member(who.email)
	if !home {
		// Somebody without a place takes none that was ever another's.
		return taken && m.owner[there.ID] != nil && m.owner[there.ID] != who || p.hadByAnother(m, who)
	}
	return taken && there.ID != who.place && !p.passesOn(m, who, there, nil)
}

// atHome says whether somebody has a place that state leads to.
func (p *play) atHome(m *moment, who *person) bool {
	at, known := byID(m.site, who.place)
	e := m.state.People[who.id]
	return known && (e.AttioID == at.ID || strings.EqualFold(e.Email, at.Email))
}

// rivalFor is somebody else who should be in under the same address.
func (p *play) rivalFor(who *person) *person {
	for _, other := range p.people {
		if other != who && other.granted() && other.email == who.email {
			return other
		}
	}
	return nil
}

// hadByAnother says whether state knows somebody else by the address.
func (p *play) hadByAnother(m *moment, who *person) bool {
	for _, e := range m.state.People {
		if e.OktaID != who.id && strings.EqualFold(e.Email, who.email) {
			return true
		}
	}
	return false
}

// passesOn says whether a member may take a place's address, because its owner
// gives it up for one that is free or becomes so. Those who would exchange
// theirs wait for each other; an invite's address is not given up in time.
func (p *play) passesOn(m *moment, who *person, taken attiotest.MemberState, ring []*person) bool {
	owner := m.owner[taken.ID]
	if m.at[who].Status == attiotest.Invited || owner == nil || owner == who || slices.Contains(ring, owner) {
		return false
	}
	if !owner.granted() || !p.atHome(m, owner) || owner.email == taken.Email || taken.Status == attiotest.Invited || p.rivalFor(owner) != nil {
		return false
	}
	next, more := m.site.Member(owner.email)
	return !more || next.ID != owner.place && p.passesOn(m, owner, next, append(ring, who))
}

// refusals are what a run has to refuse, in the words of codes.
func (p *play) refusals(m *moment) (list []string) {
	for _, who := range p.people {
		if m.odds[who] {
			list = append(list, "email-conflict "+who.email)
		}
	}
	for _, c := range m.rivals {
		list = append(list, "team-name-taken "+p.kind.teamName(c))
	}
	for _, w := range m.expectedTeams {
		if p.nameTaken(m, w) {
			list = append(list, "team-name-taken "+w.name)
		}
	}
	slices.Sort(list)
	return list
}
