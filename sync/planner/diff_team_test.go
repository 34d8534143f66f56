package planner

import (
	core "scim-sync/sync"
	"strings"
	"testing"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

func TestDiffOfTeamNames(t *testing.T) {
	mapped := func(pairs ...string) func(*scene) {
		return func(s *scene) {
			for i := 0; i < len(pairs); i += 2 {
				s.in.Policy.Teams.Groups = append(s.in.Policy.Teams.Groups, core.TeamMapping{Group: pairs[i], Team: pairs[i+1]})
			}
		}
	}
	check(t, []row{
		{name: "new", scene: func(s *scene) { s.group("g", "Eng", "boss") },
			steps: []string{"create_team Eng →Eng (okta)", "add_members Eng: boss@acme.com (okta)"}},
		{name: "new, of nobody", scene: func(s *scene) { s.group("g", "Eng") }, steps: []string{"create_team Eng →Eng (okta)"}},
		{name: "as it should be", scene: func(s *scene) { s.tiedTeam("Eng", "boss") }},
		{name: "renamed in Okta", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Directory.Groups[0].Name = "Engineering"
		}, steps: []string{"rename_team Eng Eng→Engineering (okta)"}},
		{name: "renamed by hand in Attio", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Workspace.Teams[0].Name = "Nerds"
		}, steps: []string{"rename_team Nerds Nerds→Eng (drift)"}},
		{name: "another case is another name to see", scene: func(s *scene) {
			s.tiedTeam("eng", "boss")
			s.in.Directory.Groups[0].Name = "Eng"
		}, steps: []string{"rename_team eng eng→Eng (okta)"}},
		{name: "deleted by hand", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Workspace.Teams = nil
		}, asks: []string{"t-Eng"}, steps: []string{"create_team Eng →Eng (drift)", "add_members Eng: boss@acme.com (drift)"}},
		{name: "the prefix is taken off", scene: func(s *scene) {
			s.in.Policy.Teams.StripPrefix = "attio-"
			s.group("g", "attio-Eng")
		}, steps: []string{"create_team Eng →Eng (okta)"}},
		{name: "nothing but the prefix", scene: func(s *scene) {
			s.in.Policy.Teams.StripPrefix = "attio-"
			s.group("g", "attio-")
		}, notes: []string{"team-name-empty attio-"}},
		{name: "mapped by name onto a new team", scene: func(s *scene) {
			mapped("Engineering", "Eng")(s)
			s.group("g", "Engineering")
		}, steps: []string{"create_team Eng →Eng (okta)"}},
		{name: "mapped by id onto a team that is there", scene: func(s *scene) {
			mapped("g", "Eng")(s)
			s.group("g", "Engineering", "boss")
			s.team("t", "Eng", "a-boss")
		}, steps: []string{"link_team Eng →Eng (adopt)"}},
		{name: "mapped without a team: the group's name", scene: func(s *scene) {
			mapped("Engineering", "")(s)
			s.group("g", "Engineering")
		}, steps: []string{"create_team Engineering →Engineering (okta)"}},
		{name: "two groups onto one team: their union", scene: func(s *scene) {
			mapped("Dev", "Eng", "Ops", "Eng")(s)
			s.tied("1", "ada@acme.com")
			s.tied("2", "bo@acme.com")
			s.group("g1", "Dev", "1", "boss")
			s.group("g2", "Ops", "2", "boss")
		}, steps: []string{"create_team Eng →Eng (okta)", "add_members Eng: ada@acme.com bo@acme.com boss@acme.com (okta)"}},
		{name: "linked under a name of its own, which stays", scene: func(s *scene) {
			s.group("g", "Engineering", "boss")
			s.team("t", "Eng", "a-boss")
			s.tie("g", "t", "Eng", "boss")
			s.retie("g", func(m *core.ManagedTeam) { m.Applied.KeepName = true })
		}},
		{name: "linked under a name of its own, renamed by hand", scene: func(s *scene) {
			s.group("g", "Engineering", "boss")
			s.team("t", "Nerds", "a-boss")
			s.tie("g", "t", "Eng", "boss")
			s.retie("g", func(m *core.ManagedTeam) { m.Applied.KeepName = true })
		}, steps: []string{"rename_team Nerds Nerds→Eng (drift)"}},
		{name: "unlinked: not managed, whatever differs", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Directory.Groups[0].Name, s.in.Workspace.Teams[0].Members = "Engineering", idset.Set{}
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Unlinked = true })
		}},
	})
}

func TestDiffOfTeamScope(t *testing.T) {
	with := func(change func(*core.Policy)) func(*scene) {
		return func(s *scene) {
			change(&s.in.Policy)
			s.group("g1", "Eng")
			s.group("g2", "Sales")
			s.group("g3", "Everyone").BuiltIn = true
		}
	}
	eng, sales, everyone := "create_team Eng →Eng (okta)", "create_team Sales →Sales (okta)", "create_team Everyone →Everyone (okta)"
	check(t, []row{
		{name: "all but Everyone", scene: with(func(*core.Policy) {}), steps: []string{eng, sales}},
		{name: "included by name", scene: with(func(p *core.Policy) { p.Teams.Include = []string{"Eng"} }), steps: []string{eng}},
		{name: "included by id", scene: with(func(p *core.Policy) { p.Teams.Include = []string{"g2"} }), steps: []string{sales}},
		{name: "included by wildcard", scene: with(func(p *core.Policy) { p.Teams.Include = []string{"*al*"} }), steps: []string{sales}},
		{name: "a wildcard does not name Everyone", scene: with(func(p *core.Policy) { p.Teams.Include = []string{"E*"} }), steps: []string{eng}},
		{name: "Everyone when named", scene: with(func(p *core.Policy) { p.Teams.Include = []string{"Everyone"} }), steps: []string{everyone}},
		{name: "Everyone when mapped", scene: with(func(p *core.Policy) { p.Teams.Groups = []core.TeamMapping{{Group: "Everyone"}} }), steps: []string{eng, everyone, sales}},
		{name: "excluded", scene: with(func(p *core.Policy) { p.Teams.Exclude = []string{"S*", "g3"} }), steps: []string{eng}},
		{name: "excluded goes before included", scene: with(func(p *core.Policy) { p.Teams.Include, p.Teams.Exclude = []string{"Eng", "Sales"}, []string{"Eng"} }), steps: []string{sales}},
		{name: "a mapping includes", scene: with(func(p *core.Policy) {
			p.Teams.Include, p.Teams.Groups = []string{"Sales"}, []core.TeamMapping{{Group: "Eng", Team: "Builders"}}
		}), steps: []string{"create_team Builders →Builders (okta)", sales}},
		{name: "read for another reason than to be a team", scene: func(s *scene) { s.group("g", "Eng").Team = false }},
		{name: "what the source has to tell is told", scene: func(s *scene) {
			s.in.Directory.Notes = []idp.Note{{Code: "mapping-error", Subject: "Ops", Detail: "its push mapping has failed in Okta"}, {Code: "mapping-inactive", Subject: "Dev", Detail: "its push mapping is switched off in Okta"}}
		}, notes: []string{"mapping-error Ops", "mapping-inactive Dev"}},
		{name: "out of scope: released", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Directory.Groups = nil
			s.outOfScope("g-Eng", "Eng")
		}, notes: []string{"team-released Eng"}, learns: []string{"g-Eng is out of scope"}},
		{name: "out of scope: asked about first", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Directory.Groups = nil
		}, asks: []string{"g-Eng"}},
		{name: "out of scope by a setting: released", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Policy.Teams.Exclude = []string{"Eng"}
			s.outOfScope("g-Eng", "Eng")
		}, notes: []string{"team-released Eng"}, learns: []string{"g-Eng is out of scope"}},
		{name: "out of scope for long: nothing to say", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Directory.Groups = nil
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.OutOfScope = true })
		}},
		{name: "out of scope and coming back: the same team", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Workspace.Teams[0].Members = idset.Set{}
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.OutOfScope = true })
		}, steps: []string{"add_members Eng: boss@acme.com (okta)"}},
		{name: "out of scope and coming back as it was", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.OutOfScope = true })
		}, learns: []string{"g-Eng has t-Eng Eng"}},
	})
}

func TestDiffOfTeamConflicts(t *testing.T) {
	check(t, []row{
		{name: "a team of that name that nobody manages", scene: func(s *scene) {
			s.group("g", "Eng ops", "boss")
			s.team("t", "eng OPS")
		}, refusals: []string{"team-name-taken Eng ops"}, says: []string{"scim-sync link 'Eng ops' 'Eng ops'", "teams.same_name: link"}},
		{name: "a team of that name, to be linked by setting", scene: func(s *scene) {
			s.in.Policy.Teams.LinkSameName = true
			s.group("g", "Eng", "boss")
			s.team("t", "eng")
		}, steps: []string{"link_team Eng →eng (adopt)", "rename_team eng eng→Eng (okta)", "add_members Eng: boss@acme.com (adopt)"}},
		{name: "a team that a run cut off had begun to create", scene: func(s *scene) {
			s.group("g", "Eng", "boss")
			s.team("t", "Eng", "a-boss")
			s.in.Unfinished = []core.Unfinished{{Intent: core.Intent{Step: core.Step{Action: core.CreateTeam, Team: &core.TeamRef{OktaID: "g", Name: "Eng"}, After: core.Values{Name: "Eng"}}}}}
		}, steps: []string{"link_team Eng →Eng (adopt)"}},
		{name: "several teams of that name", scene: func(s *scene) {
			s.in.Policy.Teams.LinkSameName = true
			s.group("g", "Eng", "boss")
			s.team("t1", "Eng")
			s.team("t2", "eng")
		}, refusals: []string{"team-name-taken Eng"}, says: []string{"2 teams of this name", "scim-sync link Eng TEAM-ID"}},
		{name: "a name that a team of ours was given by hand: it goes back first", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Workspace.Teams[0].Name = "Ops"
			s.group("g2", "Ops")
		}, steps: []string{"rename_team Ops Ops→Eng (drift)", "create_team Ops →Ops (okta)"}},
		{name: "the name of a team that was linked to another group", scene: func(s *scene) {
			s.group("g1", "Engineering", "boss")
			s.team("t", "Ops", "a-boss")
			s.tie("g1", "t", "Ops", "boss")
			s.retie("g1", func(m *core.ManagedTeam) { m.Applied.KeepName = true })
			s.group("g2", "Ops")
		}, refusals: []string{"team-name-taken Ops"}, says: []string{"Okta's group Ops (g2)", "teams.groups"}},
		{name: "two groups that happen to have one name", scene: func(s *scene) {
			s.group("g1", "Sales", "boss")
			s.group("g2", "sales")
		}, refusals: []string{"team-name-taken Sales", "team-name-taken sales"}},
		{name: "two groups that happen to have one name, one with the team", scene: func(s *scene) {
			s.tiedTeam("Sales", "boss")
			s.group("g2", "sales")
		}, refusals: []string{"team-name-taken sales"}},
		{name: "a mapping adds a group to another's team", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "Ops", Team: "Eng"}}
			s.tiedTeam("Eng", "boss")
			s.group("g2", "Ops", "1")
		}, steps: []string{"add_members Eng: ada@acme.com (okta)"}},
		{name: "a mapping moves a group with a team to another's team", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "Ops", Team: "Eng"}}
			s.tiedTeam("Eng", "boss")
			s.tiedTeam("Ops", "1")
		}, steps: []string{"add_members Eng: ada@acme.com (okta)"}, notes: []string{"team-merged Ops"}},
		{name: "renamed to the name of a team that nobody manages", scene: func(s *scene) {
			s.tiedTeam("Eng", "boss")
			s.in.Directory.Groups[0].Name = "Ops"
			s.team("t2", "Ops")
		}, refusals: []string{"team-name-taken Ops"}, says: []string{"the team Eng of Okta's group Ops should have this name"}},
		{name: "renamed to a name that another group's team leaves: in that order", scene: func(s *scene) {
			s.tiedTeam("A", "boss")
			s.tiedTeam("B", "boss")
			s.in.Directory.Groups[0].Name, s.in.Directory.Groups[1].Name = "B", "C"
		}, steps: []string{"rename_team B B→C (okta)", "rename_team A A→B (okta)"}},
		{name: "a new group takes the name that another leaves", scene: func(s *scene) {
			s.tiedTeam("A", "boss")
			s.in.Directory.Groups[0].Name = "B"
			s.group("g2", "A")
		}, steps: []string{"rename_team A A→B (okta)", "create_team A →A (okta)"}},
		{name: "two groups exchange their names: one takes a detour", scene: func(s *scene) {
			s.tiedTeam("A", "boss")
			s.tiedTeam("B", "boss")
			s.in.Directory.Groups[0].Name, s.in.Directory.Groups[1].Name = "B", "A"
		}, steps: []string{"rename_team A A→A (renaming) (okta)", "rename_team B B→A (okta)", "rename_team A A (renaming)→B (okta)"}},
		{name: "a name that a deletion makes free is used", scene: func(s *scene) {
			s.in.Policy.Teams.DeleteGone = true
			s.tiedTeam("A", "boss")
			s.in.Directory.Groups[0].ID = "new"
			s.lost("g-A")
		}, steps: []string{"delete_team A A→ (okta)", "create_team A →A (okta)", "add_members A: boss@acme.com (okta)"}},
		{name: "a name that a deletion makes free is given to another team", scene: func(s *scene) {
			s.in.Policy.Teams.DeleteGone = true
			s.tiedTeam("A")
			s.tiedTeam("B")
			s.in.Directory.Groups = s.in.Directory.Groups[1:]
			s.in.Directory.Groups[0].Name = "A"
			s.lost("g-A")
		}, steps: []string{"delete_team A A→ (okta)", "rename_team B B→A (okta)"}},
		{name: "a group renamed to the name of another: both teams stay as they are", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.tiedTeam("A", "boss")
			s.tiedTeam("B", "1")
			s.in.Directory.Groups[0].Name = "b"
		}, refusals: []string{"team-name-taken b"}},
	})
}

// TestATeamThatKeepsItsNameSaysHowToStop: a rename that Attio answers well and
// ignores fails with the setting that ends it, and the setting does.
func TestATeamThatKeepsItsNameSaysHowToStop(t *testing.T) {
	s := newScene()
	s.tiedTeam("Eng", "boss")
	s.in.Directory.Groups[0].Name = "Engineering"
	s.spells = func(string) string { return "Eng" }
	_, r := s.run(t)
	if len(r.Results) != 1 || r.Results[0].Outcome != core.StepFailed || !strings.Contains(r.Results[0].Hint, "teams.groups: [{group: g-Eng, team: \"Eng\"}]") {
		t.Fatalf("%+v", r.Results)
	}
	s.in.Policy.Teams.Groups = []core.TeamMapping{{Group: "g-Eng", Team: "Eng"}}
	if p, _ := s.run(t); p.Changes() {
		t.Errorf("then %v", wordsOfAll(p.Plan.Steps))
	}
}
