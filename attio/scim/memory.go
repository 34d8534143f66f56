package scim

import (
	"sync"
	"time"

	"scim-sync/attio"
)

// fresh is how long a team is remembered after a change of its members: long
// enough for the next hundred of a large team, too short for other hands.
const fresh = 5 * time.Second

// memory holds teams as this writer's last change has left them, so that a
// large team is not read again for every hundred of its members.
type memory struct {
	mu    sync.Mutex
	teams map[string]remembered
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
