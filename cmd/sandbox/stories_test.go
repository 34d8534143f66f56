package sandbox

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/faults"
	core "scim-sync/sync"
)

// village serves the small world of the model, after a first run.
func village(t *testing.T, behaviour *attiotest.Behaviour) *town {
	t.Helper()
	world, _, crews := playWorld()
	w, err := newTown(world, townOptions{behaviour: behaviour, policy: playPolicy(crews), start: monday})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	clean(t, w, core.Options{})
	return w
}

// clean is a run in which nothing fails.
func clean(t *testing.T, w *town, o core.Options) outcome {
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
		list = append(list, r.Code+" "+r.Subject)
	}
	return list
}

// TestAttioKeepsAnAddress: told as a failed step, then as a refusal, and only
// when asked for by name the old account gives way to a new one.
func TestAttioKeepsAnAddress(t *testing.T) {
	b := attiotest.DefaultBehaviour()
	b.PutChangesUserName = false
	w := village(t, &b)
	ann, changed := "ann@acme.example", "ann.new@acme.example"
	ok(t, w.okta.Assign(ann, "member"), w.okta.AddMember("Eng", ann))
	clean(t, w, core.Options{})
	ok(t, w.okta.SetEmail(ann, changed), w.okta.AddMember("Ops", ann))
	if out := w.apply(t.Context(), core.Options{}); len(out.failed()) != 1 || !strings.Contains(out.failed()[0], "kept the address "+ann) {
		t.Fatalf("failed: %v; want the address alone", out.failed())
	}
	for range 2 {
		out := clean(t, w, core.Options{})
		if d := cmp.Diff([]string{"email-not-changed " + changed}, codes(out.plan)); d != "" || len(out.plan.Steps) > 0 {
			t.Fatalf("steps %v, refusals:\n%s", toldAll(out.plan.Steps), d)
		}
		if remedy := out.plan.Refusals[0].Remedy; !strings.HasSuffix(remedy, "scim-sync apply --only "+changed) {
			t.Errorf("remedy: %s", remedy)
		}
	}
	clean(t, w, core.Options{Only: changed})
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
	if out := clean(t, w, core.Options{}); len(out.plan.Steps)+len(out.plan.Refusals) > 0 {
		t.Errorf("still to do: %v %v", toldAll(out.plan.Steps), codes(out.plan))
	}
}

// TestTeamsPassOnTheirNames: a name is taken only once its team has left it,
// in one run; teams that exchange their names are refused until somebody helps.
func TestTeamsPassOnTheirNames(t *testing.T) {
	w := village(t, nil)
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
	clean(t, w, core.Options{})
	w.upset(nil)
	called(eng.ID, "Ops")
	called(ops.ID, "Third")

	ok(t, w.okta.RenameGroup("Ops", "x"), w.okta.RenameGroup("Third", "Ops"), w.okta.RenameGroup("x", "Third"))
	out := clean(t, w, core.Options{})
	if d := cmp.Diff([]string{"team-name-taken Ops", "team-name-taken Third"}, codes(out.plan)); d != "" {
		t.Fatal(d)
	}
	ok(t, w.site.RenameTeam("Third", "for a moment"))
	clean(t, w, core.Options{})
	called(eng.ID, "Third")
	called(ops.ID, "Ops")
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
	w := village(t, nil)
	gus := "gus@else.example"
	ok(t, w.okta.Assign(gus, "member"))
	w.upset(loseCreations)
	w.apply(t.Context(), core.Options{})
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
	if out := w.apply(t.Context(), core.Options{}); len(out.failed()) != 1 {
		t.Fatalf("failed: %v; want the invite's end", out.failed())
	}
	w.upset(nil)
	clean(t, w, core.Options{})
	if m, there := w.site.Snapshot().Member(gus); there {
		t.Errorf("gus is still %s", m.Status)
	}
}

// TestAMassAbsenceAsksNobody: the caps come before the questions; what they let
// through is proven person by person.
func TestAMassAbsenceAsksNobody(t *testing.T) {
	w := village(t, nil)
	leavers := []string{"ann@acme.example", "ben@acme.example", "cat@acme.example"}
	for _, who := range append(leavers, "dan@acme.example") {
		ok(t, w.okta.Assign(who, "member"))
	}
	clean(t, w, core.Options{})
	for _, who := range leavers {
		ok(t, w.okta.Unassign(who))
	}
	w.policy.Protect = core.DefaultPolicy().Protect
	var asked atomic.Int32
	w.upset(func(_ string, _ int, r *http.Request) faults.Kind {
		if strings.Contains(r.URL.Path, "/apps/"+w.okta.AppID()+"/users/") {
			asked.Add(1)
		}
		return faults.None
	})
	if out := clean(t, w, core.Options{}); !out.blocked || asked.Load() != 0 {
		t.Errorf("blocked %v, asked about %d people; want a refusal, and nobody asked about", out.blocked, asked.Load())
	}
	n := len(leavers)
	if out := clean(t, w, core.Options{AllowRemovals: &n}); out.plan.Summary.Suspend != n || int(asked.Load()) != n {
		t.Errorf("suspended %d, asked about %d people; want %d of both", out.plan.Summary.Suspend, asked.Load(), n)
	}
}

// TestWhoJoinedLateIsKnown: whose invite was accepted when they were unassigned
// already is suspended, and known by the member's id from then on.
func TestWhoJoinedLateIsKnown(t *testing.T) {
	w := village(t, nil)
	gus, own := "gus@else.example", "gus.own@else.example"
	ok(t, w.okta.Assign(gus, "member"))
	clean(t, w, core.Options{})
	ok(t, w.okta.Unassign(gus), w.site.AcceptInvite(gus))
	clean(t, w, core.Options{})
	ok(t, w.site.ChangeEmail(gus, own), w.okta.Assign(gus, "member"))
	clean(t, w, core.Options{})
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
	w := village(t, nil)
	gus, ann := "gus@else.example", "ann@acme.example"
	ok(t, w.okta.Assign(gus, "member"))
	w.upset(loseCreations)
	if out := w.apply(t.Context(), core.Options{}); len(out.failed()) == 0 {
		t.Fatal("the run did not notice that the answer was lost")
	}
	w.upset(nil)
	ok(t, w.okta.Assign(ann, "member"))
	clean(t, w, core.Options{Only: ann})
	clean(t, w, core.Options{})
	ok(t, w.site.DeclineInvite(gus))
	for _, c := range []struct {
		wait  time.Duration
		mails int
	}{{6 * 24 * time.Hour, 1}, {24 * time.Hour, 2}} {
		w.wait(c.wait)
		clean(t, w, core.Options{})
		if n := mails(w.site.Snapshot())["invite to "+gus]; n != c.mails {
			t.Errorf("%d invitations after another %s, want %d", n, c.wait, c.mails)
		}
	}
}

// TestATeamIsDeletedWithItsGroup: only by setting, only one that was made here,
// and its people stay.
func TestATeamIsDeletedWithItsGroup(t *testing.T) {
	w := village(t, nil)
	w.policy.Teams.DeleteGone = true
	ok(t, w.okta.DeleteGroup("Eng"))
	if out := clean(t, w, core.Options{}); out.plan.Summary.DeleteTeam != 1 {
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

// TestSomebodyComesInMeanwhile: who was added by hand between the reading and
// the request is adopted, not made twice and not reported as a failure.
func TestSomebodyComesInMeanwhile(t *testing.T) {
	w := village(t, nil)
	ann := "ann@acme.example"
	ok(t, w.okta.Assign(ann, "admin"))
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodPost {
			_ = w.site.AddMember(attiotest.Member{Email: ann, GivenName: "By", FamilyName: "Hand"})
		}
		return faults.None
	})
	clean(t, w, core.Options{})
	w.upset(nil)
	clean(t, w, core.Options{})
	if m, _ := w.site.Snapshot().Member(ann); m.Role != attiotest.RoleAdmin || m.GivenName != "ann" {
		t.Errorf("in Attio: %+v", m)
	}
	if n := mails(w.site.Snapshot())["added to "+ann]; n != 1 {
		t.Errorf("told %d times", n)
	}
}

// TestAnInviteIsAcceptedMeanwhile: who accepts between the reading and the
// withdrawal is no withdrawn invite. The step fails and says so, and the next
// run deals with the member: suspended, or given the new address; never left
// behind with a second account beside.
func TestAnInviteIsAcceptedMeanwhile(t *testing.T) {
	gus, moved := "gus@else.example", "gus.new@else.example"
	for name, c := range map[string]struct {
		change func(*town) error
		want   attiotest.Status // in Attio in the end
		at     string           // address
	}{
		"unassigned":      {func(w *town) error { return w.okta.Unassign(gus) }, attiotest.Suspended, gus},
		"another address": {func(w *town) error { return w.okta.SetEmail(gus, moved) }, attiotest.Active, moved},
	} {
		t.Run(name, func(t *testing.T) {
			w := village(t, nil)
			ok(t, w.okta.Assign(gus, "member"), w.okta.AddMember("Eng", gus))
			clean(t, w, core.Options{})
			ok(t, c.change(w))
			w.upset(func(side string, _ int, r *http.Request) faults.Kind {
				if side == "attio" && r.Method == http.MethodDelete {
					_ = w.site.AcceptInvite(gus)
				}
				return faults.None
			})
			if out := w.apply(t.Context(), core.Options{}); len(out.failed()) == 0 || !strings.Contains(out.failed()[0], "was accepted before it could be withdrawn") {
				t.Fatalf("failed: %v", out.failed())
			}
			w.upset(nil)
			for _, step := range clean(t, w, core.Options{}).plan.Steps {
				if step.Action == core.Suspend && step.Cause != core.CauseOkta {
					t.Errorf("nobody did anything by hand: %s", toldAll([]core.Step{step}))
				}
			}
			clean(t, w, core.Options{})
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
	w := village(t, nil)
	ok(t, w.okta.Assign("ann@acme.example", "member"), w.okta.Assign("ben@acme.example", "member"), w.okta.Assign("cat@acme.example", "member"))
	clean(t, w, core.Options{})
	before := w.site.Snapshot()
	for _, to := range [][2]string{{"cat", "cat.new"}, {"ben", "cat"}, {"ann", "ben"}} {
		ok(t, w.okta.SetEmail(to[0]+"@acme.example", to[1]+"@acme.example"))
	}
	clean(t, w, core.Options{})
	after := w.site.Snapshot()
	for from, to := range map[string]string{"cat": "cat.new", "ben": "cat", "ann": "ben"} {
		was, _ := before.Member(from + "@acme.example")
		if is, there := after.Member(to + "@acme.example"); !there || is.ID != was.ID {
			t.Errorf("%s is not %s in Attio, but %+v", to, from, is)
		}
	}
	if left := clean(t, w, core.Options{}).plan; len(left.Steps)+len(left.Refusals) > 0 {
		t.Errorf("left: %v %v", toldAll(left.Steps), left.Refusals)
	}
}

// TestAnInvitedAdminIsNone: an admin who was taken for a member at once, and
// was only invited, does not let the last one go.
func TestAnInvitedAdminIsNone(t *testing.T) {
	world, _, crews := playWorld()
	world.Attio.Tokens = []attiotest.Token{{Token: attioToken, AuthorizedBy: deskEmail}}
	policy := playPolicy(crews)
	policy.VerifiedDomains = append(policy.VerifiedDomains, "else.example") // which Attio has not verified
	watch := &watch{}
	w, err := newTown(world, townOptions{observer: watch.see, policy: policy, start: monday})
	ok(t, err)
	t.Cleanup(func() { _ = w.close() })
	clean(t, w, core.Options{})
	ok(t, w.okta.Assign("gus@else.example", "admin"), w.okta.SetRole(bossEmail, "member"))
	out := w.apply(t.Context(), core.Options{})
	if len(out.failed()) != 1 || out.report.Count(core.StepRefused) != 1 || !strings.Contains(out.failed()[0], "last-admin") {
		t.Fatalf("of %v: %v; want the demotion refused at the last moment", toldAll(out.plan.Steps), out.failed())
	}
	ok(t, watch.err(), w.site.AcceptInvite("gus@else.example"))
	clean(t, w, core.Options{})
	if m, _ := w.site.Snapshot().Member(bossEmail); m.Role != attiotest.RoleMember {
		t.Errorf("the boss is still %s, though there is another admin", m.Role)
	}
	ok(t, watch.err())
}

// TestAFailedAdditionStopsNoRemoval: who is to leave a team leaves it, though
// somebody else could not be put in.
func TestAFailedAdditionStopsNoRemoval(t *testing.T) {
	w := village(t, nil)
	ann, ben := "ann@acme.example", "ben@acme.example"
	ok(t, w.okta.Assign(ann, "member"), w.okta.Assign(ben, "member"), w.okta.AddMember("Eng", ann))
	clean(t, w, core.Options{})
	ok(t, w.okta.RemoveMember("Eng", ann), w.okta.AddMember("Eng", ben))
	var patches atomic.Int32
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if side == "attio" && r.Method == http.MethodPatch && patches.Add(1) <= attempts {
			return faults.Closed // the addition; the removal comes after it
		}
		return faults.None
	})
	out := w.apply(t.Context(), core.Options{})
	w.upset(nil)
	if len(out.failed()) != 1 || !strings.HasPrefix(out.failed()[0], "add_members") {
		t.Fatalf("failed: %v", out.failed())
	}
	if eng, _ := w.site.Snapshot().Team("Eng"); strings.Contains(strings.Join(eng.Members, " "), ann) {
		t.Errorf("%s is still in the team", ann)
	}
	if out := clean(t, w, core.Options{}); len(out.plan.Steps) != 1 || out.plan.Steps[0].Cause != core.CauseOkta {
		t.Errorf("the next run: %v; want the addition, as Okta's", toldAll(out.plan.Steps))
	}
}
