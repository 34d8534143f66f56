package world

import (
	"net/http"
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/faults"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// TestAnInviteIsAcceptedMeanwhile: who accepts between the reading and the
// withdrawal is no withdrawn invite. The step fails and says so, and the next
// run deals with the member: suspended, or given the new address; never left
// behind with a second account beside.
func TestAnInviteIsAcceptedMeanwhile(t *testing.T) {
	gus, moved := "gus@else.example", "gus.new@else.example"
	for name, c := range map[string]struct {
		change func(*world) error
		want   attiotest.Status // in Attio in the end
		at     string           // address
	}{
		"unassigned":      {func(w *world) error { return w.okta.Unassign(gus) }, attiotest.Suspended, gus},
		"another address": {func(w *world) error { return w.okta.SetEmail(gus, moved) }, attiotest.Active, moved},
	} {
		t.Run(name, func(t *testing.T) {
			w := smallWorld(t, nil)
			ok(t, w.okta.Assign(gus, "member"), w.okta.AddMember("Eng", gus))
			clean(t, w, planner.Options{})
			ok(t, c.change(w))
			w.upset(func(side string, _ int, r *http.Request) faults.Kind {
				if side == "attio" && r.Method == http.MethodDelete {
					_ = w.site.AcceptInvite(gus)
				}
				return faults.None
			})
			if out := w.apply(t.Context(), planner.Options{}); len(out.failed()) == 0 || !strings.Contains(out.failed()[0], "was accepted before it could be withdrawn") {
				t.Fatalf("failed: %v", out.failed())
			}
			w.upset(nil)
			for _, step := range clean(t, w, planner.Options{}).plan.Steps {
				if step.Action == core.Suspend && step.Cause != core.CauseOkta {
					t.Errorf("nobody did anything by hand: %s", toldAll([]core.Step{step}))
				}
			}
			clean(t, w, planner.Options{})
			s := w.site.Snapshot()
			if m, _ := s.Member(c.at); m.Status != c.want {
				t.Errorf("%s is %q in Attio, want %s", c.at, m.Status, c.want)
			}
			for _, other := range []string{gus, moved} {
				if m, there := s.Member(other); there && other != c.at {
					t.Errorf("there is a second account: %+v", m)
				}
			}
			if n := mails(s)["invite to "+gus] + mails(s)["invite to "+moved]; n != 1 {
				t.Errorf("%d invitations were sent", n)
			}
		})
	}
}

// TestAddressesPassOn: one run is enough where one gives up an address that
// another takes.
func TestAddressesPassOn(t *testing.T) {
	w := smallWorld(t, nil)
	ok(t, w.okta.Assign("ann@acme.example", "member"), w.okta.Assign("ben@acme.example", "member"), w.okta.Assign("cat@acme.example", "member"))
	clean(t, w, planner.Options{})
	before := w.site.Snapshot()
	for _, to := range [][2]string{{"cat", "cat.new"}, {"ben", "cat"}, {"ann", "ben"}} {
		ok(t, w.okta.SetEmail(to[0]+"@acme.example", to[1]+"@acme.example"))
	}
	clean(t, w, planner.Options{})
	after := w.site.Snapshot()
	for from, to := range map[string]string{"cat": "cat.new", "ben": "cat", "ann": "ben"} {
		was, _ := before.Member(from + "@acme.example")
		if is, there := after.Member(to + "@acme.example"); !there || is.ID != was.ID {
			t.Errorf("%s is not %s in Attio, but %+v", to, from, is)
		}
	}
	if left := clean(t, w, planner.Options{}).plan; len(left.Steps)+len(left.Refusals) > 0 {
		t.Errorf("left: %v %v", toldAll(left.Steps), left.Refusals)
	}
}
