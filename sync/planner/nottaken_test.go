package planner

import (
	"strings"
	"testing"

	"scim-sync/sync/apply"
)

// TestWhatAttioDidNotTakeStaysInView: a name, an address or a team's name that
// Attio said yes to and did not take is told by every plan and by explain while it
// differs, and tried again once Attio has a third value.
func TestWhatAttioDidNotTakeStaysInView(t *testing.T) {
	for name, c := range map[string]struct {
		change, byHand func(*scene)
		who, code      string
		again          string // what is tried once somebody has changed it by hand
	}{
		"a name": {
			change: func(s *scene) {
				s.in.Directory.People[1].GivenName, s.in.Directory.People[1].FamilyName = "Countess", "Lovelace"
			},
			byHand: func(s *scene) { s.in.Workspace.Members[1].GivenName = "Augusta" },
			who:    "ada@acme.com", code: "name-not-taken ada@acme.com", again: "rename ada@acme.com Augusta→Countess (drift)",
		},
		"an address": {
			change: func(s *scene) {
				s.in.Directory.People[1].Email, s.in.Directory.People[1].UserName = "countess@acme.com", "countess@acme.com"
			},
			byHand: func(s *scene) { s.in.Workspace.Members[1].Email = "augusta@acme.com" },
			who:    "countess@acme.com", code: "email-not-changed countess@acme.com", again: "change_email countess@acme.com augusta@acme.com→countess@acme.com (okta)",
		},
		"a team's name": {
			change: func(s *scene) { s.in.Directory.Groups[0].Name = "R  and  D" },
			byHand: func(s *scene) { s.in.Workspace.Teams[0].Name = "r and d" },
			who:    "R  and  D", code: "name-not-taken R and D", again: "rename_team r and d r and d→R  and  D (drift)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.tied("1", "ada@acme.com")
			s.tiedTeam("Eng", "1")
			s.stubborn, s.spells = true, func(name string) string { return strings.Join(strings.Fields(name), " ") }
			c.change(s)
			s.run(t)
			for range 3 {
				p, _ := s.run(t)
				alike(t, "steps", nil, wordsOfAll(p.Plan.Steps))
				alike(t, "told", []string{c.code}, append(noteWords(p.Plan.Notes), refusalWords(p.Plan.Refusals)...))
				if err := apply.Learn(t.Context(), &p.Planned, &memoryJournal{m: &s.in.Managed}); err != nil {
					t.Fatal(err)
				}
				e, err := Explain(p, c.who)
				if err != nil || len(e.People)+len(e.Teams) != 1 {
					t.Fatalf("%+v, %v", e, err)
				}
				for _, x := range e.People {
					if strings.HasPrefix(x.Next.Verdict, "In step") {
						t.Errorf("explain: %s", x.Next.Verdict)
					}
				}
				for _, x := range e.Teams {
					if strings.HasPrefix(x.Next.Verdict, "In step") {
						t.Errorf("explain: %s", x.Next.Verdict)
					}
				}
			}
			c.byHand(s)
			p, _ := s.run(t)
			alike(t, "once somebody has changed it", []string{c.again}, wordsOfAll(p.Plan.Steps))
			if p, _ := s.run(t); len(p.Plan.Steps) > 0 {
				t.Errorf("and then: %v", wordsOfAll(p.Plan.Steps))
			}
		})
	}
}
