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

// teamCache holds teams as they were read, or as the last change has left them,
// so that a team is not read again before every change, and what the token is.
type teamCache struct {
	mu       sync.Mutex
	teams    map[string]cachedTeam
	identity *attio.Identity
	asked    time.Time
	asking   func() (attio.Identity, error) // waits for the answer that is under way; nil: none is
}

type cachedTeam struct {
	team attio.Team
	at   time.Time
}

// keep remembers a team, and drops what is no longer fresh.
func (c *teamCache) keep(t attio.Team, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, r := range c.teams {
		if now.Sub(r.at) > fresh {
			delete(c.teams, id)
		}
	}
	if c.teams == nil {
		c.teams = map[string]cachedTeam{}
	}
	c.teams[t.ID] = cachedTeam{team: t, at: now}
}

// keepAll remembers all teams as they were read from at on, and nothing else.
func (c *teamCache) keepAll(teams []attio.Team, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.teams = nil
	if time.Since(at) > fresh {
		return
	}
	c.teams = make(map[string]cachedTeam, len(teams))
	for _, t := range teams {
		c.teams[t.ID] = cachedTeam{team: t, at: at}
	}
}

// keepIdentity remembers what the token is.
func (c *teamCache) keepIdentity(id attio.Identity, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.identity, c.asked = &id, at
}

// asks notes that what the token is is being asked; nil: it was answered.
func (c *teamCache) asks(wait func() (attio.Identity, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asking = wait
}

// lastIdentity gives what the token is, if that was asked a moment ago, and else
// what waits for it, if it is being asked.
func (c *teamCache) lastIdentity(now time.Time) (id attio.Identity, ok bool, wait func() (attio.Identity, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.identity == nil || now.Sub(c.asked) > fresh {
		return attio.Identity{}, false, c.asking
	}
	return *c.identity, true, nil
}

// get gives a team that is fresh.
func (c *teamCache) get(id string, now time.Time) (attio.Team, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.teams[id]
	return r.team, ok && now.Sub(r.at) <= fresh
}

func (c *teamCache) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.teams, id)
}
