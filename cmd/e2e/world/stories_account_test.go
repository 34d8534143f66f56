package world

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/faults"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// TestAnInviteIsAcceptedBetweenTheLists: who joins while SCIM's list and that of
// those who joined are read is a member, if under the id of an invite. Taken for an
// invite under the id of a member, to withdraw it would suspend them, and to invite
// the new address would make a second account.
func TestAnInviteIsAcceptedBetweenTheLists(t *testing.T) {
	for _, when := range []struct {
		path string
		n    int64 // request to it
	}{{"/Users", 1}, {"/workspace_members", 1}, {"/workspace_members", 2}} {
		t.Run(fmt.Sprintf("before%s %d", when.path, when.n), func(t *testing.T) { acceptedBefore(t, when.path, when.n) })
	}
}

func acceptedBefore(t *testing.T, path string, nth int64) {
	w := smallWorld(t, nil)
	gus, moved := "gus@else.example", "gus.new@else.example"
	ok(t, w.okta.Assign(gus, "member"))
	clean(t, w, planner.Options{})
	ok(t, w.okta.SetEmail(gus, moved))
	var asked atomic.Int64
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, path) && !r.URL.Query().Has("filter") && asked.Add(1) == nth {
			_ = w.site.AcceptInvite(gus)
		}
		return faults.None
	})
	first := w.apply(t.Context(), planner.Options{})
	t.Logf("first run: %v %v %v", toldAll(first.plan.Steps), first.failed(), first.err)
	w.upset(nil)
	clean(t, w, planner.Options{})
	clean(t, w, planner.Options{})
	s := w.site.Snapshot()
	if m, _ := s.Member(moved); m.Status != attiotest.Active {
		t.Errorf("%s is %q in Attio, want active", moved, m.Status)
	}
	if m, there := s.Member(gus); there {
		t.Errorf("a second account is left behind: %+v", m)
	}
	if n := mails(s)["invite to "+moved]; n != 0 {
		t.Errorf("%d invitations to the new address, though there is an account", n)
	}
}

// TestATeamPassesToAnotherGroup: the settings name one team for another group
// than before, in one change of the settings. Nobody else answers for the team
// then, and the new group takes it over in the very next run.
func TestATeamPassesToAnotherGroup(t *testing.T) {
	w := smallWorld(t, nil)
	_, _, teams := playWorld()
	only := func(c *team) {
		w.policy.Teams.Groups = []core.TeamMapping{{Group: c.id, Team: "Both"}}
	}
	only(teams[0])
	clean(t, w, planner.Options{})
	only(teams[1])
	if got := codes(clean(t, w, planner.Options{}).plan); len(got) > 0 {
		t.Errorf("refused: %v", got)
	}
}

// TestAnAddressOfSomebodyWhoLeft: who is invited to an address that somebody
// had who has left, and accepts, is not taken for them.
func TestAnAddressOfSomebodyWhoLeft(t *testing.T) {
	for _, c := range [][2]string{{"gus@else.example", "hal@else.example"}, {"hal@else.example", "gus@else.example"}} {
		w := smallWorld(t, nil)
		left, comes := c[0], c[1]
		ok(t, w.okta.Assign(left, "member"), w.okta.Assign(comes, "member"))
		clean(t, w, planner.Options{})
		ok(t, w.okta.DeleteUser(left))
		clean(t, w, planner.Options{}) // the invite is withdrawn
		ok(t, w.okta.SetEmail(comes, left))
		clean(t, w, planner.Options{}) // and that address invited
		ok(t, w.site.AcceptInvite(left))
		for _, s := range clean(t, w, planner.Options{}).plan.Steps {
			if s.Action != core.Adopt {
				t.Errorf("nobody should notice but as an invite accepted: %s", told(s))
			}
		}
		if m, _ := w.site.Snapshot().Member(left); m.Status != attiotest.Active {
			t.Errorf("%s is assigned, has joined as %s, and is %s", comes, left, m.Status)
		}
	}
}

// TestALostAccountMovesAlong: somebody whom a run provisioned without learning
// of it, and who has another address before the next run, has one account.
func TestALostAccountMovesAlong(t *testing.T) {
	for _, who := range []string{"ann@acme.example", "gus@else.example"} {
		w := smallWorld(t, nil)
		ok(t, w.okta.Assign(who, "member"))
		w.upset(loseCreations)
		w.apply(t.Context(), planner.Options{})
		w.upset(nil)
		moved := strings.Replace(who, "@", ".new@", 1)
		ok(t, w.okta.SetEmail(who, moved))
		clean(t, w, planner.Options{})
		clean(t, w, planner.Options{})
		s := w.site.Snapshot()
		if m, there := s.Member(who); there {
			t.Errorf("a second account is left behind: %+v", m)
		}
		if _, there := s.Member(moved); !there {
			t.Errorf("nobody is there as %s", moved)
		}
	}
}

// TestAWithdrawnInviteIsSentAnew: whose invite a run withdrew because of another
// address, and did not get to send the new one, is invited by the next run: the
// invite was not declined.
func TestAWithdrawnInviteIsSentAnew(t *testing.T) {
	w := smallWorld(t, nil)
	gus, moved := "gus@else.example", "gus.new@else.example"
	ok(t, w.okta.Assign(gus, "member"))
	clean(t, w, planner.Options{})
	ok(t, w.okta.SetEmail(gus, moved))
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.URL.Query().Has("filter") {
			return faults.Unavailable // whether it was accepted meanwhile
		}
		return faults.None
	})
	t.Log(w.apply(t.Context(), planner.Options{}).failed())
	w.upset(nil)
	out := clean(t, w, planner.Options{})
	if m, _ := w.site.Snapshot().Member(moved); m.Status != attiotest.Invited {
		t.Errorf("%s is %q: %v", moved, m.Status, out.plan.Notes)
	}
}

// TestALostNewInviteEnds: whose invite a run withdrew because of another
// address, and who was invited anew without the run learning of it, is answered
// for all the same: unassigned before the next run, they have no invite after it.
func TestALostNewInviteEnds(t *testing.T) {
	w := smallWorld(t, nil)
	gus, moved := "gus@else.example", "gus.new@else.example"
	ok(t, w.okta.Assign(gus, "member"))
	clean(t, w, planner.Options{})
	ok(t, w.okta.SetEmail(gus, moved))
	var sent atomic.Bool
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		sent.Store(sent.Load() || side == "attio" && r.Method == http.MethodPost)
		if side == "attio" && sent.Load() {
			return faults.AnswerLost
		}
		return faults.None
	})
	w.apply(t.Context(), planner.Options{})
	w.upset(nil)
	if m, _ := w.site.Snapshot().Member(moved); m.Status != attiotest.Invited {
		t.Fatalf("%s is %q; the story needs an invite that was sent", moved, m.Status)
	}
	ok(t, w.okta.Unassign(gus))
	clean(t, w, planner.Options{})
	clean(t, w, planner.Options{})
	if m, there := w.site.Snapshot().Member(moved); there {
		t.Errorf("gus is unassigned, and %s is still %s", moved, m.Status)
	}
}
