package sandbox

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	"scim-sync/attio/scim"
	"scim-sync/config"
	"scim-sync/idp/okta"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// TestDefaultWorldShowsEveryStep: the world that people try first shows every
// kind of step but deleting a team, and nothing in it is refused.
func TestDefaultWorldShowsEveryStep(t *testing.T) {
	s := start(t)
	p := proposal(t, s, s.Managed)
	seen := map[core.Action]int{}
	for _, st := range p.Plan.Steps {
		seen[st.Action]++
		t.Logf("%d %s %v %v %v: %s (%s)", st.N, st.Action, st.Person, st.Team, st.After, st.Reason, st.Cause)
	}
	for _, a := range []core.Action{core.Provision, core.Adopt, core.Reactivate, core.Suspend, core.CancelInvite, core.Promote, core.Demote,
		core.Rename, core.ChangeEmail, core.CreateTeam, core.LinkTeam, core.RenameTeam, core.AddMembers, core.RemoveMembers} {
		if seen[a] == 0 {
			t.Errorf("the default world shows no %s", a)
		}
	}
	for _, r := range p.Plan.Refusals {
		t.Errorf("refused: %+v", r)
	}
	for _, n := range p.Plan.Notes {
		t.Logf("note %+v", n)
	}
	t.Logf("%+v", p.Plan.Summary)
}

// TestApplyLeavesNothing: after one apply the next plan is empty, and nothing
// that Okta does not manage was touched.
func TestApplyLeavesNothing(t *testing.T) {
	s := start(t)
	store := state.Memory(s.Managed)
	run, err := store.Begin(t.Context(), state.RunInfo{RunID: "1", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	before := s.Attio.Snapshot()
	p := proposal(t, s, run.Managed())
	writer, err := scim.NewWriter(sides(t, s))
	if err != nil {
		t.Fatal(err)
	}
	report := apply.Apply(t.Context(), &p.Planned, apply.Ports{Reader: reader(t, s), Writer: writer, Journal: run, Now: time.Now})
	for _, r := range report.Results {
		if r.Outcome != core.StepOK {
			t.Errorf("step %d %s: %s: %s", r.Step.N, r.Step.Action, r.Outcome, r.Detail)
		}
	}
	for _, n := range report.Notes {
		t.Errorf("note: %+v", n)
	}
	managed := run.Managed()
	if err := run.Finish(t.Context(), state.Summary{}); err != nil {
		t.Fatal(err)
	}
	again := proposal(t, s, managed)
	for _, st := range again.Plan.Steps {
		t.Errorf("left to do: %s %v %v %s", st.Action, st.Person, st.Team, st.Reason)
	}
	if len(again.Learns()) > 0 {
		t.Error("the second run still has something to learn")
	}
	if diff := cmp.Diff(unmanaged(before), unmanaged(s.Attio.Snapshot())); diff != "" {
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

func start(t *testing.T) *Sandbox {
	t.Helper()
	b, err := os.ReadFile("../../testdata/worlds/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w, err := ParseWorld(b)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), w, Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func sides(t *testing.T, s *Sandbox) (*scim.Reader, scim.Options) {
	t.Helper()
	o := scim.Options{APIURL: s.AttioURL, SCIMURL: s.AttioURL + "/scim/v2", Transport: http.DefaultTransport,
		Token: func(context.Context) (string, error) { return s.world.Attio.Tokens[0].Token, nil }}
	r, err := scim.NewReader(o)
	if err != nil {
		t.Fatal(err)
	}
	return r, o
}

func reader(t *testing.T, s *Sandbox) *scim.Reader {
	r, _ := sides(t, s)
	return r
}

func proposal(t *testing.T, s *Sandbox, m core.Managed) *planner.Draft {
	t.Helper()
	src, err := okta.New(t.Context(), okta.Options{OrgURL: s.OktaURL, AppID: s.Okta.AppID(),
		APIToken:      func() (string, error) { return s.world.Okta.APIToken, nil },
		RoleAttribute: "roles", EmailAttribute: "email", Transport: http.DefaultTransport})
	if err != nil {
		t.Fatal(err)
	}
	policy := config.Default().Policy
	policy.VerifiedDomains = []string{"fernwood.example"}
	policy.Teams.Groups = []core.TeamMapping{{Group: "Marketing", Team: "Growth"}}
	r := reader(t, s)
	dir, ws, err := planner.Gather(t.Context(), src, r, policy.Query(), func(string, string, int) {})
	if err != nil {
		t.Fatal(err)
	}
	p, err := planner.Prepare(t.Context(), src, r, planner.Input{Directory: dir, Workspace: ws, Managed: m, Policy: policy, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
