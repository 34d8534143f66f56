package planner

import (
	"errors"
	"strings"
	"testing"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// An entry of Attio's that cannot be read stops the run only where somebody or
// some team that is managed is, or may be, behind it.
func TestAnUnreadableEntryStopsOnlyWhoseItIs(t *testing.T) {
	user := attio.Unread{List: attio.ListUsers, ID: "a-1", Reason: "has no address"}
	team := attio.Unread{List: attio.ListGroups, ID: "t-Eng", Reason: "has no name"}
	faceless := attio.Unread{List: attio.ListJoined, ID: "r-1", Reason: "has no address"}
	level := attio.Unread{List: attio.ListJoined, ID: "r-1", Email: "ada@acme.com", Reason: "has no access level"}
	ada := func(s *scene) { // managed, and in none of Attio's lists
		s.tied("1", "ada@acme.com")
		s.in.Workspace.Members = s.in.Workspace.Members[:1]
	}
	change := func(to func(*core.ManagedPerson)) func(*scene) {
		return func(s *scene) {
			ada(s)
			e := s.in.Managed.People["1"]
			to(&e)
			s.in.Managed.People["1"] = e
		}
	}
	unread := func(u attio.Unread) func(*scene) {
		return func(s *scene) { s.in.Workspace.Unread = []attio.Unread{u} }
	}
	for name, c := range map[string]struct {
		scene []func(*scene)
		stops string
	}{
		"nobody's":                    {[]func(*scene){unread(user)}, ""},
		"somebody's who is managed":   {[]func(*scene){ada, unread(user)}, "it is ada@acme.com"},
		"somebody's who was released": {[]func(*scene){change(func(e *core.ManagedPerson) { e.Released = true }), unread(user)}, ""},
		"somebody's who left long ago": {[]func(*scene){change(func(e *core.ManagedPerson) { e.Applied.Active = false }), func(s *scene) {
			s.in.Directory.People = s.in.Directory.People[:1]
			s.in.Policy.Protect.TrustAbsence = true
		}, unread(user)}, ""},
		"no team's":        {[]func(*scene){unread(team)}, ""},
		"a managed team's": {[]func(*scene){func(s *scene) { s.tie("g-Eng", "t-Eng", "Eng") }, unread(team)}, "scim-sync unlink g-Eng"},
		"a team's that was let go of": {[]func(*scene){func(s *scene) {
			s.tie("g-Eng", "t-Eng", "Eng")
			s.retie("g-Eng", func(m *core.ManagedTeam) { m.Unlinked = true })
		}, unread(team)}, ""},
		"joined, of nobody known":      {[]func(*scene){unread(faceless)}, ""},
		"joined, somebody's":           {[]func(*scene){ada, unread(level)}, "has no access level, and is managed"},
		"joined, of somebody assigned": {[]func(*scene){func(s *scene) { s.fresh("1", "ADA@acme.com") }, unread(level)}, "scim-sync release ADA@acme.com"},
		"joined, a stranger's":         {[]func(*scene){func(s *scene) { s.stranger("x", "ada@acme.com") }, unread(level)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			for _, change := range c.scene {
				change(s)
			}
			p, err := Plan(s.in)
			var doubt *core.UntrustedError
			switch {
			case c.stops != "":
				if !errors.As(err, &doubt) || !strings.Contains(doubt.Detail+doubt.Advice, c.stops) {
					t.Errorf("gave %v", err)
				}
			case err != nil:
				t.Error(err)
			case len(p.Plan.Steps) != 0 || len(p.Plan.Notes) == 0 || p.Plan.Notes[len(p.Plan.Notes)-1].Code != core.NoteUnreadable:
				t.Errorf("steps %v, notes %v", wordsOfAll(p.Plan.Steps), noteWords(p.Plan.Notes))
			}
		})
	}
	check(t, []row{{name: "whoever may have joined is not adopted as invited", scene: func(s *scene) {
		s.unadopted("1", "ada@acme.com", invited(0))
		s.unadopted("2", "cy@acme.com")
		unread(faceless)(s)
	}, steps: []string{"adopt cy@acme.com →cy@acme.com,member,active,Cy,Acme (adopt)"}, notes: []string{"unreadable-entry ada@acme.com", "unreadable-entry r-1"}}})
}
