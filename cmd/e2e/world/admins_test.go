package world

import (
	"context"
	"errors"
	"fmt"
	"scim-sync/config"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/sandbox"
	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/faults"
	"scim-sync/internal/sample"
	"scim-sync/sync/planner"
)

// handover is a workspace whose only admin is to be a member, or to leave, while
// others become admins: one who is there, one who is new.
func handover(leaves bool) *sandbox.World {
	w := &sandbox.World{}
	w.Okta.App = oktatest.App{Label: "Attio", RoleType: "array"}
	admin, member := map[string]any{"roles": []string{"admin"}}, map[string]any{"roles": []string{"member"}}
	for _, login := range []string{"old@acme.example", "there@acme.example", "new@acme.example"} {
		w.Okta.Users = append(w.Okta.Users, oktatest.User{Login: login, FirstName: login[:3], LastName: "Admin"})
	}
	w.Okta.Assignments = []oktatest.Assignment{{User: "there@acme.example", Profile: admin}, {User: "new@acme.example", Profile: admin}}
	if !leaves {
		w.Okta.Assignments = append(w.Okta.Assignments, oktatest.Assignment{User: "old@acme.example", Profile: member})
	}
	w.Attio.Workspace = attiotest.Workspace{Slug: "acme", Name: "Acme", VerifiedDomains: []string{"acme.example"}}
	w.Attio.Members = []attiotest.Member{
		{Email: "old@acme.example", GivenName: "old", FamilyName: "Admin", Role: attiotest.RoleAdmin},
		{Email: "there@acme.example", GivenName: "the", FamilyName: "Admin"},
		{Email: "desk@acme.example", GivenName: "Front", FamilyName: "Desk"},
	}
	w.Attio.Tokens = []attiotest.Token{{Token: "sandbox-attio-token", AuthorizedBy: "desk@acme.example"}}
	w.Managed.People = []sandbox.ManagedPerson{{User: "old@acme.example"}, {User: "there@acme.example"}}
	return w
}

func openHandover(leaves bool, see func(attiotest.Snapshot)) (*world, error) {
	policy := config.Default().Policy
	policy.VerifiedDomains, policy.Teams.Source = []string{"acme.example"}, idp.NoTeams
	return newWorld(handover(leaves), worldOptions{observer: see, behaviour: careless(), policy: policy, start: monday})
}

// TestAnAdminRemainsWhateverFails: every request of a run in which the only
// admin gives way to others goes wrong in every way, at an Attio that would let
// go of the last one. It is never asked to.
func TestAnAdminRemainsWhateverFails(t *testing.T) {
	played := 0
	for _, leaves := range []bool{false, true} {
		w, err := openHandover(leaves, nil)
		if err != nil {
			t.Fatal(err)
		}
		clean(t, w, planner.Options{})
		requests := int(w.counts["attio"].Load())
		if s := w.site.Snapshot(); s.Workspace.ActiveAdmins != 2 {
			t.Errorf("leaves %v: %d active admins in the end, want 2", leaves, s.Workspace.ActiveAdmins)
		}
		_ = w.close()
		var cases []mishap
		for n := 1; n <= requests; n++ {
			for _, kind := range []faults.Kind{refused, faults.Closed, faults.AnswerLost, faults.Reset, faults.ServerError, faults.Unavailable, faults.HTML, faults.WrongType, faults.Truncated, faults.EmptyBody, faults.NullBody, interrupted} {
				cases = append(cases, mishap{side: "attio", n: n, kind: kind}, mishap{side: "attio", n: n, kind: kind, on: true})
			}
		}
		cases = sample.Of(cases, 17)
		several(cases, func(m mishap) {
			if err := adminsSurvive(t.Context(), leaves, m); err != nil {
				t.Errorf("leaves %v: %s: %v", leaves, m, err)
			}
		})
		played += len(cases)
	}
	t.Logf("%d cases", played)
}

func adminsSurvive(ctx context.Context, leaves bool, m mishap) error {
	watch := &watch{}
	w, err := openHandover(leaves, watch.see)
	if err != nil {
		return err
	}
	defer w.close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	run, interrupt := context.WithCancel(ctx)
	defer interrupt()
	w.upset(m.befallsA(interrupt))
	w.apply(run, planner.Options{})
	w.upset(nil)
	if ctx.Err() != nil {
		return errors.New("the run hangs")
	}
	if err := w.settleDown(ctx); err != nil {
		return err
	}
	if n := w.site.Snapshot().Workspace.ActiveAdmins; n != 2 {
		return fmt.Errorf("%d active admins in the end, want 2", n)
	}
	return watch.err()
}
