package world

import (
	"slices"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
)

// checkOtherTeams holds that no team was touched to which no group goes, or
// only one that is gone, out of scope, or in conflict.
func (p *play) checkOtherTeams(before, after *moment) {
	ours := map[string]bool{}
	for _, w := range before.expectedTeams {
		ours[before.team(w).ID] = true
		ours[after.team(w).ID] = true
	}
	for _, was := range before.site.Teams {
		if ours[was.ID] {
			continue
		}
		now := teamByID(after.site, was.ID)
		now.Members, was.Members = nil, nil // addresses may change; ids do not
		now.MemberIDs, was.MemberIDs = steady(now.MemberIDs, before, after), steady(was.MemberIDs, before, after)
		now.ModifiedAt = was.ModifiedAt // an invite that ends leaves its teams by itself
		if d := cmp.Diff(was, now); d != "" {
			p.t.Fatalf("a team was touched that nobody manages (-before +after):\n%s", d)
		}
	}
}

// steady leaves out who came or went altogether.
func steady(ids []string, before, after *moment) []string {
	var list []string
	for _, id := range ids {
		_, was := byID(before.site, id)
		_, is := byID(after.site, id)
		if was && is {
			list = append(list, id)
		}
	}
	return list
}

// checkTeam holds that a team has its name and its people (M10, M11): who is
// assigned and in a group of it; those whom Okta does not manage stay as they
// were, and so do memberships of people who are suspended. A team whose name is
// another's keeps the one that it has, or is not made.
func (p *play) checkTeam(w expected, before, after *moment) {
	was, now, name := before.team(w), after.team(w), w.name
	if p.nameTaken(before, w) {
		if name = was.Name; now.ID != was.ID {
			p.t.Fatalf("%s is another's name, and the group has got the team %+v", w.name, now)
		}
	}
	switch {
	case now.Name != name:
		p.t.Fatalf("the team of %s is called %q, not %q", w.teams[0].name, now.Name, name)
	case now.ID == "":
		return
	case was.ID != "" && was.ID != now.ID:
		p.t.Fatalf("the group %s has changed its team: %+v, was %+v", w.teams[0].name, now, was)
	}
	if was.ID == "" {
		was = teamByID(before.site, now.ID) // one that was taken over, with its people
	}
	want := map[string]bool{bossEmail: true}
	for _, who := range p.people {
		if p.belongs(who, w, before, after) {
			want[after.at[who].Email] = true
		}
	}
	for _, id := range was.MemberIDs {
		if m, still := byID(after.site, id); still && p.remains(m, w, before, after) {
			want[m.Email] = true
		}
	}
	got := map[string]bool{}
	for _, e := range now.Members {
		got[e] = true
	}
	if d := cmp.Diff(want, got); d != "" {
		p.t.Fatalf("people of %s (-Okta +Attio):\n%s", w.name, d)
	}
}

// belongs says whether Okta puts somebody into a team.
func (p *play) belongs(who *person, w expected, before, after *moment) bool {
	at := after.at[who]
	if !who.granted() || who.place == "" || at == nil || at.Status == attiotest.Suspended || before.odds[who] && !p.atHome(before, who) {
		return false
	}
	return slices.ContainsFunc(w.teams, func(c *team) bool { return who.in[c] })
}

// remains says whether somebody stays in a team though no group of it has them.
func (p *play) remains(m attiotest.MemberState, w expected, before, after *moment) bool {
	who := after.owner[m.ID]
	return m.Email != bossEmail && (who == nil || !who.granted() || p.mourns(w, before))
}

// mourns: one of the groups of a shared team was in it to the last and is gone
// from Okta, so that nobody knows any more who was in it.
func (p *play) mourns(w expected, before *moment) bool {
	id := before.team(w).ID
	return id != "" && slices.ContainsFunc(p.teams, func(c *team) bool {
		tie := before.state.Teams[c.id]
		released := c.released
		if c.doubt {
			released = tie.OutOfScope
		}
		return c.deleted && tie.TeamID == id && !released
	})
}

func teamByID(s attiotest.Snapshot, id string) attiotest.TeamState {
	for _, t := range s.Teams {
		if t.ID == id {
			return t
		}
	}
	return attiotest.TeamState{}
}
