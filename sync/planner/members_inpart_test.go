package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
)

// unwanted is an Attio that refuses every change which names one of these people.
func unwanted(who ...string) func(core.Action, []string) error {
	return func(_ core.Action, ids []string) error {
		for _, id := range ids {
			if slices.Contains(who, id) {
				return &attio.Error{Kind: attio.Refused, Status: 400, Detail: "no such member", Divisible: len(ids) > 1}
			}
		}
		return nil
	}
}

// crowdOf adds n people, and gives their Okta ids.
func (s *scene) crowdOf(n int) (ids []string) {
	for i := range n {
		id := fmt.Sprintf("p%03d", i)
		s.tied(id, id+"@acme.com")
		ids = append(ids, id)
	}
	return ids
}

func teamOf(s *scene, name string) attio.Team {
	for _, t := range s.in.Workspace.Teams {
		if t.Name == name {
			return t
		}
	}
	return attio.Team{}
}

// TestOneRefusedMemberKeepsNobodyOut: of a refused addition the one at fault is
// found and named, and all others get in, chunk by chunk. State learns who is in,
// and the report says how many.
func TestOneRefusedMemberKeepsNobodyOut(t *testing.T) {
	for _, n := range []int{5, 250} {
		s := newScene()
		all := s.crowdOf(n)
		s.tiedTeam("Eng", "boss")
		s.in.Directory.Groups[0].Members = idset.Of(append([]string{"boss"}, all...)...)
		s.refuses = unwanted("a-p001")
		_, r := s.run(t)
		if len(r.Results) != 1 || r.Results[0].Outcome != core.StepFailed || r.Results[0].People != n-1 {
			t.Fatalf("%d: %+v", n, r.Results)
		}
		want := fmt.Sprintf("%d of %d were added; not p001@acme.com: HTTP 400 (refused): no such member", n-1, n)
		if got := r.Results[0].Detail; got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
		if in := teamOf(s, "Eng").Members; in.Len() != n || in.Has("a-p001") {
			t.Errorf("%d: %d are in", n, in.Len())
		}
		marks, known := s.in.Managed.Teams["g-Eng"].Applied.Members.Marks()
		if !known || len(marks) != n || slices.Contains(marks, core.MarkOf("p001")) {
			t.Errorf("%d: state has %d", n, len(marks))
		}
		s.refuses = nil
		p, _ := s.run(t)
		alike(t, "then", []string{"add_members Eng: p001@acme.com (okta)"}, wordsOfAll(p.Plan.Steps))
	}
}

// TestOneRefusedMemberKeepsNobodyIn: the same of removals. Access that should
// end ends, though one of those who leave is refused.
func TestOneRefusedMemberKeepsNobodyIn(t *testing.T) {
	s := newScene()
	all := s.crowdOf(5)
	s.tiedTeam("Eng", append([]string{"boss"}, all...)...)
	s.in.Directory.Groups[0].Members = idset.Of("boss")
	s.refuses = unwanted("a-p003")
	_, r := s.run(t)
	if len(r.Results) != 1 || r.Results[0].Outcome != core.StepFailed || r.Results[0].People != 4 || !strings.HasPrefix(r.Results[0].Detail, "4 of 5 were removed; not p003@acme.com: ") {
		t.Fatalf("%+v", r.Results)
	}
	if in := teamOf(s, "Eng").Members; in.Len() != 2 || !in.Has("a-p003") {
		t.Errorf("%v are in", in.IDs())
	}
	s.refuses = nil
	p, _ := s.run(t)
	alike(t, "then", []string{"remove_members Eng: p003@acme.com (okta)"}, wordsOfAll(p.Plan.Steps))
}

// TestANewTeamIsMadeWithoutTheRefusedMember: the team is made without members if
// need be, and all but the one get in.
func TestANewTeamIsMadeWithoutTheRefusedMember(t *testing.T) {
	s := newScene()
	all := s.crowdOf(5)
	s.group("g", "Eng", all...)
	s.refuses = unwanted("a-p002")
	_, r := s.run(t)
	if len(r.Results) != 2 || r.Results[0].Outcome != core.StepOK || r.Results[1].Outcome != core.StepFailed || r.Results[1].People != 4 {
		t.Fatalf("%+v", r.Results)
	}
	if in := teamOf(s, "Eng").Members; in.Len() != 4 || in.Has("a-p002") {
		t.Errorf("%v are in", in.IDs())
	}
	s.refuses = nil
	p, _ := s.run(t)
	alike(t, "then", []string{"add_members Eng: p002@acme.com (okta)"}, wordsOfAll(p.Plan.Steps))
}

// TestAServerThatTakesFiftyAtATimeGetsFifty: too many for one request are too
// many for the rest of the run, whatever status says so.
func TestAServerThatTakesFiftyAtATimeGetsFifty(t *testing.T) {
	for _, status := range []int{413, 400} {
		s := newScene()
		all := s.crowdOf(330)
		s.tiedTeam("Eng", "boss")
		s.in.Directory.Groups[0].Members = idset.Of(append([]string{"boss"}, all...)...)
		s.group("g", "Ops", all...)
		s.refuses = func(_ core.Action, ids []string) error {
			if len(ids) > 50 {
				return &attio.Error{Kind: attio.Refused, Status: status, Divisible: true}
			}
			return nil
		}
		_, r := s.run(t)
		if len(r.Results) != 3 || r.Count(core.StepOK) != 3 {
			t.Fatalf("%d: %+v", status, r.Results)
		}
		tooMany := 0
		for _, n := range s.sent {
			if n > 50 {
				tooMany++
			}
		}
		if tooMany > 2 {
			t.Errorf("%d: sent %v", status, s.sent)
		}
		if p, _ := s.run(t); p.Changes() {
			t.Errorf("%d: then %v", status, wordsOfAll(p.Plan.Steps))
		}
	}
}

// TestATeamThatTakesNobodyIsNotAskedForEverybody: where one after the other is
// refused and nobody taken, a run does not ask for thousands.
func TestATeamThatTakesNobodyIsNotAskedForEverybody(t *testing.T) {
	s := newScene()
	all := s.crowdOf(400)
	s.tiedTeam("Eng", "boss")
	s.in.Directory.Groups[0].Members = idset.Of(append([]string{"boss"}, all...)...)
	s.refuses = func(_ core.Action, ids []string) error {
		return &attio.Error{Kind: attio.Refused, Status: 400, Divisible: len(ids) > 1}
	}
	_, r := s.run(t)
	if len(s.sent) > 70 || len(r.Results) != 1 || r.Results[0].People != 0 || !strings.Contains(r.Results[0].Detail, "375 not tried any more") {
		t.Errorf("%d requests: %+v", len(s.sent), r.Results)
	}
}

// TestATeamRefusedAndMadeIsTakenInTheSameRun: where the creation is refused with
// its members and made all the same, the second one, without them, finds the
// group's own team.
func TestATeamRefusedAndMadeIsTakenInTheSameRun(t *testing.T) {
	s := newScene()
	s.group("g", "Eng", "boss")
	f := s.fake()
	f.refuses = func(a core.Action, ids []string) error {
		if a != core.CreateTeam || len(ids) == 0 {
			return nil
		}
		f.ws.Teams = append(f.ws.Teams, attio.Team{ID: "t9", Name: "Eng"})
		return &attio.Error{Kind: attio.Refused, Status: 400, Divisible: true}
	}
	_, r := s.runAt(t, f)
	if r.Count(core.StepOK) != 2 || len(r.Notes) != 1 || r.Notes[0].Code != core.NoteAdoptedLate {
		t.Errorf("%+v", r)
	}
	if m := s.in.Managed.Teams["g"]; m.TeamID != "t9" || !m.Created {
		t.Errorf("state has %+v", m)
	}
	if p, _ := s.run(t); p.Changes() {
		t.Errorf("then %v", wordsOfAll(p.Plan.Steps))
	}
}
