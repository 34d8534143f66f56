package planner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
)

// ring is teams that each should have the next one's name.
func ring(names ...string) *scene {
	s := newScene()
	for _, n := range names {
		s.tiedTeam(n, "boss")
	}
	for i := range names {
		s.in.Directory.Groups[i].Name = names[(i+1)%len(names)]
	}
	return s
}

// named gives the names of the scene's teams by their ids.
func (s *scene) named() map[string]string {
	names := map[string]string{}
	for _, t := range s.in.Workspace.Teams {
		names[t.ID] = t.Name
	}
	return names
}

// endsWell fails unless each team has its group's name, and nothing is left to do.
func (s *scene) endsWell(t *testing.T, what string) {
	t.Helper()
	names := s.named()
	for _, g := range s.in.Directory.Groups {
		want := g.Name
		if m := s.in.Managed.Teams[g.ID]; m.Applied.KeepName {
			want = m.Applied.Name
		}
		if got := names[s.in.Managed.Teams[g.ID].TeamID]; got != want {
			t.Errorf("%s: %s's team is called %q", what, g.Name, got)
		}
		if m := s.in.Managed.Teams[g.ID].Applied; m.Name != want || m.Detour != "" {
			t.Errorf("%s: state has %+v", what, m)
		}
	}
	if p := s.propose(t); p.Changes() || len(p.Plan.Refusals) > 0 || len(p.Updates) > 0 {
		t.Errorf("%s: then %v %v %+v", what, wordsOfAll(p.Plan.Steps), refusalWords(p.Plan.Refusals), p.Updates)
	}
}

// TestTeamsExchangeTheirNames: however many, however spelt, in Okta or by hand,
// and in one run.
func TestTeamsExchangeTheirNames(t *testing.T) {
	byHand := func(s *scene) {
		for i := range s.in.Directory.Groups { // the groups as they were, the teams exchanged
			s.in.Directory.Groups[i].Name, s.in.Workspace.Teams[i].Name = s.in.Workspace.Teams[i].Name, s.in.Directory.Groups[i].Name
		}
	}
	for name, s := range map[string]*scene{
		"two": ring("A", "B"), "three": ring("A", "B", "C"), "five": ring("A", "B", "C", "D", "E"),
		"two rings": func() *scene {
			s := ring("A", "B", "C", "D")
			for i, n := range []string{"B", "A", "D", "C"} {
				s.in.Directory.Groups[i].Name = n
			}
			return s
		}(),
		"in another spelling": func() *scene {
			s := ring("Ann", "Ben")
			s.in.Directory.Groups[0].Name, s.in.Directory.Groups[1].Name = "BEN", "ann"
			return s
		}(),
		"where the name for a while is taken": func() *scene {
			s := ring("A", "B")
			s.team("x", "a (Renaming)")
			return s
		}(),
	} {
		for _, hand := range []bool{false, true} {
			if hand && name == "in another spelling" {
				continue // then it is not the very names that were exchanged
			}
			s, cause := cloneScene(s), core.CauseOkta
			if hand {
				byHand(s)
				cause = core.CauseDrift
			}
			what := fmt.Sprint(name, ", by hand ", hand)
			p, r := s.run(t)
			if len(r.Results) < 3 || r.Count(core.StepOK) != len(r.Results) || len(p.Plan.Refusals) > 0 {
				t.Errorf("%s: %+v %v", what, r.Results, refusalWords(p.Plan.Refusals))
			}
			for _, st := range p.Plan.Steps {
				if st.Cause != cause {
					t.Errorf("%s: %s", what, told(st))
				}
			}
			s.endsWell(t, what)
		}
	}
}

func cloneScene(s *scene) *scene {
	c := *s
	c.in.Managed.Teams = maps.Clone(s.in.Managed.Teams)
	c.in.Directory.Groups, c.in.Workspace.Teams = slices.Clone(s.in.Directory.Groups), slices.Clone(s.in.Workspace.Teams)
	return &c
}

// cutting is an Attio that ends the run around its n-th rename.
type cutting struct {
	*fakeAttio
	left int
	cut  context.CancelFunc
}

func (c *cutting) RenameTeam(ctx context.Context, id, name string) (attio.Team, attio.Receipt, error) {
	if c.left--; c.left == 0 {
		c.cut()
	}
	return c.fakeAttio.RenameTeam(ctx, id, name)
}

// cutJournal is a journal that is cut off before the outcome of the n-th write.
type cutJournal struct {
	memoryJournal
	left       int
	unfinished []core.Unfinished
	last       core.Intent
}

func (j *cutJournal) Announce(ctx context.Context, i core.Intent) (uint64, error) {
	j.last = i
	return j.memoryJournal.Announce(ctx, i)
}

func (j *cutJournal) Complete(ctx context.Context, n uint64, o core.Outcome) error {
	if j.left--; j.left == 0 {
		j.unfinished = []core.Unfinished{{At: now, Intent: j.last}}
		return nil
	}
	return j.memoryJournal.Complete(ctx, n, o)
}

// TestADetourThatWasCutOffGoesOn: wherever a run ends, and whether it could note
// what it did or not, the next one brings all to their names, and blames nobody.
func TestADetourThatWasCutOffGoesOn(t *testing.T) {
	for _, noted := range []bool{true, false} {
		for _, keep := range []bool{false, true} {
			for n := 1; n <= 4; n++ {
				what := fmt.Sprintf("cut at %d, noted %v, names kept %v", n, noted, keep)
				s := ring("A", "B", "C")
				if keep { // linked under names of their own, which were exchanged by hand
					for i, g := range s.in.Directory.Groups {
						s.retie(g.ID, func(m *core.ManagedTeam) { m.Applied.KeepName, m.Applied.Name = true, g.Name })
						s.in.Directory.Groups[i].Name = "group " + g.ID
					}
				}
				ctx, cut := context.WithCancel(t.Context())
				f := &cutting{s.fake(), n, cut}
				j := &cutJournal{memoryJournal: memoryJournal{m: &s.in.Managed}}
				if !noted {
					j.left = n
				}
				p := s.propose(t)
				apply.Apply(ctx, &p.Planned, apply.Ports{Reader: f, Writer: f, Journal: j, Now: func() time.Time { return now }, Parallel: 1})
				cut()
				s.in.Workspace, s.in.Unfinished = f.ws, j.unfinished
				p, r := s.run(t)
				if r.Count(core.StepOK) != len(r.Results) || len(p.Plan.Refusals) > 0 {
					t.Errorf("%s: %+v", what, r.Results)
				}
				for _, st := range p.Plan.Steps {
					if strings.HasSuffix(st.Before.Name, "(renaming)") && !st.Detour && st.Cause != core.CauseOkta {
						t.Errorf("%s: nobody did anything by hand: %s", what, told(st))
					}
				}
				s.in.Unfinished = nil
				s.endsWell(t, what)
			}
		}
	}
}

// TestADetourThatIsRefusedIsTakenBack: where a team of the ring cannot be renamed,
// none is left under a name that was meant for a while.
func TestADetourThatIsRefusedIsTakenBack(t *testing.T) {
	s := ring("A", "B")
	f := s.fake()
	stuck := &stubbornTeam{f, "t-B"}
	p := s.propose(t)
	r := apply.Apply(t.Context(), &p.Planned, apply.Ports{Reader: f, Writer: stuck, Journal: &memoryJournal{m: &s.in.Managed}, Now: func() time.Time { return now }, Parallel: 1})
	s.in.Workspace = f.ws
	if got := s.named(); got["t-A"] != "A" || got["t-B"] != "B" {
		t.Errorf("they are called %v", got)
	}
	if r.Count(core.StepFailed) != 2 || !strings.Contains(r.Results[2].Detail, "it has its former name A back") {
		t.Errorf("%+v", r.Results)
	}
	s.run(t)
	s.endsWell(t, "the next run")
}

type stubbornTeam struct {
	*fakeAttio
	id string
}

func (f *stubbornTeam) RenameTeam(ctx context.Context, id, name string) (attio.Team, attio.Receipt, error) {
	if id == f.id {
		return attio.Team{}, attio.Receipt{}, &attio.Error{Kind: attio.Refused, Status: 400}
	}
	return f.fakeAttio.RenameTeam(ctx, id, name)
}

// TestADetourIsMadeWholeOrNotAtAll: with --only, and from a file that holds a part
// of the ring, nobody is left on the way.
func TestADetourIsMadeWholeOrNotAtAll(t *testing.T) {
	for _, only := range []string{"g-A", "g-B", "g-C"} {
		s := ring("A", "B", "C")
		s.in.Options.Only = only
		s.run(t)
		s.in.Options.Only = ""
		s.endsWell(t, "--only "+only)
	}
	for n := range 4 {
		s := ring("A", "B", "C")
		i := -1
		s.choose(t, func(core.Step) bool { i++; return i != n })
		p, _ := s.run(t)
		if p.Changes() || len(p.Plan.Held) == 0 {
			t.Errorf("without step %d: %v", n+1, wordsOfAll(p.Plan.Steps))
		}
	}
}

// TestANameThatStaysTakenHoldsBackWhoWouldTakeIt: a deletion that is held back, by
// the flag or a cap, holds back the team that would be called so.
func TestANameThatStaysTakenHoldsBackWhoWouldTakeIt(t *testing.T) {
	for name, set := range map[string]func(*scene){
		"no removals": func(s *scene) { s.in.Options.NoRemovals = true },
		"a cap": func(s *scene) {
			s.in.Policy.Protect.TeamRemovals, s.in.Policy.Protect.TeamRemovalsFloor = core.Amount{}, 0
		},
	} {
		s := newScene()
		s.in.Policy.Teams.DeleteGone = true
		s.tiedTeam("A", "boss")
		s.in.Directory.Groups[0].ID = "new"
		s.lost("g-A")
		set(s)
		if p := s.propose(t); len(p.Plan.Steps) > 0 || len(p.Plan.Held) != 3 {
			t.Errorf("%s: %v, held %+v", name, wordsOfAll(p.Plan.Steps), p.Plan.Held)
		}
	}
}
