package view

import (
	"fmt"
	"strings"
	"testing"

	core "scim-sync/sync"
)

// TestTheDrawingShowsWhichGroupsBecomeWhichTeams: each group by its own name beside
// its team, several of one team side by side, what becomes of the team, and who comes
// and goes over all its steps.
func TestTheDrawingShowsWhichGroupsBecomeWhichTeams(t *testing.T) {
	p := emptyPlan()
	union := team(core.CreateTeam, "At sea", core.Values{}, core.Values{Name: "At sea"}, "two groups make this team")
	union.Team.Groups, union.Team.GroupNames = []string{"00g1", "00g2"}, []string{"Sailors", "<b>Pilots</b>"}
	add(&p, union)
	for _, people := range []int{3, 1200} {
		s := with(members(people), team(core.AddMembers, "At sea", core.Values{}, core.Values{}, "are in Okta's group"))
		s.Team = union.Team
		add(&p, s)
	}
	add(&p, team(core.DeleteTeam, "Skunkworks", core.Values{}, core.Values{}, "is gone"))
	got := string(drawTeams(&p, voice{}))
	for _, want := range []string{"Sailors<title>", "&lt;b&gt;Pilots&lt;/b&gt;<title>", "At sea<title>", ">new &#43;1,203<", ">deleted<", `aria-label="2 teams of this plan`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if n := strings.Count(got, "<path "); n != 3 {
		t.Errorf("%d lines, want one for each group", n)
	}
	nobody := emptyPlan()
	add(&nobody, fullPlan().Steps[0])
	if drawTeams(&nobody, voice{}) != "" {
		t.Error("a plan of people alone has a drawing")
	}
}

// TestTheDrawingHoldsTheTeamsThatChangeMost, in the plan's order, and says how many
// there are besides.
func TestTheDrawingHoldsTheTeamsThatChangeMost(t *testing.T) {
	p := emptyPlan()
	for i := range drawnTeams + 7 {
		add(&p, with(members(1+i), team(core.AddMembers, fmt.Sprintf("Team %02d", i), core.Values{}, core.Values{}, "")))
	}
	got := string(drawTeams(&p, voice{}))
	if strings.Contains(got, "Team 06<") || !strings.Contains(got, "Team 07<") || strings.Index(got, "Team 07<") > strings.Index(got, "Team 30<") || !strings.Contains(got, "7 more teams are in the table below") {
		t.Error(got)
	}
}
