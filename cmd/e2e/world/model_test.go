package world

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/faults"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// play is the state machine: a world, and what the model knows of it.
type play struct {
	t      *rapid.T
	kind   kind
	world  *world
	watch  *watch
	people []*person
	teams  []*team
	last   attiotest.Snapshot // as places were last followed
	side   int                // teams made by hand so far
	lost   map[string]*team   // by id, teams that a run made and did not note
}

// TestModel plays random events on both sides of a sandbox between runs, and
// holds after each run that the workspace is what Okta says, that nothing else
// was touched, that what is in conflict is refused and left alone, and that
// nothing is left to do. Each play is hundreds of requests, so there are few
// unless -rapid.checks asks for more.
func TestModel(t *testing.T) {
	sample.Checks(t, 4, 20)
	sample.Check(t, func(t *rapid.T) {
		p := newPlay(t, anyKind(t))
		defer p.world.close()
		p.populate()
		p.run()
		okta, attio := p.event((*play).peopleInOkta), p.event((*play).inAttio)
		events := map[string]func(*rapid.T){
			"okta": okta, "okta2": okta, "attio": attio, "attio2": attio,
			"groups": p.event((*play).groupsInOkta),
			"wait": func(t *rapid.T) {
				p.world.wait(one(t, []time.Duration{time.Hour, 30 * time.Hour, 8 * 24 * time.Hour}, "wait"))
			},
			"run":       p.event((*play).run),
			"trouble":   p.event((*play).trouble),
			"meanwhile": p.event((*play).meanwhile),
		}
		if p.kind.shared || p.kind.rivals {
			events["groups2"] = events["groups"]
		}
		if p.kind.addresses {
			events["addresses"] = p.event((*play).addressesInOkta)
			events["addresses2"] = events["addresses"]
		}
		t.Repeat(events)
		p.t = t
		p.run()
	})
}

func newPlay(t *rapid.T, k kind) *play {
	w, people, teams := playWorld()
	k.furnish(w, people, teams)
	watch := &watch{}
	world, err := newWorld(w, worldOptions{observer: watch.see, policy: k.policy(teams), start: monday})
	if err != nil {
		t.Fatal(err)
	}
	p := &play{t: t, kind: k, world: world, watch: watch, people: people, teams: teams, last: world.site.Snapshot(), lost: map[string]*team{}}
	for _, who := range people {
		who.id, err = world.okta.UserID(who.login)
		p.must(err)
	}
	return p
}

// event makes a method an event of rapid's.
func (p *play) event(do func(*play)) func(*rapid.T) {
	return func(t *rapid.T) {
		p.t = t
		do(p)
		p.follow()
	}
}

func one[T any](t *rapid.T, pool []T, what string) T { return rapid.SampledFrom(pool).Draw(t, what) }

func (p *play) anybody() *person { return one(p.t, p.people, "who") }

// seldom thins out an event that ends too much.
func (p *play) seldom(times int) bool { return rapid.IntRange(1, times).Draw(p.t, "really") == 1 }

// must is for events that cannot fail.
func (p *play) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// state is what scim-sync manages now.
func (p *play) state() core.Managed {
	m, _, _, err := p.world.store.Read(p.t.Context())
	p.must(err)
	return m
}

// trouble is a run in which some request goes wrong: whatever comes of it, the
// next run has to mend it.
func (p *play) trouble() {
	side := one(p.t, []string{"okta", "attio"}, "side")
	n := rapid.IntRange(1, 25).Draw(p.t, "request")
	kind := one(p.t, []faults.Kind{faults.Closed, faults.AnswerLost, faults.ServerError, faults.Unavailable, faults.HTML, faults.Truncated, faults.EmptyBody, faults.NullBody}, "kind")
	lasts := rapid.Bool().Draw(p.t, "lasts")
	p.disturbed(mishap{side: side, n: n, on: lasts, kind: kind}.befalls, func() *person { return nil })
}

// meanwhile is a run during which somebody accepts an invite, perhaps one that
// this very run sends. What the run did not know of, the next one mends.
func (p *play) meanwhile() {
	who, before := one(p.t, p.invitees(), "who"), p.moment()
	if who.place == "" && (!who.granted() || before.odds[who]) {
		return // an invite that a run neither sends nor knows
	}
	n, address := rapid.IntRange(1, 25).Draw(p.t, "request"), who.email
	if at := before.at[who]; at != nil {
		address = at.Email
	}
	var accepted atomic.Bool
	out := p.disturbed(func(side string, i int, _ *http.Request) faults.Kind {
		if side == "attio" && i >= n && p.world.site.AcceptInvite(address) == nil {
			accepted.Store(true)
		}
		return faults.None
	}, func() *person {
		if accepted.Load() {
			return who
		}
		return nil
	})
	if out.err != nil {
		p.t.Fatalf("the run stopped: %v", out.err)
	}
	if failed := out.failed(); len(failed) > 0 && !accepted.Load() {
		p.t.Fatalf("steps failed though nothing happened: %v", failed)
	}
}

// invitees are the people whose domain the workspace does not know.
func (p *play) invitees() (list []*person) {
	for _, who := range p.people {
		if who.domain() == "else.example" {
			list = append(list, who)
		}
	}
	return list
}

// disturbed is a run that something befalls. joined tells, after it, who became
// a member in the middle of it: a member may be given an address that an invite
// may not.
func (p *play) disturbed(befalls func(side string, n int, r *http.Request) faults.Kind, joined func() *person) outcome {
	before := p.moment()
	p.world.upset(befalls)
	out := p.world.apply(p.t.Context(), planner.Options{})
	p.world.upset(nil)
	p.t.Logf("the plan:\n%s\nfailed: %v %v", strings.Join(toldAll(out.plan.Steps), "\n"), out.failed(), out.err)
	delete(before.odds, joined())
	p.checkAlways(before, p.settle(before))
	for _, c := range p.teams {
		c.doubt = c.doubt || !c.deleted && c.released == c.scope
	}
	for _, who := range p.people {
		who.doubt = who.doubt || !who.granted()
		if at := before.at[who]; at != nil && at.Status == attiotest.Invited && at.Email != who.email {
			who.readdressed = p.world.now() // or not
		}
	}
	return out
}
