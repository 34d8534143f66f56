package planner

import (
	"fmt"
	core "scim-sync/sync"
	"slices"
	"testing"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

func TestDiffOfMemberships(t *testing.T) {
	// company has Ada in a team with the boss, and Bo outside of it.
	company := func(more func(*scene)) func(*scene) {
		return func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.tied("2", "bo@acme.com")
			s.tiedTeam("Eng", "boss", "1")
			more(s)
		}
	}
	members := func(s *scene, ids ...string) { s.in.Workspace.Teams[0].Members = idset.Of(ids...) }
	inGroup := func(s *scene, ids ...string) { s.in.Directory.Groups[0].Members = idset.Of(ids...) }
	check(t, []row{
		{name: "joined in Okta", scene: company(func(s *scene) { inGroup(s, "boss", "1", "2") }),
			steps: []string{"add_members Eng: bo@acme.com (okta)"}},
		{name: "left in Okta", scene: company(func(s *scene) { inGroup(s, "boss") }),
			steps: []string{"remove_members Eng: ada@acme.com (okta)"}},
		{name: "moved in Okta: first in, then out", scene: company(func(s *scene) { inGroup(s, "boss", "2") }),
			steps: []string{"add_members Eng: bo@acme.com (okta)", "remove_members Eng: ada@acme.com (okta)"}},
		{name: "put in by hand", scene: company(func(s *scene) { members(s, "a-boss", "a-1", "a-2") }),
			steps: []string{"remove_members Eng: bo@acme.com (drift)"}},
		{name: "taken out by hand", scene: company(func(s *scene) { members(s, "a-boss") }),
			steps: []string{"add_members Eng: ada@acme.com (drift)"}},
		{name: "everybody left in Okta: an empty group is not a group that is gone", scene: company(func(s *scene) { inGroup(s) }),
			steps: []string{"remove_members Eng: ada@acme.com boss@acme.com (okta)"}},
		{name: "in the group, not assigned to the app", scene: company(func(s *scene) { inGroup(s, "boss", "1", "9") })},
		{name: "in the group, unassigned: suspended, the membership left", scene: func(s *scene) {
			s.left("1", "ada@acme.com")
			s.tiedTeam("Eng", "boss", "1")
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Applied.Members = core.NewMemberSet([]string{"boss"}) })
		}, steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}},
		{name: "suspended, in the team but not in the group: left", scene: company(func(s *scene) {
			s.tied("3", "cy@acme.com", suspended, access(idp.Revoked, "INACTIVE"))
			members(s, "a-boss", "a-1", "a-3")
		})},
		{name: "suspended, in the group but not in the team: left", scene: company(func(s *scene) {
			s.tied("3", "cy@acme.com", suspended, access(idp.Revoked, "INACTIVE"))
			inGroup(s, "boss", "1", "3")
		})},
		{name: "coming back: memberships count again", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", suspended)
			s.tiedTeam("Eng", "boss", "1")
			s.tiedTeam("Ops", "boss")
			s.in.Workspace.Teams[0].Members, s.in.Workspace.Teams[1].Members = idset.Of("a-boss"), idset.Of("a-boss", "a-1")
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Applied.Members = core.NewMemberSet([]string{"boss"}) })
		}, steps: []string{
			"reactivate ada@acme.com suspended→member,active (okta)",
			"add_members Eng: ada@acme.com (okta)",
			"remove_members Ops: ada@acme.com (drift)",
		}},
		{name: "taken out by hand while somebody else joins in Okta: told apart", scene: company(func(s *scene) {
			inGroup(s, "boss", "1", "2")
			members(s, "a-boss")
		}), steps: []string{"add_members Eng: bo@acme.com (okta)", "add_members Eng: ada@acme.com (drift)"}},
		{name: "put in by hand while somebody else leaves in Okta: told apart", scene: company(func(s *scene) {
			inGroup(s, "boss")
			members(s, "a-boss", "a-1", "a-2")
		}), steps: []string{"remove_members Eng: ada@acme.com (okta)", "remove_members Eng: bo@acme.com (drift)"}},
		{name: "nothing known of who was in: Okta's doing", scene: company(func(s *scene) {
			members(s, "a-boss")
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Applied.Members = "" })
		}), steps: []string{"add_members Eng: ada@acme.com (okta)"}},
		{name: "invited, and a member", scene: func(s *scene) {
			s.tied("1", "mo@else.com", invited(1))
			s.tiedTeam("Eng", "boss", "1")
		}},
		{name: "newly invited: added by the id to come", scene: company(func(s *scene) {
			s.fresh("3", "mo@else.com")
			inGroup(s, "boss", "1", "3")
		}), steps: []string{"provision mo@else.com →mo@else.com,member,invited,Mo,Else (okta)", "add_members Eng: mo@else.com (okta)"}},
		{name: "accepted: the team goes on with the new id", scene: company(func(s *scene) {
			s.tied("3", "mo@else.com", func(t *trio) { t.state.Kind, t.state.AttioID = core.Invite, "invite" })
			inGroup(s, "boss", "1", "3")
			members(s, "a-boss", "a-1", "a-3")
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Applied.Members = core.NewMemberSet([]string{"boss", "1", "3"}) })
		}), steps: []string{"adopt mo@else.com invited→mo@else.com,member,active,Mo,Else (adopt)"}},
		{name: "accepted, and the team lists the former id", scene: company(func(s *scene) {
			s.tied("3", "mo@else.com")
			inGroup(s, "boss", "1", "3")
			members(s, "a-boss", "a-1", "invite")
		}), steps: []string{"add_members Eng: mo@else.com (okta)"}},
		{name: "the invite declined: nobody to add, and nobody to leave out", scene: company(func(s *scene) {
			s.tied("3", "mo@else.com", invited(1))
			s.in.Workspace.Members = s.in.Workspace.Members[:3]
			inGroup(s, "boss", "1", "3")
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Applied.Members = core.NewMemberSet([]string{"boss", "1", "3"}) })
		}), notes: []string{"invite-not-sent mo@else.com"}},
		{name: "a stranger stays", scene: company(func(s *scene) {
			s.stranger("x", "expert@else.com")
			members(s, "a-boss", "a-1", "a-x")
		})},
		{name: "a stranger goes by setting", scene: company(func(s *scene) {
			s.in.Policy.Teams.RemoveStrangers = true
			s.stranger("x", "expert@else.com")
			members(s, "a-boss", "a-1", "a-x")
		}), steps: []string{"remove_members Eng: expert@else.com (drift)"}},
		{name: "a suspended stranger stays, setting or not", scene: company(func(s *scene) {
			s.in.Policy.Teams.RemoveStrangers = true
			s.stranger("x", "expert@else.com", suspended)
			members(s, "a-boss", "a-1", "a-x")
		})},
		{name: "an id that Attio's own list does not explain stays", scene: company(func(s *scene) {
			s.in.Policy.Teams.RemoveStrangers = true
			members(s, "a-boss", "a-1", "whoever")
		})},
		{name: "in Okta though never managed: no stranger", scene: company(func(s *scene) {
			s.in.Policy.Teams.RemoveStrangers = true
			s.unadopted("3", "cy@acme.com", access(idp.Waiting, "STAGED"))
			members(s, "a-boss", "a-1", "a-3")
		}), notes: []string{"waiting cy@acme.com"}},
		{name: "a team met for the first time", scene: func(s *scene) {
			s.in.Policy.Teams.LinkSameName = true
			s.tied("1", "ada@acme.com")
			s.group("g", "Eng", "boss")
			s.team("t", "Eng", "a-1")
		}, steps: []string{"link_team Eng →Eng (adopt)", "add_members Eng: boss@acme.com (adopt)", "remove_members Eng: ada@acme.com (adopt)"}},
		{name: "one group of two was left: the union stays", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "Dev", Team: "Eng"}, {Group: "Ops", Team: "Eng"}}
			s.group("g1", "Dev", "boss")
			s.group("g2", "Ops", "boss", "1")
			s.team("t", "Eng", "a-boss", "a-1")
			s.tie("g1", "t", "Eng", "boss", "1")
			s.tie("g2", "t", "Eng", "boss", "1")
		}},
		{name: "found right without a step: learned", scene: company(func(s *scene) {
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Applied.Members = "another" })
		}), learns: []string{"g-Eng has t-Eng Eng"}},
	})
}

func TestDiffOfGroupsThatAreGone(t *testing.T) {
	gone := func(more func(*scene)) func(*scene) {
		return func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Directory.Groups = nil
			s.lost("g-Eng")
			more(s)
		}
	}
	deleting := func(s *scene) { s.in.Policy.Teams.DeleteGone = true }
	check(t, []row{
		{name: "kept and told", scene: gone(func(*scene) {}), notes: []string{"group-gone Eng"}},
		{name: "deleted by setting", scene: gone(deleting), steps: []string{"delete_team Eng Eng→ (okta)"}},
		{name: "the settings want no teams at all: nothing is deleted", scene: gone(func(s *scene) {
			deleting(s)
			s.in.Policy.Teams.Source = idp.NoTeams
		}), notes: []string{"group-gone Eng"}},
		{name: "asked about before anything is deleted", scene: gone(func(s *scene) {
			deleting(s)
			s.in.Answers.Groups = nil
		}), asks: []string{"g-Eng"}},
		{name: "a linked team is never deleted", scene: gone(func(s *scene) {
			deleting(s)
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Created = false })
		}), notes: []string{"group-gone Eng"}},
		{name: "an unlinked group's team is never deleted", scene: gone(func(s *scene) {
			deleting(s)
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Unlinked = true })
		})},
		{name: "a released group's team is never deleted", scene: gone(func(s *scene) {
			deleting(s)
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.OutOfScope = true })
		})},
		{name: "the team is gone too: forgotten", scene: gone(func(s *scene) { s.in.Workspace.Teams = nil }), learns: []string{"forget g-Eng"}, asks: []string{"t-Eng"}},
		{name: "another group goes to the same team: nobody is taken out", scene: gone(func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "Ops", Team: "Eng"}}
			s.group("g2", "Ops", "boss")
			s.tie("g2", "t-Eng", "Eng", "boss", "1")
			s.tie("g-Eng", "t-Eng", "Eng", "boss", "1")
			s.in.Workspace.Teams[0].Members = idset.Of("a-boss", "a-1")
		}), notes: []string{"group-gone Eng"}, says: []string{"nobody is taken out of it", "scim-sync unlink g-Eng"}},
		{name: "another group goes to the same team, and this one is merely out of scope", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.tiedTeam("Eng", "boss", "1")
			s.in.Directory.Groups = nil
			s.outOfScope("g-Eng", "Eng")
			s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "Ops", Team: "Eng"}}
			s.group("g2", "Ops", "boss")
			s.tie("g2", "t-Eng", "Eng", "boss", "1")
		}, steps: []string{"remove_members Eng: ada@acme.com (okta)"}, notes: []string{"team-released Eng"}, learns: []string{"g-Eng is out of scope"},
			says: []string{"who was in it for that group alone is taken out"}},
		{name: "another group goes to the same team: it stays", scene: gone(func(s *scene) {
			deleting(s)
			s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "Ops", Team: "Eng"}}
			s.group("g2", "Ops", "boss")
			s.tie("g2", "t-Eng", "Eng", "boss")
		}), notes: []string{"group-gone Eng"}},
		{name: "both groups of a team are gone: deleted once", scene: gone(func(s *scene) {
			deleting(s)
			s.tie("g2", "t-Eng", "Eng", "boss")
			s.lost("g2")
		}), steps: []string{"delete_team Eng Eng→ (okta)"}},
		{name: "a group that is still there is not gone", scene: gone(func(s *scene) {
			deleting(s)
			s.outOfScope("g-Eng", "Eng")
		}), notes: []string{"team-released Eng"}, learns: []string{"g-Eng is out of scope"}},
	})
}

func TestDiffOfALargeTeam(t *testing.T) {
	s := newScene()
	var all []string
	for i := range 5000 {
		id := fmt.Sprintf("%04d", i)
		s.tied(id, "p"+id+"@acme.com")
		all = append(all, id)
	}
	s.tiedTeam("All", all...)
	s.in.Directory.Groups[0].Members = idset.Of(append(slices.Clone(all[1:]), "boss")...)
	p := s.propose(t)
	alike(t, "steps", []string{"add_members All: boss@acme.com (okta)", "remove_members All: p0000@acme.com (okta)"}, wordsOfAll(p.Plan.Steps))
}

// TestUnmanagedAreListed: whom Okta does not manage is listed with role,
// status and teams, and counted; released people are among them.
func TestUnmanagedAreListed(t *testing.T) {
	s := newScene()
	s.stranger("x", "expert@else.com", admin)
	s.stranger("y", "desk@acme.com", suspended)
	s.tied("1", "ada@acme.com", func(t *trio) { t.state.Released = true })
	s.unadopted("2", "bo@acme.com", access(idp.Waiting, "STAGED"))
	s.tiedTeam("Eng", "boss")
	s.team("t2", "Board", "a-x", "a-boss")
	s.team("t1", "Ad hoc", "a-x")
	p := s.propose(t)
	want := []core.Unmanaged{
		{Email: "ada@acme.com", Role: attio.RoleMember, Status: attio.Active, Teams: []string{}},
		{Email: "bo@acme.com", Role: attio.RoleMember, Status: attio.Active, Teams: []string{}},
		{Email: "desk@acme.com", Status: attio.Suspended, Teams: []string{}},
		{Email: "expert@else.com", Role: attio.RoleAdmin, Status: attio.Active, Teams: []string{"Ad hoc", "Board"}},
	}
	if got := p.Plan.Unmanaged; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("unmanaged\n%v, want\n%v", got, want)
	}
	if s := p.Plan.Summary; s.UnmanagedMembers != 4 || s.UnmanagedTeams != 2 {
		t.Errorf("summary counts %d people and %d teams, want 4 and 2", s.UnmanagedMembers, s.UnmanagedTeams)
	}
}
