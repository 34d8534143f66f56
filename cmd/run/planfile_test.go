package run

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
)

// freshPlan is what a run would do now.
func freshPlan() core.Plan {
	ada, bo := &core.PersonRef{OktaID: "00u1", Email: "ada@acme.example"}, &core.PersonRef{OktaID: "00u2", Email: "bo@acme.example"}
	team := &core.TeamRef{OktaID: "00g1", AttioID: "t1", Name: "Sales"}
	p := core.Plan{
		FormatVersion: core.FormatVersion, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Workspace: core.WorkspaceRef{ID: "w1", Slug: "acme", Name: "Acme"}, Source: core.SourceRef{OrgURL: "https://acme.okta.com", AppID: "0oa1", AppLabel: "Attio"},
		Steps: []core.Step{
			{N: 1, Action: core.Suspend, Person: ada, AttioID: "m1", Before: core.Values{Status: attio.Active}, After: core.Values{Status: attio.Suspended}, Cause: core.CauseOkta, Reason: "is not assigned in Okta any more"},
			{N: 2, Action: core.Provision, Person: bo, After: core.Values{Email: "bo@acme.example", Role: attio.RoleMember}, Cause: core.CauseOkta},
			{N: 3, Action: core.AddMembers, Team: team, People: []*core.MemberRef{{OktaID: "00u2", Email: "bo@acme.example"}}, Cause: core.CauseOkta},
		},
	}
	p.ID = p.Digest()
	return p
}

// FuzzPlanFile: whatever a saved plan's file holds, and although somebody made
// its digest right again, it gets no step done that a fresh plan does not hold
// exactly so; and no file makes the program fall over.
func FuzzPlanFile(f *testing.F) {
	seed := func(change func(*core.Plan)) {
		p := freshPlan()
		change(&p)
		p.ID = p.Digest()
		b, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	seed(func(*core.Plan) {})
	seed(func(p *core.Plan) { p.Steps = p.Steps[1:] })
	seed(func(p *core.Plan) { p.Steps[0].Person = nil })
	seed(func(p *core.Plan) { p.Steps[0].Team = p.Steps[2].Team })
	seed(func(p *core.Plan) { p.Steps[1].After.Role = attio.RoleAdmin })
	seed(func(p *core.Plan) { p.Steps[0].AttioID = "somebody-else" })
	seed(func(p *core.Plan) { p.Steps[2].People[0].AttioID = "m9" })
	seed(func(p *core.Plan) { p.Steps = append(p.Steps, p.Steps...) })
	seed(func(p *core.Plan) { p.Steps[2].People[0] = nil })
	seed(func(p *core.Plan) { p.Workspace.ID = "w2" })
	f.Add([]byte(`{"steps": 7}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, b []byte) {
		saved, err := parsePlan("plan.json", bytes.NewReader(b))
		if err != nil {
			var p core.Plan
			if json.Unmarshal(b, &p) != nil || !whole(p.Steps) {
				return
			}
			p.ID = p.Digest() // as somebody who knows how would do it
			saved = &p
		}
		for _, s := range saved.Steps {
			_ = view.Describe(s)
		}
		fresh := freshPlan()
		pick, err := match(saved, &fresh, nil)
		if err != nil {
			return
		}
		picked := 0
		for _, s := range fresh.Steps {
			if !pick[s.Key()] {
				continue
			}
			picked++
			same := false
			for _, w := range saved.Steps {
				same = same || w.Same(s)
			}
			if !same {
				t.Errorf("%s would be done, which the file does not hold so", view.Describe(s))
			}
		}
		if picked < len(saved.Steps) && len(saved.Steps) <= len(fresh.Steps) && !twice(saved.Steps) {
			t.Errorf("%d steps would be done of the %d that the file holds, and it was not called stale", picked, len(saved.Steps))
		}
		if _, err := match(saved, &fresh, []core.AppliedPlan{{ID: saved.ID, CreatedAt: saved.CreatedAt}}); err == nil {
			t.Error("it would be applied a second time")
		}
	})
}

func twice(steps []core.Step) bool {
	seen := map[string]bool{}
	for _, s := range steps {
		if seen[s.Key()] {
			return true
		}
		seen[s.Key()] = true
	}
	return false
}
