package world

import (
	"strings"

	"scim-sync/attio/attiotest"
	core "scim-sync/sync"
)

// moment is what there is at one time: the site, what state knows, where in
// Attio everybody is, and who and what is in conflict by Okta's word.
type moment struct {
	site          attiotest.Snapshot
	state         core.Managed
	at            map[*person]*attiotest.MemberState
	owner         map[string]*person // by Attio id
	odds          map[*person]bool   // whose address is in conflict
	expectedTeams []expected
	rivals        []*team          // groups left alone for their names
	lately        map[*person]bool // whose invite gave way to another within a week
	often         map[*person]bool // whose address was sent three invites within a week
}

func (p *play) moment() *moment {
	m := &moment{site: p.world.site.Snapshot(), state: p.state(),
		at: map[*person]*attiotest.MemberState{}, owner: map[string]*person{}, odds: map[*person]bool{}, lately: map[*person]bool{}, often: map[*person]bool{}}
	for _, who := range p.people {
		m.at[who] = p.entryIn(m.site, who)
		m.lately[who] = p.world.now().Sub(who.readdressed) < week
		m.often[who] = p.invitesTo(who.email) >= 3
		if who.place != "" {
			m.owner[who.place] = who
		}
	}
	for _, who := range p.people {
		m.odds[who] = who.granted() && p.inConflict(m, who)
	}
	m.expectedTeams, m.rivals = p.expectedTeams(m)
	return m
}

// whose is the owner of the place with an address.
func (m *moment) whose(email string) *person {
	at, _ := m.site.Member(email)
	return m.owner[at.ID]
}

// entry is somebody's place in Attio: the one that a run has made or adopted,
// else whoever is there under their address and is nobody else's.
func (p *play) entry(who *person) *attiotest.MemberState {
	return p.entryIn(p.world.site.Snapshot(), who)
}

// entryIn is entry as a snapshot has it.
func (p *play) entryIn(s attiotest.Snapshot, who *person) *attiotest.MemberState {
	if m, ok := byID(s, who.place); ok {
		return &m
	}
	if m, ok := s.Member(who.email); ok && p.ownerOf(m.ID) == nil {
		return &m
	}
	return nil
}

// ownerOf is whose place an id is; nil: nobody's whom a run has dealt with.
func (p *play) ownerOf(id string) *person {
	for _, who := range p.people {
		if who.place == id {
			return who
		}
	}
	return nil
}

// tied says whether state answers for somebody.
func (p *play) tied(who *person) bool {
	_, known := p.state().People[who.id]
	return known
}

// follow keeps up with ids that end: an invite that is accepted becomes a
// member of the same address with another id.
func (p *play) follow() {
	now := p.world.site.Snapshot()
	for _, who := range p.people {
		was, _ := byID(p.last, who.place)
		if _, still := byID(now, who.place); who.place == "" || still {
			continue
		}
		who.place = ""
		m, there := now.Member(was.Email)
		if _, old := byID(p.last, m.ID); there && !old && m.Status != attiotest.Invited {
			who.place = m.ID
		}
	}
	p.last = now
}

// settle finds, after a run, the places that it made or adopted. Nobody may be
// given one who is in conflict, or who has one already.
func (p *play) settle(before *moment) *moment {
	p.follow()
	state := p.state()
	for _, m := range p.last.Members {
		if _, old := byID(before.site, m.ID); old || p.ownerOf(m.ID) != nil {
			continue
		}
		who := p.comesTo(m.Email)
		switch {
		case who == nil:
			p.t.Fatalf("a place was made for nobody: %+v", m)
		case before.odds[who]:
			p.t.Fatalf("a place was made for %s, whose address is in conflict: %+v", who.login, m)
		case who.place != "":
			other, _ := byID(p.last, who.place)
			p.t.Fatalf("%s was given a second place: %+v, besides %+v", who.login, m, other)
		}
		who.place = m.ID
	}
	for _, who := range p.people {
		id := state.People[who.id].AttioID
		if _, there := byID(p.last, id); !there || who.place != "" {
			continue
		}
		if owner := p.ownerOf(id); owner != nil {
			p.t.Fatalf("%s is tied to the place of %s", who.login, owner.login)
		}
		who.place = id
		if was, old := byID(before.site, id); old && was.Status == attiotest.Invited {
			who.takenOver = sent{who.episode, was.Email, p.world.now()}
		}
	}
	after := p.moment()
	p.noteLost(before, after)
	return after
}

// comesTo is who should be in under an address.
func (p *play) comesTo(email string) *person {
	for _, who := range p.people {
		if who.granted() && strings.EqualFold(who.email, email) {
			return who
		}
	}
	return nil
}
