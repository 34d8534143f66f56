package manage

import (
	"errors"
	"maps"
	"scim-sync/config"
	core "scim-sync/sync"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
	"scim-sync/idp"
)

// TestLinkRefuses: a tie that is there already is named, with what to do.
func TestLinkRefuses(t *testing.T) {
	m := core.Managed{Teams: map[string]core.ManagedTeam{
		"00gsales": {GroupID: "00gsales", TeamID: "t-field"},
		"00gcare":  {GroupID: "00gcare", TeamID: "t-care", Unlinked: true},
		"00gold":   {GroupID: "00gold", TeamID: "t-old", OutOfScope: true},
		"00glost":  {GroupID: "00glost", TeamID: "t-deleted"},
	}}
	groups := map[string]string{"00gsales": "Sales", "00gcare": "Care", "00gnew": "New", "00gold": "Old", "00glost": "Lost"}
	teams := map[string]string{"t-field": "Field", "t-care": "Care", "t-free": "Free", "t-old": "Old"}
	for name, c := range map[string]struct{ group, team, want string }{
		"a group tied elsewhere":           {"00gsales", "t-free", "scim-sync unlink Sales"},
		"a team tied elsewhere":            {"00gnew", "t-field", "scim-sync unlink Sales"},
		"a team of a group out of scope":   {"00gnew", "t-old", "scim-sync unlink Old"},
		"a tie that is there already":      {"00gsales", "t-field", "Nothing to do"},
		"a free team":                      {"00gnew", "t-free", ""},
		"a team that was let go of":        {"00gnew", "t-care", ""},
		"a group that was let go of":       {"00gcare", "t-free", ""},
		"a group whose team is gone there": {"00glost", "t-free", ""},
	} {
		tie, err := LinkGroup(m, config.Default().Policy, idp.GroupRef{ID: c.group, Name: groups[c.group]}, attio.Team{ID: c.team, Name: teams[c.team]}, Names{"Okta", groups, teams})
		var refused *TieError
		switch {
		case errors.As(err, &refused):
			if c.want == "" || !strings.Contains(refused.Advice, c.want) {
				t.Errorf("%s: refused: %s → %s", name, refused.Text, refused.Advice)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case len(tie.Changes) == 0:
			if c.want == "" || !strings.Contains(tie.Said[0], c.want) {
				t.Errorf("%s: %v", name, tie.Said)
			}
		case c.want != "":
			t.Errorf("%s: not refused: %+v", name, tie)
		}
	}
}

// TestLinkKeepsTheName: a linked team keeps its name, unless it has the
// group's already or the settings name one.
func TestLinkKeepsTheName(t *testing.T) {
	mapped := config.Default().Policy
	mapped.Teams.Groups = []core.TeamMapping{{Group: "Sales", Team: "Field"}}
	for name, c := range map[string]struct {
		policy core.Policy
		team   string
		keep   bool
	}{
		"a name of its own":     {config.Default().Policy, "Field", true},
		"the group's name":      {config.Default().Policy, "Sales", false},
		"named by the settings": {mapped, "Something", false},
	} {
		tie, err := LinkGroup(core.Managed{}, c.policy, idp.GroupRef{ID: "00gsales", Name: "Sales"}, attio.Team{ID: "t", Name: c.team}, Names{"Okta", nil, map[string]string{"t": c.team}})
		if err != nil || len(tie.Changes) != 1 || tie.Changes[0].Teams[0].Applied.KeepName != c.keep {
			t.Errorf("%s: %+v, %v", name, tie, err)
		}
	}
}

// TestUndoIsExact: whatever was tied before, doing and undoing leaves the
// state as it was.
func TestUndoIsExact(t *testing.T) {
	states := map[string]core.Managed{
		"nothing":  {Teams: map[string]core.ManagedTeam{}, People: map[string]core.ManagedPerson{}},
		"unlinked": {Teams: map[string]core.ManagedTeam{"g": {GroupID: "g", TeamID: "t1", Created: true, Unlinked: true, Applied: core.AppliedTeam{Name: "Own", KeepName: true}}}},
		"people": {People: map[string]core.ManagedPerson{
			"a": {OktaID: "a", AttioID: "m1", Email: "a@x.example", RoleSeen: true}, "b": {OktaID: "b", AttioID: "m2", Email: "b@x.example"},
		}},
	}
	people := []idp.Person{{ID: "c", Email: "c@x.example"}}
	do := func(t *testing.T, m *core.Managed, tie Tie, err error) {
		t.Helper()
		if err != nil || len(tie.Changes) == 0 {
			t.Fatalf("%+v, %v", tie, err)
		}
		for _, c := range tie.Changes {
			m.Apply(c)
		}
	}
	for name, m := range states {
		before := stateCopy(m)
		if len(m.People) == 0 {
			tie, err := LinkGroup(m, config.Default().Policy, idp.GroupRef{ID: "g", Name: "G"}, attio.Team{ID: "t2", Name: "Two"}, Names{"Okta", nil, map[string]string{"t2": "Two"}})
			do(t, &m, tie, err)
			tie, err = UndoLink(m, "g", Names{})
			do(t, &m, tie, err)
			sameState(t, name+": link", before, m)
			if len(m.Teams) == 0 {
				do(t, &m, UnlinkGroup(m, "g", Names{}), nil)
				tie, err = UndoUnlink(m, "g", Names{})
				do(t, &m, tie, err)
				sameState(t, name+": unlink", before, m)
			}
		}
		for _, who := range []string{"A@x.example", "b", "c@x.example"} {
			if len(m.People) == 0 && who != "c@x.example" {
				continue
			}
			tie, err := Release(m, who, people)
			do(t, &m, tie, err)
			tie, err = UndoRelease(m, who, people)
			do(t, &m, tie, err)
			sameState(t, name+": release "+who, before, m)
		}
	}
	all := stateCopy(states["people"])
	do(t, &all, ReleaseAll(all, false), nil)
	if len(ReleaseAll(all, false).Changes) != 0 {
		t.Error("everybody was released, and yet there is somebody to release")
	}
	do(t, &all, ReleaseAll(all, true), nil)
	sameState(t, "release --all", states["people"], all)
}

func stateCopy(m core.Managed) core.Managed {
	c := core.Managed{People: map[string]core.ManagedPerson{}, Teams: map[string]core.ManagedTeam{}}
	maps.Copy(c.People, m.People)
	maps.Copy(c.Teams, m.Teams)
	return c
}

func sameState(t *testing.T, what string, want, got core.Managed) {
	t.Helper()
	if d := cmp.Diff(stateCopy(want), stateCopy(got)); d != "" {
		t.Errorf("%s: %s", what, d)
	}
}

// TestRebindNeverGuesses: in the same org only ids count; in another one an
// address or a name passes a tie on only where it means exactly one.
func TestRebindNeverGuesses(t *testing.T) {
	m := core.Managed{OrgURL: "https://old.example", AppID: "0oaold",
		People: map[string]core.ManagedPerson{
			"same": {OktaID: "same", Email: "same@x.example"}, "one": {OktaID: "one", Email: "One@x.example"}, "two": {OktaID: "two", Email: "two@x.example"},
			"gone": {OktaID: "gone", Email: "gone@x.example"}, "t1": {OktaID: "t1", Email: "shared@x.example"}, "t2": {OktaID: "t2", Email: "shared@x.example"},
		},
		Teams: map[string]core.ManagedTeam{"g1": {GroupID: "g1", TeamID: "a", Applied: core.AppliedTeam{Name: "Sales", Members: "digest"}}, "g2": {GroupID: "g2", TeamID: "b", Applied: core.AppliedTeam{Name: "Twins"}}},
	}
	dir := idp.Directory{
		People: []idp.Person{{ID: "same", Email: "same@x.example"}, {ID: "new1", Email: "one@x.example"}, {ID: "new2", Email: "two@x.example"}, {ID: "new3", Email: "TWO@x.example"}, {ID: "new4", Email: "shared@x.example"}},
		Groups: []idp.Group{{GroupRef: idp.GroupRef{ID: "n1", Name: "Sales"}, Team: true}, {GroupRef: idp.GroupRef{ID: "n2", Name: "Twins"}, Team: true}, {GroupRef: idp.GroupRef{ID: "n3", Name: "twins"}, Team: true}},
	}
	for org, want := range map[string][6]int{"https://old.example": {1, 0, 5, 0, 0, 2}, "https://new.example": {1, 1, 4, 0, 1, 1}} {
		dir.Origin = idp.Origin{OrgURL: org, AppID: "0oanew"}
		r := Rebind(m, dir, config.Default().Policy)
		got := [6]int{r.Known, len(r.Moved), len(r.Missing), r.TeamsKnown, len(r.TeamsMoved), len(r.TeamsMissing)}
		if got != want {
			t.Errorf("%s: %v, want %v", org, got, want)
		}
		after := stateCopy(m)
		for _, c := range r.Changes {
			after.Apply(c)
		}
		if len(after.People) != len(m.People) || len(after.Teams) != len(m.Teams) {
			t.Errorf("%s: somebody was lost: %+v", org, after)
		}
		if org == "https://new.example" && (after.People["new1"].Email != "One@x.example" || after.Teams["n1"].TeamID != "a" || after.Teams["n1"].Applied.Members != "") {
			t.Errorf("%+v", after)
		}
	}
}
