package world

import (
	"net/http"
	"scim-sync/config"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/faults"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// smallWorld serves the small world of the model, after a first run.
func smallWorld(t *testing.T, behaviour *attiotest.Behaviour) *world {
	t.Helper()
	made, _, teams := playWorld()
	w, err := newWorld(made, worldOptions{behaviour: behaviour, policy: playPolicy(teams), start: monday})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	clean(t, w, planner.Options{})
	return w
}

// clean is a run in which nothing fails.
func clean(t *testing.T, w *world, o planner.Options) outcome {
	t.Helper()
	out := w.apply(t.Context(), o)
	if out.err != nil || len(out.failed()) > 0 {
		t.Fatalf("%v %v", out.err, out.failed())
	}
	return out
}

func ok(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// codes are the codes and subjects of refusals.
func codes(p core.Plan) (list []string) {
	for _, r := range p.Refusals {
		list = append(list, string(r.Code)+" "+r.Subject)
	}
	return list
}

// TestAttioKeepsAnAddress: told as a failed step, then as a refusal, and only
// when asked for by name the old account gives way to a new one.
func TestAttioKeepsAnAddress(t *testing.T) {
	b := attiotest.DefaultBehaviour()
	b.PutChangesUserName = false
	w := smallWorld(t, &b)
	ann, changed := "ann@acme.example", "ann.new@acme.example"
	ok(t, w.okta.Assign(ann, "member"), w.okta.AddMember("Eng", ann))
	clean(t, w, planner.Options{})
	ok(t, w.okta.SetEmail(ann, changed), w.okta.AddMember("Ops", ann))
	if out := w.apply(t.Context(), planner.Options{}); len(out.failed()) != 1 || !strings.Contains(out.failed()[0], "kept the address "+ann) {
		t.Fatalf("failed: %v; want the address alone", out.failed())
	}
	for range 2 {
		out := clean(t, w, planner.Options{})
		if d := cmp.Diff([]string{"email-not-changed " + changed}, codes(out.plan)); d != "" || len(out.plan.Steps) > 0 {
			t.Fatalf("steps %v, refusals:\n%s", toldAll(out.plan.Steps), d)
		}
		if remedy := out.plan.Refusals[0].Remedy; !strings.HasSuffix(remedy, "scim-sync apply --only "+changed) {
			t.Errorf("remedy: %s", remedy)
		}
	}
	clean(t, w, planner.Options{Only: changed})
	s := w.site.Snapshot()
	if old, _ := s.Member(ann); old.Status != attiotest.Suspended {
		t.Errorf("the old account is %s", old.Status)
	}
	if now, _ := s.Member(changed); now.Status != attiotest.Active {
		t.Errorf("the new account is %q", now.Status)
	}
	for _, name := range []string{"Eng", "Ops"} {
		if team, _ := s.Team(name); !strings.Contains(strings.Join(team.Members, " "), changed) {
			t.Errorf("the new account is not in %s: %v", name, team.Members)
		}
	}
	if out := clean(t, w, planner.Options{}); len(out.plan.Steps)+len(out.plan.Refusals) > 0 {
		t.Errorf("still to do: %v %v", toldAll(out.plan.Steps), codes(out.plan))
	}
}

// TestTeamsPassOnTheirNames: a name is taken only once its team has left it,
// in one run, also where teams exchange their names.
func TestTeamsPassOnTheirNames(t *testing.T) {
	w := smallWorld(t, nil)
	eng, _ := w.site.Snapshot().Team("Eng")
	ops, _ := w.site.Snapshot().Team("Ops")
	called := func(id, want string) {
		t.Helper()
		if got := teamByID(w.site.Snapshot(), id).Name; got != want {
			t.Errorf("the team is called %q, want %q", got, want)
		}
	}
	ok(t, w.okta.RenameGroup("Ops", "Third"), w.okta.RenameGroup("Eng", "Ops"))
	var patches atomic.Int32
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodPatch && patches.Add(1) == 1 {
			return faults.Delayed // whoever does not wait for it finds the name taken
		}
		return faults.None
	})
	clean(t, w, planner.Options{})
	w.upset(nil)
	called(eng.ID, "Ops")
	called(ops.ID, "Third")

	ok(t, w.okta.RenameGroup("Ops", "x"), w.okta.RenameGroup("Third", "Ops"), w.okta.RenameGroup("x", "Third"))
	clean(t, w, planner.Options{})
	called(eng.ID, "Third")
	called(ops.ID, "Ops")
	ok(t, w.site.RenameTeam("Third", "x"), w.site.RenameTeam("Ops", "Third"), w.site.RenameTeam("x", "Ops"))
	clean(t, w, planner.Options{})
	called(eng.ID, "Third")
	called(ops.ID, "Ops")
	if p, err := w.plan(t.Context()); err != nil || len(p.Steps) > 0 {
		t.Errorf("still to do: %v, %v", toldAll(p.Steps), err)
	}
}

// loseCreations loses the answer to every creation, and to every look at
// whether it happened.
func loseCreations(side string, _ int, r *http.Request) faults.Kind {
	if side == "attio" && (r.Method == http.MethodPost || r.URL.Query().Get("filter") != "") {
		return faults.AnswerLost
	}
	return faults.None
}

// TestNobodyIsForgotten: who was invited by a run that did not learn of it, and
// was unassigned before the next one, is answered for until the invite is gone.
func TestNobodyIsForgotten(t *testing.T) {
	w := smallWorld(t, nil)
	gus := "gus@else.example"
	ok(t, w.okta.Assign(gus, "member"))
	w.upset(loseCreations)
	w.apply(t.Context(), planner.Options{})
	if m, _ := w.site.Snapshot().Member(gus); m.Status != attiotest.Invited {
		t.Fatalf("gus is %q; the story needs an invite that was sent", m.Status)
	}
	ok(t, w.okta.Unassign(gus))
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodDelete {
			return faults.Unavailable
		}
		return faults.None
	})
	if out := w.apply(t.Context(), planner.Options{}); len(out.failed()) != 1 {
		t.Fatalf("failed: %v; want the invite's end", out.failed())
	}
	w.upset(nil)
	clean(t, w, planner.Options{})
	if m, there := w.site.Snapshot().Member(gus); there {
		t.Errorf("gus is still %s", m.Status)
	}
}

// TestAMassAbsenceAsksNobody: the caps come before the questions; what they let
// through is proven person by person.
func TestAMassAbsenceAsksNobody(t *testing.T) {
	w := smallWorld(t, nil)
	leavers := []string{"ann@acme.example", "ben@acme.example", "cat@acme.example"}
	for _, who := range append(leavers, "dan@acme.example") {
		ok(t, w.okta.Assign(who, "member"))
	}
	clean(t, w, planner.Options{})
	for _, who := range leavers {
		ok(t, w.okta.Unassign(who))
	}
	w.policy.Protect = config.Default().Policy.Protect
	var asked atomic.Int32
	w.upset(func(_ string, _ int, r *http.Request) faults.Kind {
		if strings.Contains(r.URL.Path, "/apps/"+w.okta.AppID()+"/users/") {
			asked.Add(1)
		}
		return faults.None
	})
	if out := clean(t, w, planner.Options{}); !out.blocked || asked.Load() != 0 {
		t.Errorf("blocked %v, asked about %d people; want a refusal, and nobody asked about", out.blocked, asked.Load())
	}
	n := len(leavers)
	if out := clean(t, w, planner.Options{AllowRemovals: &n}); out.plan.Summary.Suspend != n || int(asked.Load()) != n {
		t.Errorf("suspended %d, asked about %d people; want %d of both", out.plan.Summary.Suspend, asked.Load(), n)
	}
}

// TestWhoJoinedLateIsKnown: whose invite was accepted when they were unassigned
// already is suspended, and known by the member's id from then on.
func TestWhoJoinedLateIsKnown(t *testing.T) {
	w := smallWorld(t, nil)
	gus, own := "gus@else.example", "gus.own@else.example"
	ok(t, w.okta.Assign(gus, "member"))
	clean(t, w, planner.Options{})
	ok(t, w.okta.Unassign(gus), w.site.AcceptInvite(gus))
	clean(t, w, planner.Options{})
	ok(t, w.site.ChangeEmail(gus, own), w.okta.Assign(gus, "member"))
	clean(t, w, planner.Options{})
	s := w.site.Snapshot()
	if m, _ := s.Member(gus); m.Status != attiotest.Active {
		t.Errorf("gus is %q", m.Status)
	}
	if m, there := s.Member(own); there {
		t.Errorf("there is a second account: %+v", m)
	}
}

// TestALostInviteIsRemembered: whose invitation went out though its answer was
// lost is not invited again within the week, whatever runs come in between.
func TestALostInviteIsRemembered(t *testing.T) {
	w := smallWorld(t, nil)
	gus, ann := "gus@else.example", "ann@acme.example"
	ok(t, w.okta.Assign(gus, "member"))
	w.upset(loseCreations)
	if out := w.apply(t.Context(), planner.Options{}); len(out.failed()) == 0 {
		t.Fatal("the run did not notice that the answer was lost")
	}
	w.upset(nil)
	ok(t, w.okta.Assign(ann, "member"))
	clean(t, w, planner.Options{Only: ann})
	clean(t, w, planner.Options{})
	ok(t, w.site.DeclineInvite(gus))
	for _, c := range []struct {
		wait  time.Duration
		mails int
	}{{6 * 24 * time.Hour, 1}, {24 * time.Hour, 2}} {
		w.wait(c.wait)
		clean(t, w, planner.Options{})
		if n := mails(w.site.Snapshot())["invite to "+gus]; n != c.mails {
			t.Errorf("%d invitations after another %s, want %d", n, c.wait, c.mails)
		}
	}
}

// TestATeamIsDeletedWithItsGroup: only by setting, only one that was made here,
// and its people stay.
func TestATeamIsDeletedWithItsGroup(t *testing.T) {
	w := smallWorld(t, nil)
	w.policy.Teams.DeleteGone = true
	ok(t, w.okta.DeleteGroup("Eng"))
	if out := clean(t, w, planner.Options{}); out.plan.Summary.DeleteTeam != 1 {
		t.Fatalf("plan: %v", toldAll(out.plan.Steps))
	}
	s := w.site.Snapshot()
	if _, there := s.Team("Eng"); there || len(s.Teams) != 2 {
		t.Errorf("teams: %+v", s.Teams)
	}
	if m, _, _, _ := w.store.Read(t.Context()); len(m.Teams) != 1 {
		t.Errorf("state still knows %v", m.Teams)
	}
}

// TestANameFreedByADeletionIsUsedInTheSameRun: a group that was deleted and made
// again has its own team after one run.
func TestANameFreedByADeletionIsUsedInTheSameRun(t *testing.T) {
	w := smallWorld(t, nil)
	w.policy.Teams.DeleteGone = true
	before, _ := w.site.Snapshot().Team("Eng")
	again := oktatest.Group{ID: "00gAgain" + strings.Repeat("a", 12), Name: "Eng", Members: []string{bossEmail}}
	ok(t, w.okta.DeleteGroup("Eng"), w.okta.AddGroup(again))
	w.policy.Teams.Groups = append(w.policy.Teams.Groups, core.TeamMapping{Group: again.ID})
	clean(t, w, planner.Options{})
	if after, there := w.site.Snapshot().Team("Eng"); !there || after.ID == before.ID || len(after.Members) != 1 {
		t.Errorf("the team: %+v", after)
	}
	if p, err := w.plan(t.Context()); err != nil || len(p.Steps)+len(p.Refusals) > 0 {
		t.Errorf("still to do: %v %v, %v", toldAll(p.Steps), codes(p), err)
	}
}

// TestSomebodyComesInMeanwhile: who was added by hand between the reading and
// the request is adopted, not made twice and not reported as a failure.
func TestSomebodyComesInMeanwhile(t *testing.T) {
	w := smallWorld(t, nil)
	ann := "ann@acme.example"
	ok(t, w.okta.Assign(ann, "admin"))
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodPost {
			_ = w.site.AddMember(attiotest.Member{Email: ann, GivenName: "By", FamilyName: "Hand"})
		}
		return faults.None
	})
	clean(t, w, planner.Options{})
	w.upset(nil)
	clean(t, w, planner.Options{})
	if m, _ := w.site.Snapshot().Member(ann); m.Role != attiotest.RoleAdmin || m.GivenName != "ann" {
		t.Errorf("in Attio: %+v", m)
	}
	if n := mails(w.site.Snapshot())["added to "+ann]; n != 1 {
		t.Errorf("told %d times", n)
	}
}

// TestAnInvitedAdminIsNone: an admin who was taken for a member at once, and
// was only invited, does not let the last one go.
func TestAnInvitedAdminIsNone(t *testing.T) {
	made, _, teams := playWorld()
	made.Attio.Tokens = []attiotest.Token{{Token: "sandbox-attio-token", AuthorizedBy: deskEmail}}
	policy := playPolicy(teams)
	policy.VerifiedDomains = append(policy.VerifiedDomains, "else.example") // which Attio has not verified
	watch := &watch{}
	w, err := newWorld(made, worldOptions{observer: watch.see, policy: policy, start: monday})
	ok(t, err)
	t.Cleanup(func() { _ = w.close() })
	clean(t, w, planner.Options{})
	ok(t, w.okta.Assign("gus@else.example", "admin"), w.okta.SetRole(bossEmail, "member"))
	out := w.apply(t.Context(), planner.Options{})
	if len(out.failed()) != 1 || out.report.Count(core.StepRefused) != 1 || !strings.Contains(out.failed()[0], "last-admin") {
		t.Fatalf("of %v: %v; want the demotion refused at the last moment", toldAll(out.plan.Steps), out.failed())
	}
	ok(t, watch.err(), w.site.AcceptInvite("gus@else.example"))
	clean(t, w, planner.Options{})
	if m, _ := w.site.Snapshot().Member(bossEmail); m.Role != attiotest.RoleMember {
		t.Errorf("the boss is still %s, though there is another admin", m.Role)
	}
	ok(t, watch.err())
}

// TestAFailedAdditionStopsNoRemoval: who is to leave a team leaves it, though
// somebody else could not be put in.
func TestAFailedAdditionStopsNoRemoval(t *testing.T) {
	w := smallWorld(t, nil)
	ann, ben := "ann@acme.example", "ben@acme.example"
	ok(t, w.okta.Assign(ann, "member"), w.okta.Assign(ben, "member"), w.okta.AddMember("Eng", ann))
	clean(t, w, planner.Options{})
	ok(t, w.okta.RemoveMember("Eng", ann), w.okta.AddMember("Eng", ben))
	var patches atomic.Int32
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodPatch && patches.Add(1) <= attempts {
			return faults.Closed // the addition; the removal comes after it
		}
		return faults.None
	})
	out := w.apply(t.Context(), planner.Options{})
	w.upset(nil)
	if len(out.failed()) != 1 || !strings.HasPrefix(out.failed()[0], "add_members") {
		t.Fatalf("failed: %v", out.failed())
	}
	if eng, _ := w.site.Snapshot().Team("Eng"); strings.Contains(strings.Join(eng.Members, " "), ann) {
		t.Errorf("%s is still in the team", ann)
	}
	if out := clean(t, w, planner.Options{}); len(out.plan.Steps) != 1 || out.plan.Steps[0].Cause != core.CauseOkta {
		t.Errorf("the next run: %v; want the addition, as Okta's", toldAll(out.plan.Steps))
	}
}
