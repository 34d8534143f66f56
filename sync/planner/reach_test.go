package planner

import (
	"errors"
	"slices"
	"testing"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
)

// everything is a scene whose plan has a step of nearly every action.
func everything() *scene {
	s := newScene()
	s.in.Policy.VerifiedDomains = []string{"acme.com"}
	s.tied("1", "ada@acme.com", roles("admin"))
	s.tied("2", "bea@acme.com", func(t *trio) { t.okta.FamilyName = "Other" })
	s.tied("3", "cem@acme.com", func(t *trio) { t.okta.Email = "cem.new@acme.com" })
	s.fresh("4", "dan@acme.com")
	s.fresh("5", "eve@acme.com")
	s.left("6", "fay@acme.com")
	s.left("7", "gus@acme.com", invited(1))
	s.group("g-new", "New", "1", "4")
	s.tiedTeam("Old", "1")
	s.in.Directory.Groups[len(s.in.Directory.Groups)-1].Members = s.in.Directory.Groups[0].Members
	return s
}

// TestRefusalConcernsItsStep: a write that is refused in words that may mean the
// token or the plan ends nothing while a read says that both are as they should
// be, and ends the run once it says otherwise; one question is enough.
func TestRefusalConcernsItsStep(t *testing.T) {
	refusal := &attio.Error{Kind: attio.Refused, Status: 403, Detail: "not authorized to change the role of an owner", ReachUnknown: true}
	lapsed := &attio.Error{Kind: attio.NoSCIM, Status: 402}
	actions := map[core.Action]bool{}
	for _, step := range everything().propose(t).Plan.Steps {
		actions[step.Action] = true
	}
	for a := range actions {
		if a == core.Adopt || a == core.LinkTeam {
			continue
		}
		for _, answer := range []error{nil, &attio.Error{Kind: attio.Unavailable}, lapsed} {
			s := everything()
			p := s.propose(t)
			f := (&fakeAttio{ws: s.in.Workspace, verified: s.in.Policy.VerifiedDomains, fail: map[core.Action]bool{a: true}, with: refusal, check: answer}).clone()
			r := apply.Apply(t.Context(), &p.Planned, apply.Ports{Reader: f, Writer: f, Journal: &memoryJournal{m: &s.in.Managed}, Now: func() time.Time { return now }, Parallel: 1})
			var failed, refused []core.Action
			for _, res := range r.Results {
				if res.Outcome != core.StepOK {
					failed = append(failed, res.Step.Action)
				}
				if errors.Is(res.Err, error(refusal)) {
					refused = append(refused, res.Step.Action)
				}
			}
			if len(refused) == 0 || refused[0] != a {
				t.Fatalf("%s was not refused: %v", a, refused)
			}
			if answer == error(lapsed) {
				if !errors.Is(r.Err, lapsed) || len(refused) != 1 || f.checks != 1 {
					t.Errorf("%s, and the plan has lapsed: %v, %d refused, %d questions", a, r.Err, len(refused), f.checks)
				}
				continue
			}
			others := slices.DeleteFunc(failed, func(o core.Action) bool {
				return o == a || (a == core.CreateTeam || a == core.Provision) && (o == core.AddMembers || o == core.RemoveMembers)
			})
			if r.Err != nil || len(others) > 0 || answer == nil && f.checks != 1 {
				t.Errorf("%s, and all is well: %v, also failed %v, %d questions", a, r.Err, others, f.checks)
			}
		}
	}
	if len(actions) < 8 {
		t.Errorf("only %v", actions)
	}
}
