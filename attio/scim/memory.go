package scim

import (
	"sync"
	"time"

	"scim-sync/attio"
)

// fresh is how long what was read or written is remembered: long enough for
// what follows at once, such as the next hundred of a large team, too short for
// other hands.
const fresh = 5 * time.Second

// memory holds teams as they were read, or as the last change has left them,
// so that a team is not read again before every change, and what the token is.
type memory struct {
	mu    sync.Mutex
	teams map[string]remembered
	self  *attio.Identity
	asked time.Time
}

type remembered struct {
	team attio.Team
	at   time.Time
}

// keep remembers a team, and drops what is no longer fresh.
func (m *memory) keep(t attio.Team, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range m.teams {
		if now.Sub(r.at) > fresh {
			delete(m.teams, id)
		}
	}
	if m.teams == nil {
		m.teams = map[string]remembered{}
	}
	m.teams[t.ID] = remembered{team: t, at: now}
}

// keepAll remembers all teams as they were read from at on, and nothing else.
func (m *memory) keepAll(teams []attio.Team, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.teams = nil
	if time.Since(at) > fresh {
		return
	}
	m.teams = make(map[string]remembered, len(teams))
	for _, t := range teams {
		m.teams[t.ID] = remembered{team: t, at: at}
	}
}

// keepSelf remembers what the token is.
func (m *memory) keepSelf(id attio.Identity, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.self, m.asked = &id, at
}

// recallSelf gives what the token is, if that was asked a moment ago.
func (m *memory) recallSelf(now time.Time) (attio.Identity, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.self == nil || now.Sub(m.asked) > fresh {
		return attio.Identity{}, false
	}
	return *m.self, true
}

// recall gives a team that is fresh.
func (m *memory) recall(id string, now time.Time) (attio.Team, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.teams[id]
	return r.team, ok && now.Sub(r.at) <= fresh
}

func (m *memory) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.teams, id)
}
