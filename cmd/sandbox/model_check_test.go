package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	core "scim-sync/sync"
)

const week = 7 * 24 * time.Hour

// run applies once, holds that nothing is left to do, and compares the
// workspace with the model.
func (p *play) run() {
	ctx, before := p.t.Context(), p.town.site.Snapshot()
	out := p.town.apply(ctx, core.Options{})
	switch {
	case out.err != nil:
		p.t.Fatalf("the run stopped: %v", out.err)
	case len(out.plan.Refusals) > 0:
		p.t.Fatalf("the run is refused: %+v", out.plan.Refusals)
	case len(out.failed()) > 0:
		p.t.Fatalf("steps failed: %v\nof the plan\n%s", out.failed(), strings.Join(toldAll(out.plan.Steps), "\n"))
	}
	again, err := p.town.plan(ctx)
	p.must(err)
	if len(again.Steps) > 0 {
		p.t.Fatalf("a second plan is not empty:\n%s\nafter\n%s", strings.Join(toldAll(again.Steps), "\n"), strings.Join(toldAll(out.plan.Steps), "\n"))
	}
	after := p.town.site.Snapshot()
	p.checkAlways(before, after)
	for _, who := range p.people {
		p.checkPerson(who, before, after)
	}
	for _, c := range p.crews {
		p.checkTeam(c, before, after)
	}
	p.checkBoss(after)
	p.next()
}

// next begins what comes between two runs.
func (p *play) next() {
	for _, who := range p.people {
		who.acceptedSince = false
		if !who.granted() {
			who.episode++
		}
	}
}

// checkAlways holds what holds for every run, whatever happens to it: an
// active admin after each request (M8), nobody and nothing touched that Okta
// does not manage (M12), and no email that nobody needs (M3, M6).
func (p *play) checkAlways(before, after attiotest.Snapshot) {
	p.must(p.watch.err())
	for _, was := range before.Members {
		who := p.whose(was.Email)
		if was.Email == bossEmail || who != nil && (who.granted() || p.tied(who)) {
			continue
		}
		now, _ := after.Member(was.Email)
		if d := cmp.Diff(was, now); d != "" {
			p.t.Fatalf("somebody unmanaged was touched (-before +after):\n%s", d)
		}
	}
	for _, was := range before.Teams {
		if p.managedTeam(was.ID) {
			continue
		}
		now := teamByID(after, was.ID)
		now.Members, was.Members = nil, nil // addresses may change; ids do not
		now.MemberIDs, was.MemberIDs = p.steady(now.MemberIDs, before, after), p.steady(was.MemberIDs, before, after)
		now.ModifiedAt = was.ModifiedAt // an invite that ends leaves its teams by itself
		if d := cmp.Diff(was, now); d != "" {
			p.t.Fatalf("an unmanaged team was touched (-before +after):\n%s", d)
		}
	}
	p.checkMails(after.Outbox[len(before.Outbox):])
}

// steady leaves out who came or went altogether.
func (p *play) steady(ids []string, before, after attiotest.Snapshot) []string {
	var list []string
	for _, id := range ids {
		_, was := byID(before, id)
		_, is := byID(after, id)
		if was && is {
			list = append(list, id)
		}
	}
	return list
}

// checkMails holds what a run may send: for one assignment one invitation to
// one address in seven days, and no more than one besides when the address
// changes; and that who is added is told once.
func (p *play) checkMails(mails []attiotest.Mail) {
	told := map[string]int{}
	for _, m := range mails {
		who := p.whose(m.To)
		if who == nil {
			p.t.Fatalf("a stranger was mailed: %+v", m)
		}
		if told[string(m.Kind)+m.To]++; told[string(m.Kind)+m.To] > 1 {
			p.t.Fatalf("mailed twice in one run: %+v", m)
		}
		if m.Kind != attiotest.MailInvite {
			continue
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
	}
}

// checkPerson holds that somebody is in the workspace exactly as Okta says (M1
// to M7, M9, M11).
func (p *play) checkPerson(who *person, before, after attiotest.Snapshot) {
	was, now := entryIn(before, who), entryIn(after, who)
	if n := places(after, who); n > 1 {
		p.t.Fatalf("%s has %d places in force", who.login, n)
	}
	if !who.granted() {
		if p.tied(who) && now != nil && now.Status != attiotest.Suspended {
			p.t.Fatalf("%s is not assigned, and %s all the same", who.login, now.Status)
		}
		return
	}
	if now == nil || now.Status == attiotest.Suspended {
		if was == nil && now == nil && p.invitedLately(who) {
			return // the invite has ended, and the next one waits
		}
		p.t.Fatalf("%s is assigned, and is %+v in Attio (was %+v)", who.login, now, was)
	}
	want := attiotest.MemberState{Email: who.email, GivenName: who.given, FamilyName: who.family, Role: attiotest.RoleMember, Status: attiotest.Active}
	if who.admin() {
		want.Role = attiotest.RoleAdmin
	}
	if strings.HasSuffix(who.login, "@else.example") && (was == nil || was.Status == attiotest.Invited) {
		want.Status = attiotest.Invited
		if now.Email != who.email && p.readdressedLately(who) {
			want.Email = now.Email // the address has changed twice; the invite to the last one stands
		}
	}
	got := attiotest.MemberState{Email: now.Email, GivenName: now.GivenName, FamilyName: now.FamilyName, Role: now.Role, Status: now.Status}
	if d := cmp.Diff(want, got); d != "" {
		p.t.Fatalf("%s (-Okta +Attio):\n%s", who.login, d)
	}
}

// places counts where somebody is active or invited.
func places(s attiotest.Snapshot, who *person) (n int) {
	for _, e := range who.emails {
		if m, ok := s.Member(e); ok && m.Status != attiotest.Suspended {
			n++
		}
	}
	return n
}

func (p *play) invitedLately(who *person) bool {
	return slices.ContainsFunc(who.invites, func(s sent) bool { return s.episode == who.episode && p.town.now().Sub(s.at) < week })
}

// readdressedLately: two invites of one assignment within the week.
func (p *play) readdressedLately(who *person) bool {
	n := 0
	for _, s := range who.invites {
		if s.episode == who.episode && p.town.now().Sub(s.at) < week {
			n++
		}
	}
	return n > 1
}

// checkTeam holds that a group's team has its name and its people (M10, M11):
// who is assigned and in the group; those whom Okta does not manage stay as
// they were, and so do memberships of people who are suspended.
func (p *play) checkTeam(c *crew, before, after attiotest.Snapshot) {
	id := p.teamOf(c)
	was, now := teamByID(before, id), teamByID(after, id)
	if c.deleted {
		if now.Name != was.Name || !slices.Equal(p.steady(now.MemberIDs, before, after), p.steady(was.MemberIDs, before, after)) {
			p.t.Fatalf("the team of a group that is gone was touched: %+v, was %+v", now, was)
		}
		return
	}
	if now.Name != c.name {
		p.t.Fatalf("the team of %s is called %q", c.name, now.Name)
	}
	want := map[string]bool{bossEmail: true}
	for who := range c.members {
		if m := entryIn(after, who); who.granted() && m != nil && m.Status != attiotest.Suspended {
			want[m.Email] = true
		}
	}
	for _, id := range was.MemberIDs {
		m, still := byID(after, id)
		if who := p.whose(m.Email); still && m.Email != bossEmail && (who == nil || !who.granted()) {
			want[m.Email] = true
		}
	}
	got := map[string]bool{}
	for _, e := range now.Members {
		got[e] = true
	}
	if d := cmp.Diff(want, got); d != "" {
		p.t.Fatalf("people of %s (-Okta +Attio):\n%s", c.name, d)
	}
}

func (p *play) checkBoss(after attiotest.Snapshot) {
	if m, _ := after.Member(bossEmail); m.Status != attiotest.Active || m.Role != attiotest.RoleAdmin {
		p.t.Fatalf("the boss is %s %s", m.Status, m.Role)
	}
}

// whose finds the person of an address.
func (p *play) whose(email string) *person {
	for _, who := range p.people {
		if slices.Contains(who.emails, strings.ToLower(email)) {
			return who
		}
	}
	return nil
}

// teamOf is the Attio id of a group's team, from the state.
func (p *play) teamOf(c *crew) string {
	m, _, _, err := p.town.store.Read(p.t.Context())
	p.must(err)
	return m.Teams[c.id].TeamID
}

func (p *play) managedTeam(id string) bool {
	return slices.ContainsFunc(p.crews, func(c *crew) bool { return p.teamOf(c) == id })
}

func teamByID(s attiotest.Snapshot, id string) attiotest.TeamState {
	for _, t := range s.Teams {
		if t.ID == id {
			return t
		}
	}
	return attiotest.TeamState{}
}
