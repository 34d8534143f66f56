package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// What is here keeps plays out of some cases that the program does not get
// right yet. Each goes, with its callers, when the program is mended.

// stillTied: a group that goes out of scope in this very run has the team. The
// program lets another one have it only from the next run on.
func (p *play) stillTied(m *moment, team string) bool {
	return slices.ContainsFunc(p.crews, func(c *crew) bool {
		tie := m.state.Teams[c.id]
		return tie.TeamID == team && !tie.OutOfScope && !c.inScope()
	})
}

// mistakable: state knows several people by an address. Who accepts an invite
// to it gets another id, and the program may take them for somebody who left.
func (p *play) mistakable(email string) bool {
	n := 0
	for _, e := range p.state().People {
		if strings.EqualFold(e.Email, email) {
			n++
		}
	}
	return n > 1
}

// writes: who accepts an invite between Attio's two lists of people looks like
// an invite with another id, and the program may withdraw that. So nobody does
// before the run begins to write.
func writes(side string, r *http.Request) bool {
	return side == "attio" && r.Method != http.MethodGet
}

// astray: somebody whom state knows has a place that it does not lead to, as the
// answer to a new invite was lost. Should they leave before the next run, the
// program would forget that invite. So one comes at once.
func (p *play) astray() bool {
	m := p.moment()
	return slices.ContainsFunc(p.people, func(who *person) bool {
		return who.place != "" && p.tied(who) && !p.atHome(m, who)
	})
}
