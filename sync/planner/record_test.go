package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"scim-sync/internal/sample"

	core "scim-sync/sync"
)

// TestApplyingLeavesWhatTheStepsSaid: when every step is done as it was planned,
// state holds exactly what the last step about each person and each team said,
// and nothing of anybody else has changed but by the plan's updates. Ids are
// Attio's to give, and who joins at once is for Attio to say.
func TestApplyingLeavesWhatTheStepsSaid(t *testing.T) {
	compared := 0
	sample.Check(t, func(t *rapid.T) {
		play := playing(possible(t))
		want := cloned(play.managed)
		p, ok := play.once(Options{}, nil, nil)
		if !ok || play.failed > 0 {
			return
		}
		for _, c := range p.Updates {
			want.Apply(c)
		}
		last, said := map[string]int{}, map[string]core.ManagedPerson{}
		for _, s := range p.Plan.Steps {
			if s.Team != nil {
				last[s.Team.OktaID] = s.N
			}
		}
		for _, s := range p.Plan.Steps {
			switch r := s.Record; {
			case s.Person != nil:
				now, met := said[s.Person.OktaID]
				if !met {
					now = s.EntryBefore()
				}
				now = s.EntryOnto(now) // an exchange of addresses may put their steps into another order
				said[s.Person.OktaID] = now
				want.Apply(core.Change{Person: &now, Removal: r.Removal})
			case r.Team.Forget != nil:
				want.Apply(core.Change{ForgetTeams: r.Team.Forget})
			default:
				for _, m := range r.Team.After {
					if m.Applied.Members = want.Teams[m.GroupID].Applied.Members; last[s.Team.OktaID] == s.N {
						m.Applied.Members = r.Team.Members
					}
					want.Teams[m.GroupID] = m
				}
			}
		}
		compared += len(p.Plan.Steps)
		got := play.managed
		for id, e := range want.People {
			now := got.People[id]
			if e.AttioID == "" {
				e.AttioID = now.AttioID
			}
			if e.Kind == core.Invite {
				e.Kind = now.Kind
			}
			want.People[id] = e
		}
		for id, m := range want.Teams {
			if m.TeamID == "" {
				m.TeamID = got.Teams[id].TeamID
			}
			if now := got.Teams[id].Applied.Members; last[id] == 0 || m.Applied.Members == "" {
				m.Applied.Members = now // of a team with steps of members only in part, what is known of each step
			}
			if strings.TrimSpace(m.Applied.Name) == "" {
				now := got.Teams[id].Applied // no name that a team can have
				m.Applied.NotTaken, m.Applied.Kept = now.NotTaken, now.Kept
			}
			want.Teams[id] = m
		}
		if d := cmp.Diff(want.People, got.People); d != "" {
			t.Fatalf("people (-said +held):\n%s\n%v", d, wordsOfAll(p.Plan.Steps))
		}
		if d := cmp.Diff(want.Teams, got.Teams); d != "" {
			t.Fatalf("teams (-said +held):\n%s\n%v", d, wordsOfAll(p.Plan.Steps))
		}
	})
	if compared == 0 {
		t.Error("no step was compared")
	}
}
