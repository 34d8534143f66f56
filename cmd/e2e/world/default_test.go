package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// undisturbed serves the default world with nothing going wrong.
func undisturbed(t *testing.T) *world {
	t.Helper()
	w, err := defaultWorld(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	return w
}

// TestDefaultWorldShowsEveryStep: the world that people try first shows every
// kind of step but deleting a team, and nothing in it is refused.
func TestDefaultWorldShowsEveryStep(t *testing.T) {
	p, err := undisturbed(t).plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[core.Action]int{}
	for _, s := range p.Steps {
		seen[s.Action]++
	}
	for _, a := range []core.Action{core.Provision, core.Adopt, core.Reactivate, core.Suspend, core.CancelInvite, core.Promote, core.Demote,
		core.Rename, core.ChangeEmail, core.CreateTeam, core.LinkTeam, core.RenameTeam, core.AddMembers, core.RemoveMembers} {
		if seen[a] == 0 {
			t.Errorf("the default world shows no %s", a)
		}
	}
	for _, r := range p.Refusals {
		t.Errorf("refused: %+v", r)
	}
}

// TestApplyLeavesNothing: after one apply the next plan is empty, and nothing
// that Okta does not manage was touched.
func TestApplyLeavesNothing(t *testing.T) {
	w := undisturbed(t)
	before := w.site.Snapshot()
	out := w.apply(t.Context(), planner.Options{})
	if out.err != nil || len(out.failed()) > 0 || len(out.report.Notes) > 0 {
		t.Errorf("%v %v; notes: %+v", out.err, out.failed(), out.report.Notes)
	}
	m, unfinished, info, err := w.store.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, _, done, err := w.propose(t.Context(), m, unfinished, info.Exists, planner.Options{})
	defer done()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range again.Plan.Steps {
		t.Errorf("left to do: %s", told(s))
	}
	if len(again.Learns()) > 0 {
		t.Error("the second run still has something to learn")
	}
	if diff := cmp.Diff(unmanaged(before), unmanaged(w.site.Snapshot())); diff != "" {
		t.Errorf("unmanaged people or teams were touched:\n%s", diff)
	}
}

// unmanaged gives what nobody may touch in the default world.
func unmanaged(s attiotest.Snapshot) (left []any) {
	for _, m := range s.Members {
		if m.Email == "nadia.cruz@crm-experts.example" || m.Email == "finance@fernwood.example" {
			left = append(left, m)
		}
	}
	for _, t := range s.Teams {
		if t.Name == "Board papers" {
			left = append(left, t)
		}
	}
	return left
}
