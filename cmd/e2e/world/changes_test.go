package world

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	"scim-sync/idp"
	"scim-sync/internal/faults"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// change is something that somebody does on one of the sides between two requests
// of a run.
type change struct {
	name string
	who  string // whom it is about
	do   func(*world) error
	// ends are the statuses of whom it is about in the end; empty: not there.
	ends []attiotest.Status
	// wronged says what a run does that was done on what had changed: of the
	// snapshots at the change and at the end of the run; nil: nothing is wrong.
	wronged func(at, end attiotest.Snapshot) bool
	// stops: the run after it is refused, and has no end to compare.
	stops bool
}

func statusOf(s attiotest.Snapshot, who string) attiotest.Status {
	m, _ := s.Member(who)
	return m.Status
}

func suspendedIn(s attiotest.Snapshot) (n int) {
	for _, m := range s.Members {
		if m.Status == attiotest.Suspended {
			n++
		}
	}
	return n
}

const (
	leaver   = "henrik.dahl@fernwood.example"      // is suspended by the run
	newcomer = "hana.suzuki@fernwood.example"      // is provisioned
	returner = "grace.okafor@fernwood.example"     // is reactivated
	riser    = "emil.sand@fernwood.example"        // is promoted
	faller   = "freya.lund@fernwood.example"       // is demoted
	stayer   = "ada.byron@fernwood.example"        // is as they should be
	joiner   = "jonas.weber@fernwood.example"      // is in a team that is linked
	guest    = "petra.kral@studio-ostrava.example" // has an invite
	former   = "otto.baum@studio-ostrava.example"  // whose invite is withdrawn
	married  = "marta.nowak@fernwood.example"      // is renamed
)

// changes are what may happen at any moment.
func changes() []change {
	const active, suspended, absent = attiotest.Active, attiotest.Suspended, attiotest.Status("")
	became := func(who string, is attiotest.Status) func(at, end attiotest.Snapshot) bool {
		return func(at, end attiotest.Snapshot) bool { return statusOf(at, who) != is && statusOf(end, who) == is }
	}
	role := func(who string, is attiotest.Role) func(at, end attiotest.Snapshot) bool {
		return func(at, end attiotest.Snapshot) bool {
			was, _ := at.Member(who)
			now, _ := end.Member(who)
			return was.Role != is && now.Role == is
		}
	}
	return []change{
		{"somebody is assigned again", leaver, func(w *world) error { return w.okta.Assign(leaver, "member") },
			[]attiotest.Status{active}, became(leaver, suspended), false},
		{"somebody new is deactivated", newcomer, func(w *world) error { return w.okta.SetStatus(newcomer, "DEPROVISIONED") },
			[]attiotest.Status{absent, suspended}, func(at, end attiotest.Snapshot) bool {
				return len(end.Outbox) > 0 && mails(end)["added to "+newcomer] > mails(at)["added to "+newcomer]
			}, false},
		{"somebody who comes back is deactivated", returner, func(w *world) error { return w.okta.SetStatus(returner, "DEPROVISIONED") },
			[]attiotest.Status{suspended}, became(returner, active), false},
		{"a new admin loses the role", riser, func(w *world) error { return w.okta.SetRole(riser, "member") },
			[]attiotest.Status{active}, role(riser, attiotest.RoleAdmin), false},
		{"a former admin gets the role again", faller, func(w *world) error { return w.okta.SetRole(faller, "admin") },
			[]attiotest.Status{active}, role(faller, attiotest.RoleMember), false},
		{"somebody is unassigned", stayer, func(w *world) error { return w.okta.RemoveMember("Sales", stayer) },
			[]attiotest.Status{suspended}, nil, false},
		{"somebody leaves a group", joiner, func(w *world) error {
			return errors.Join(w.okta.AddMember("Sales", joiner), w.okta.RemoveMember("Marketing", joiner))
		}, []attiotest.Status{active}, nil, false},
		{"somebody is renamed", married, func(w *world) error { return w.okta.SetName(married, "Marta", "Third") },
			[]attiotest.Status{active}, func(at, end attiotest.Snapshot) bool {
				was, _ := at.Member(married)
				now, _ := end.Member(married)
				return was.FamilyName != now.FamilyName && now.FamilyName != "Third"
			}, false},
		{"an invite is accepted", guest, func(w *world) error { return w.site.AcceptInvite(guest) }, []attiotest.Status{active}, nil, false},
		{"an invite is accepted that is to be withdrawn", former, func(w *world) error {
			if _, there := w.site.Snapshot().Member(former); !there {
				return nil // too late
			}
			return w.site.AcceptInvite(former)
		}, []attiotest.Status{absent, suspended}, nil, false},
		{"the app is switched off", "", func(w *world) error { return w.okta.SetAppStatus("INACTIVE") },
			nil, func(at, end attiotest.Snapshot) bool { return suspendedIn(end) > suspendedIn(at) }, true},
	}
}

// changingWorld is the default one at a careless Attio, under no cap of admins,
// as some of them go twice.
func changingWorld(see func(attiotest.Snapshot)) (*world, error) {
	w, err := defaultWorld(see, careless())
	if err == nil {
		w.policy.Protect.AdminRemovals, w.policy.Protect.Promotions = 10, 10
	}
	return w, err
}

// turn is one case: a change just after the n-th request of a side, after which
// the machine may sleep.
type turn struct {
	change
	side   string
	n      int
	asleep bool
}

func (m turn) String() string {
	then := ""
	if m.asleep {
		then = ", and the machine sleeps"
	}
	return fmt.Sprintf("%s, request %d: %s%s", m.side, m.n, m.name, then)
}

// TestServicesThatChangeMeanwhile changes something after each request of a run,
// and holds that nothing is done against what is true by then where the plan had
// grown old, that nobody else is touched, an admin remains, nobody is mailed
// twice, and that the runs after it come to the same end as if the change had
// come before all of them.
func TestServicesThatChangeMeanwhile(t *testing.T) {
	c := calmRun(t)
	var all []turn
	ends := map[string][]string{}
	for _, ch := range changes() {
		for _, side := range []string{"okta", "attio"} {
			for n := 1; n <= c.requests[side]; n++ {
				all = append(all, turn{ch, side, n, false}, turn{ch, side, n, true})
			}
		}
		if !ch.stops {
			ends[ch.name] = endOf(t, ch)
		}
	}
	cases := sample.Of(all, 37)
	var happened, withheld atomic.Int32
	several(cases, func(m turn) {
		r, err := c.keepsUp(t.Context(), m, ends[m.name])
		if err != nil {
			t.Errorf("%s: %v", m, err)
		}
		if r.happened {
			happened.Add(1)
		}
		withheld.Add(int32(r.withheld))
	})
	if int(happened.Load()) < len(cases)*9/10 {
		t.Errorf("only %d of %d changes came in time", happened.Load(), len(cases))
	}
	t.Logf("%d of %d cases: %d changes after each of %d requests to Okta and %d to Attio, with and without sleep; %d came in time, %d steps were withheld",
		len(cases), len(all), len(changes()), c.requests["okta"], c.requests["attio"], happened.Load(), withheld.Load())
}

// endOf is how the world ends where a change comes before the first run.
func endOf(t *testing.T, ch change) []string {
	t.Helper()
	w, err := changingWorld(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	ok(t, ch.do(w))
	if _, err := w.rest(t.Context()); err != nil {
		t.Fatalf("%s, before all runs: %v", ch.name, err)
	}
	return without(sight(w.site.Snapshot()), ch.who)
}

// without leaves out whom a change is about, of whom another end may be right.
func without(sight []string, who string) (list []string) {
	for _, line := range sight {
		if who == "" || !strings.HasPrefix(line, who+" ") {
			list = append(list, strings.Join(strings.Fields(strings.ReplaceAll(line, who, "")), " "))
		}
	}
	return list
}

// kept is what a case came to: whether the change came in time, and how many
// steps were withheld for it.
type kept struct {
	happened bool
	withheld int
}

// keepsUp plays one case to its end.
func (c calm) keepsUp(ctx context.Context, m turn, end []string) (r kept, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	watch := &watch{stay: map[string]bool{}}
	w, err := changingWorld(watch.see)
	if err != nil {
		return r, err
	}
	defer w.close()
	for _, s := range w.site.Snapshot().Members {
		if c.stay[s.ID] && s.Email != m.who {
			watch.stay[s.ID] = true
		}
	}
	var at attiotest.Snapshot
	var happened atomic.Bool
	meanwhile := func(side string, n int) {
		if side != m.side || n != m.n || !happened.CompareAndSwap(false, true) {
			return
		}
		at = w.site.Snapshot()
		err = m.do(w)
		if m.asleep {
			w.slept.Add(int64(8 * time.Hour))
		}
	}
	w.answered.Store(&meanwhile)
	var looked atomic.Bool // at the app, after the change
	w.upset(func(side string, _ int, r *http.Request) faults.Kind {
		if happened.Load() && strings.HasSuffix(r.URL.Path, "/apps/"+w.okta.AppID()) {
			looked.Store(true)
		}
		return faults.None
	})
	w.parallel = 1 // so that no write is on its way when the change comes
	out := w.apply(ctx, planner.Options{})
	w.answered.Store(nil)
	w.upset(nil)
	then := w.site.Snapshot()
	if r = (kept{happened.Load(), out.report.Count(core.StepNotRun)}); err != nil || !r.happened {
		return r, err
	}
	if (m.asleep || m.stops && (looked.Load() || c.hasToLook(m))) && m.wronged != nil && m.wronged(at, then) {
		return r, fmt.Errorf("the run acted on what had changed: %v", toldAll(out.plan.Steps))
	}
	if m.stops {
		if again := w.apply(ctx, planner.Options{}); idp.KindOf(again.err) != idp.AppInactive {
			return r, fmt.Errorf("the next run is not refused: %v", again.err)
		}
		return r, watch.err()
	}
	return r, m.settles(ctx, w, watch, end)
}

// hasToLook says whether a run still has to look at the app again by then: it does
// after it has read all lists, with its last requests, which come in any order.
func (c calm) hasToLook(m turn) bool { return m.side == "okta" && m.n <= c.requests["okta"]/2 }

// settles lets the runs after a change come to their end, and looks at it.
func (m turn) settles(ctx context.Context, w *world, watch *watch, end []string) error {
	if told, err := w.rest(ctx); err != nil {
		return fmt.Errorf("%w: %v", err, told)
	}
	last := w.site.Snapshot()
	if d := cmp.Diff(end, without(sight(last), m.who)); d != "" {
		return fmt.Errorf("another end (-changed before +changed meanwhile):\n%s", d)
	}
	is := statusOf(last, m.who)
	right := false
	for _, s := range m.ends {
		right = right || s == is
	}
	if !right {
		return fmt.Errorf("%s is %q in the end", m.who, is)
	}
	for mail, n := range mails(last) {
		if n > 1 {
			return fmt.Errorf("%d times %s", n, mail)
		}
	}
	return watch.err()
}

// rest runs until there is nothing left to do, and gives what the last run did.
func (t *world) rest(ctx context.Context) (told []string, err error) {
	for range 4 {
		out := t.apply(ctx, planner.Options{})
		switch {
		case out.err != nil:
			return nil, out.err
		case out.blocked:
			return nil, fmt.Errorf("refused: %+v", out.plan.Refusals)
		case len(out.plan.Steps) == 0:
			return nil, nil
		}
		told = append(toldAll(out.plan.Steps), out.failed()...)
	}
	return told, errors.New("no end after four runs")
}
