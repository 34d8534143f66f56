package planner

import (
	"fmt"
	"testing"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// teamsOf is a scene with so many managed teams, of which the settings let go of
// some: their groups are there, and not among those read.
func teamsOf(n, released int) *scene {
	s := newScene()
	for i := range n {
		name := fmt.Sprintf("Team %d", i)
		s.tiedTeam(name, "boss")
		if i < released {
			s.in.Directory.Groups = s.in.Directory.Groups[:len(s.in.Directory.Groups)-1]
			s.outOfScope("g-"+name, name)
		}
	}
	return s
}

// misaddressed is a company in which what Okta has for the address of some is none.
func misaddressed(n, none int) *scene {
	s := company(n, 0)
	for i := range none {
		s.in.Directory.People[i].Email = "Ada Arden"
	}
	return s
}

func allowReleases(s *scene, n int) *scene {
	s.in.Options.AllowReleases = &n
	return s
}

// A slip in the settings lets go of every team without a step, so that no cap on
// removals would see it: more than half are refused.
func TestReleasesAreCapped(t *testing.T) {
	code := []string{"too-many-releases Acme"}
	checkRails(t, []rail{
		{name: "3 of 6", scene: func() *scene { return teamsOf(6, 3) }},
		{name: "4 of 6", scene: func() *scene { return teamsOf(6, 4) }, blocks: true, refuses: code,
			says: []string{"4 of 6 managed teams would be let go of", "Team 0, Team 1, Team 2 and 1 more", "scim-sync apply --allow-releases 4"}},
		{name: "all of 3", scene: func() *scene { return teamsOf(3, 3) }, blocks: true, refuses: code},
		{name: "both of two", scene: func() *scene { return teamsOf(2, 2) }},
		{name: "teams that were let go of before do not count", scene: func() *scene {
			s := teamsOf(6, 3)
			for i := 3; i < 6; i++ {
				s.retie(fmt.Sprintf("g-Team %d", i), func(m *core.ManagedTeam) { m.Unlinked = true })
			}
			return s
		}, blocks: true, refuses: code, says: []string{"3 of 3 managed teams"}},
		{name: "a group that is gone lets go of nothing", scene: func() *scene {
			s := teamsOf(4, 4)
			for i := range 4 {
				s.lost(fmt.Sprintf("g-Team %d", i))
			}
			return s
		}},
		{name: "no teams any more", scene: func() *scene {
			s := teamsOf(4, 4)
			s.in.Policy.Teams.Source = idp.NoTeams
			return s
		}, blocks: true, refuses: code},
		{name: "the plan's own number lifts it", scene: func() *scene { return allowReleases(teamsOf(6, 4), 4) }},
		{name: "no other does", scene: func() *scene { return allowReleases(teamsOf(6, 4), 3) }, blocks: true, refuses: []string{"too-many-releases --allow-releases"}},
		{name: "half of the people", scene: func() *scene { return misaddressed(6, 3) }},
		{name: "more than half of the people", scene: func() *scene { return misaddressed(6, 4) }, blocks: true, refuses: code,
			says: []string{"4 of 6 managed people would be left as they are, because what Okta has for their address is none: boss@acme.com, p001@acme.com, p002@acme.com and 1 more", "okta.email_attribute"}},
		{name: "allowed", scene: func() *scene { return allowReleases(misaddressed(6, 4), 4) }},
	})
}

// A run that is refused for it lets go of nothing.
func TestARefusedRunReleasesNothing(t *testing.T) {
	p := teamsOf(6, 6).propose(t)
	if learns := p.Learns(); len(learns) != 0 {
		t.Errorf("learns %v", changeWords(learns))
	}
}

func TestSettingsThatMatchNothingAreTold(t *testing.T) {
	team := func(s *scene, change func(*core.TeamPolicy)) {
		s.tiedTeam("Engineering", "boss")
		change(&s.in.Policy.Teams)
	}
	check(t, []row{
		{name: "a pattern", scene: func(s *scene) {
			team(s, func(p *core.TeamPolicy) { p.Include = []string{"Eng*", "Enginering*"} })
		},
			notes: []string{"group-not-found Enginering*"}},
		{name: "a pattern of a source that lists its groups", scene: func(s *scene) {
			team(s, func(p *core.TeamPolicy) {
				p.Include, p.Source = []string{"Eng*", "Enginering*"}, idp.ListedGroups
			})
		}, notes: []string{"group-not-found Enginering*"}},
		{name: "a prefix", scene: func(s *scene) { team(s, func(p *core.TeamPolicy) { p.StripPrefix = "App-" }) }, notes: []string{"matches-nothing App-"}},
		{name: "a prefix that some have", scene: func(s *scene) { team(s, func(p *core.TeamPolicy) { p.StripPrefix = "Engineer" }) },
			steps: []string{"rename_team Engineering Engineering→ing (okta)"}},
		{name: "an address to protect", scene: func(s *scene) {
			s.in.Policy.Protect.Members = []string{"BOSS@acme.com", "bos@acme.com"}
		},
			notes: []string{"matches-nothing bos@acme.com"}, says: []string{"it protects nobody"}},
		{name: "domains", scene: func(s *scene) { s.in.Policy.VerifiedDomains = []string{"acme.con"} }, notes: []string{"matches-nothing acme.con"}},
		{name: "one domain of several", scene: func(s *scene) { s.in.Policy.VerifiedDomains = []string{"acme.con", "ACME.com"} }},
	})
}

// An attribute of another meaning, in which nobody's value is a role, demotes
// nobody and counts as missing.
func TestARoleAttributeWithoutARoleCountsAsMissing(t *testing.T) {
	department := func(s *scene) {
		for i := range s.in.Directory.People {
			s.in.Directory.People[i].Roles, s.in.Directory.People[i].HasRole = []string{[]string{"Sales", "Ops", " "}[i%3]}, true
		}
	}
	const told = "role-attribute-missing okta.role_attribute"
	check(t, []row{
		{name: "the one admin stays", scene: func(s *scene) { s.tied("1", "ada@acme.com"); department(s) },
			notes: []string{"role-attribute-missing boss@acme.com", told}, says: []string{"not one of its values in Okta is admin or member (Ops, Sales)"}},
		{name: "an adopted admin stays, and is not taken for one who had a role", scene: func(s *scene) {
			s.unadopted("1", "ada@acme.com", func(t *trio) { t.attio.Role = attio.RoleAdmin })
			department(s)
		}, steps: []string{"adopt ada@acme.com →ada@acme.com,admin,active,Ada,Acme (adopt)"}, notes: []string{"admin-kept ada@acme.com", "role-attribute-missing boss@acme.com", told}},
	})
	s := newScene()
	s.tied("1", "ada@acme.com", admin, roles("Member"))
	s.in.Directory.People[0].Roles = []string{"owner"}
	if p := s.propose(t); len(p.Plan.Steps) != 1 || p.Plan.Steps[0].Action != core.Demote {
		t.Errorf("where one has a role, the attribute counts: %v", wordsOfAll(p.Plan.Steps))
	}
}

// Notes of weight are those that somebody has to act on.
func TestNotesOfWeight(t *testing.T) {
	for _, p := range []*Draft{teamsOf(6, 1).propose(t), func() *Draft {
		s := newScene()
		s.in.Policy.Protect.Members = []string{"nobody@acme.com"}
		return s.propose(t)
	}()} {
		if len(p.Plan.Notes) != 1 || !p.Plan.Notes[0].Code.Weighty() {
			t.Errorf("not told when quiet: %v", p.Plan.Notes)
		}
	}
	if core.NoteWaiting.Weighty() {
		t.Error("somebody who waits is told when quiet")
	}
}
