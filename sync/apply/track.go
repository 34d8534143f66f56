package apply

import (
	"slices"
	"sync"

	"scim-sync/internal/idset"
	core "scim-sync/sync"
)

// track is how things stand while a run goes on: what state has by now, which
// ids were given, and whose further steps need one that failed. It is safe for
// concurrent use.
type track struct {
	mu      sync.Mutex
	entries map[string]core.ManagedPerson // by Okta id, as they become
	teams   map[string][]core.ManagedTeam // by the team's key, as they become
	members map[string]idset.Set          // by Attio team id, of teams that this run changed
	ids     map[string]string             // Okta id → SCIM id of people provisioned here
	last    map[string]int                // by the team's key, the number of its last step
	broken  map[string]bool               // Okta ids and team keys whose further steps need one that failed
	partial map[string]bool               // team keys whose people are not all as they should be
	whole   bool                          // the plan is about everybody
}

func newTrack(p *core.Planned) *track {
	return &track{
		entries: map[string]core.ManagedPerson{}, teams: map[string][]core.ManagedTeam{}, members: map[string]idset.Set{}, ids: map[string]string{},
		last: lastSteps(&p.Plan), broken: map[string]bool{}, partial: map[string]bool{}, whole: p.Whole(),
	}
}

// lastSteps gives, by the team's key, the number of its last step; 0 where a
// step of it is held.
func lastSteps(p *core.Plan) map[string]int {
	last := map[string]int{}
	for i := range p.Steps {
		if t := p.Steps[i].Team; t != nil {
			last[t.OktaID] = p.Steps[i].N
		}
	}
	for i := range p.Held {
		if t := p.Held[i].Team; t != nil {
			last[t.OktaID] = 0
		}
	}
	return last
}

// now gives the entry of a step's person as it is by now.
func (t *track) now(s *core.Step) core.ManagedPerson {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.entry(s)
}

func (t *track) entry(s *core.Step) core.ManagedPerson {
	if e, ok := t.entries[s.Person.OktaID]; ok {
		return e
	}
	return s.EntryBefore()
}

// after gives the entry of a step's person as it is once the step is done.
func (t *track) after(s *core.Step) core.ManagedPerson {
	return s.EntryOnto(t.now(s))
}

// keep remembers a person's new entry and gives the change that records it.
func (t *track) keep(e core.ManagedPerson) core.Change {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries[e.OktaID] = e
	return core.Change{Person: &e}
}

// failed notes a step that was not done: what it meant to change stays, and
// what needs it is not tried.
func (t *track) failed(s *core.Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case s.Person != nil:
		t.entries[s.Person.OktaID] = t.entry(s)
	case s.Team != nil && t.teams[s.Team.OktaID] == nil:
		t.teams[s.Team.OktaID] = s.Record.Team.Before
	}
	switch s.Action {
	case core.Adopt, core.Provision, core.Reactivate, core.Suspend, core.CancelInvite:
		t.broken[s.Person.OktaID] = true
	case core.CreateTeam, core.LinkTeam, core.DeleteTeam:
		t.broken[s.Team.OktaID] = true
	}
}

// keepTeam changes the state of a team's groups and gives the change that
// records it. After the team's last step, when none failed, state also learns
// who should be in it.
func (t *track) keepTeam(s *core.Step, set func(*core.ManagedTeam)) core.Change {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.teams[s.Team.OktaID]
	if now == nil {
		now = s.Record.Team.Before
	}
	entries := s.Record.Team.Onto(now)
	for i := range entries {
		if set != nil {
			set(&entries[i])
		}
		switch {
		case t.isLast(s):
			entries[i].Applied.Members = s.Record.Team.Members
		case s.Action.OfMembers():
			entries[i].Applied.Members = entries[i].Applied.Members.With(oktaIDsOf(s.People), s.Action == core.AddMembers)
		}
	}
	t.teams[s.Team.OktaID] = entries
	return core.Change{Teams: slices.Clone(entries)}
}

// isLast says whether s is the last step of its team in the whole plan, and all
// before it were done.
func (t *track) isLast(s *core.Step) bool {
	return t.whole && !t.broken[s.Team.OktaID] && !t.partial[s.Team.OktaID] && t.last[s.Team.OktaID] == s.N
}

// leavePartial notes that a team's people are not all as they should be: state
// does not learn that they are.
func (t *track) leavePartial(team *core.TeamRef) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.partial[team.OktaID] = true
}

// teamID gives a team's id as it is by now.
func (t *track) teamID(team *core.TeamRef) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.teams[team.OktaID]; len(e) > 0 && e[0].TeamID != "" {
		return e[0].TeamID
	}
	return team.AttioID
}

// detour gives the name that a team has by now for a while; empty: none.
func (t *track) detour(team *core.TeamRef) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.teams[team.OktaID]; len(e) > 0 {
		return e[0].Applied.Detour
	}
	return ""
}

// gotID notes the SCIM id that somebody has by now.
func (t *track) gotID(oktaID, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ids[oktaID] = id
}

// provisioned says whether somebody was provisioned here.
func (t *track) provisioned(oktaID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ids[oktaID] != ""
}

// has says whether anybody's entry has an Attio id by now.
func (t *track) has(attioID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.entries {
		if e.AttioID == attioID {
			return true
		}
	}
	return false
}

// hasTeam says whether any group is tied to a team by now.
func (t *track) hasTeam(teamID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, entries := range t.teams {
		if slices.ContainsFunc(entries, func(m core.ManagedTeam) bool { return m.TeamID == teamID }) {
			return true
		}
	}
	return false
}

// blocks says which earlier step keeps one from being tried, empty when none does.
func (t *track) blocks(s *core.Step) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case s.Person != nil && t.broken[s.Person.OktaID]:
		return "an earlier step for " + s.Person.Email + " failed"
	case s.Team != nil && t.broken[s.Team.OktaID] && s.Action.OfMembers():
		return "the team " + s.Team.Name + " could not be made ready"
	}
	return ""
}

// present gives the people of a step who have a SCIM id, with the one they have
// by now, and those who have none because their own step failed.
func (t *track) present(s *core.Step) (here, missing []*core.MemberRef) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range s.People {
		if now := t.ids[m.OktaID]; now != "" && now != m.AttioID {
			m = &core.MemberRef{OktaID: m.OktaID, Email: m.Email, AttioID: now}
		}
		if m.AttioID == "" || m.OktaID != "" && t.broken[m.OktaID] {
			missing = append(missing, m)
			continue
		}
		here = append(here, m)
	}
	return here, missing
}

// membersOf gives the members of a team that this run changed.
func (t *track) membersOf(teamID string) idset.Set {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.members[teamID]
}

func (t *track) setMembers(teamID string, members idset.Set) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.members[teamID] = members
}

func oktaIDsOf(who []*core.MemberRef) []string {
	ids := make([]string, len(who))
	for i, m := range who {
		ids[i] = m.OktaID
	}
	return ids
}
