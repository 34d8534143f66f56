package world

import (
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	"scim-sync/sync/planner"
)

const week = 7 * 24 * time.Hour

// run applies until nothing is left to do, which is at once unless something
// was refused: what made a conflict may be gone after a run.
func (p *play) run() {
	for range 3 {
		refused := p.runOnce()
		again, err := p.world.plan(p.t.Context())
		p.must(err)
		if len(again.Steps) == 0 {
			return
		}
		if !refused {
			p.t.Fatalf("a second plan is not empty:\n%s", strings.Join(toldAll(again.Steps), "\n"))
		}
	}
	p.t.Fatalf("three runs, and still something to do")
}

// runOnce applies once and compares the workspace with the model. It says
// whether anything was refused.
func (p *play) runOnce() bool {
	before := p.moment()
	out := p.world.apply(p.t.Context(), planner.Options{})
	if out.err != nil {
		p.t.Fatalf("the run stopped: %v", out.err)
	}
	p.t.Logf("the plan:\n%s", strings.Join(toldAll(out.plan.Steps), "\n"))
	want, got := p.refusals(before), codes(out.plan)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		p.t.Fatalf("refusals (-model +run):\n%s\n%+v", d, out.plan.Refusals)
	}
	if failed := out.failed(); len(failed) > 0 {
		p.t.Fatalf("steps failed: %v", failed)
	}
	after := p.settle(before)
	p.checkAlways(before, after)
	for _, who := range p.people {
		p.checkPerson(who, before, after)
	}
	for _, w := range before.expectedTeams {
		p.checkTeam(w, before, after)
	}
	p.checkBoss(after.site)
	p.next(before, after)
	return len(want) > 0
}

// next begins what comes between two runs.
func (p *play) next(before, after *moment) {
	for _, c := range p.teams {
		if !c.deleted {
			c.released, c.doubt = !c.scope, false
		}
	}
	for _, who := range p.people {
		if !who.granted() {
			who.episode++
			who.doubt = false
		}
		was, now := before.at[who], after.at[who]
		if was != nil && now != nil && was.Status == attiotest.Invited && was.Email != now.Email {
			who.readdressed = p.world.now()
		}
	}
}

// checkAlways holds what holds for every run, whatever happens to it: an
// active admin after each request (M8), nobody and nothing touched that Okta
// does not manage (M12), and no email that nobody needs (M3, M6).
func (p *play) checkAlways(before, after *moment) {
	p.must(p.watch.err())
	for _, was := range before.site.Members {
		if was.Email == bossEmail || before.owner[was.ID] != nil || p.adoptable(before, was) {
			continue
		}
		now, _ := byID(after.site, was.ID)
		if d := cmp.Diff(was, now); d != "" {
			p.t.Fatalf("somebody unmanaged was touched (-before +after):\n%s", d)
		}
	}
	p.checkOtherTeams(before, after)
	p.checkMails(before, after, after.site.Outbox[len(before.site.Outbox):])
}

// adoptable: somebody comes to this place, and nobody else does.
func (p *play) adoptable(m *moment, place attiotest.MemberState) bool {
	who := p.comesTo(place.Email)
	return who != nil && !m.odds[who]
}

// checkMails holds what a run may send: for one assignment one invitation to
// one address in seven days, three of them for all assignments, and no more than one besides when the address
// changes; and that who is added is told once.
func (p *play) checkMails(before, after *moment, mails []attiotest.Mail) {
	told := map[string]int{}
	for _, m := range mails {
		who := after.whose(m.To)
		if who == nil {
			who = before.whose(m.To) // who joined and moved on in one run
		}
		if who == nil {
			p.t.Fatalf("a stranger was mailed: %+v", m)
		}
		if told[string(m.Kind)+m.To]++; told[string(m.Kind)+m.To] > 1 {
			p.t.Fatalf("mailed twice in one run: %+v", m)
		}
		if m.Kind == attiotest.MailInvite {
			p.checkInvite(who, m)
		}
	}
}

func (p *play) checkInvite(who *person, m attiotest.Mail) {
	if who.doubt { // then this is another assignment
		who.episode++
		who.doubt = false
	}
	recent := 0
	for _, s := range who.invites {
		if s.episode != who.episode || m.At.Sub(s.at) >= week {
			continue
		}
		if recent++; s.to == m.To || recent > 1 {
			p.t.Fatalf("invited again within seven days: %+v, after %+v", m, who.invites)
		}
	}
	who.invites = append(who.invites, sent{who.episode, m.To, m.At})
	if n := p.invitesTo(m.To); n > 3 {
		p.t.Fatalf("%s was sent %d invites within seven days", m.To, n)
	}
}

// checkPerson holds that somebody is in the workspace exactly as Okta says (M1
// to M7, M9, M11); where the address is in conflict, with the one they have, or
// not at all.
func (p *play) checkPerson(who *person, before, after *moment) {
	was, now := before.at[who], after.at[who]
	home, owns := before.odds[who] && p.atHome(before, who), who.place != ""
	switch {
	case !who.granted():
		if owns && now.Status != attiotest.Suspended {
			p.t.Fatalf("%s is not assigned, and %s all the same", who.login, now.Status)
		}
		return
	case before.odds[who] && !home:
		return // nothing was made, and nothing touched
	case now == nil && was == nil && (p.invitedLately(who) || before.often[who]):
		return // the invite has ended, and the next one waits
	case now == nil || now.Status == attiotest.Suspended:
		p.t.Fatalf("%s is assigned, and is %+v in Attio (was %+v)", who.login, now, was)
	case !owns || !p.tied(who):
		p.t.Fatalf("%s is in Attio, and nobody answers for it: %+v", who.login, now)
	}
	if d := cmp.Diff(p.wanted(who, before, now), inOktasWords(now)); d != "" {
		p.t.Fatalf("%s (-Okta +Attio):\n%s", who.login, d)
	}
}

// wanted is how somebody who is assigned should be in Attio.
func (p *play) wanted(who *person, before *moment, now *attiotest.MemberState) attiotest.MemberState {
	want := attiotest.MemberState{Email: who.email, GivenName: who.given, FamilyName: who.family, Role: attiotest.RoleMember, Status: attiotest.Active}
	if who.admin() {
		want.Role = attiotest.RoleAdmin
	}
	was := before.at[who]
	if before.odds[who] {
		want.Email = was.Email
	}
	if who.domain() == "else.example" && (was == nil || was.Status == attiotest.Invited) {
		want.Status = attiotest.Invited
		if was != nil && now.Email == was.Email && (before.lately[who] || before.often[who]) {
			want.Email = was.Email // it has changed twice; the invite to the last one stands
		}
	}
	return want
}

// invitesTo counts what an address was sent within a week, whoever had it.
func (p *play) invitesTo(email string) (n int) {
	for _, who := range p.people {
		for _, s := range who.invites {
			if strings.EqualFold(s.to, email) && p.world.now().Sub(s.at) < week {
				n++
			}
		}
	}
	return n
}

// inOktasWords are the parts of a place that Okta has a word in.
func inOktasWords(m *attiotest.MemberState) attiotest.MemberState {
	return attiotest.MemberState{Email: m.Email, GivenName: m.GivenName, FamilyName: m.FamilyName, Role: m.Role, Status: m.Status}
}

func (p *play) invitedLately(who *person) bool {
	return slices.ContainsFunc(append(who.invites, who.takenOver), func(s sent) bool { return s.episode == who.episode && p.world.now().Sub(s.at) < week })
}

func (p *play) checkBoss(after attiotest.Snapshot) {
	if m, _ := after.Member(bossEmail); m.Status != attiotest.Active || m.Role != attiotest.RoleAdmin {
		p.t.Fatalf("the boss is %s %s", m.Status, m.Role)
	}
}
