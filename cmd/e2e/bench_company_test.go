package e2e

import (
	"fmt"
	"slices"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/idp/okta/oktatest"
)

// company says how large a world is and how it answers.
type company struct {
	people, teams, memberships int
	full                       bool // Attio has everybody already
	latency                    time.Duration
	limits                     oktatest.Limits
	writes                     float64                                // a second that Attio takes, 0: any number
	logDelay                   func(kind string, n int) time.Duration // until Okta shows an event; nil: at once
}

func (c company) login(i int) string { return fmt.Sprintf("person%06d@acme.example", i) }
func (c company) team(i int) string  { return fmt.Sprintf("Team %04d", i) }

// members are the people of one team: memberships spread evenly over all.
func (c company) members(team int) []string {
	n := c.memberships / c.teams
	logins := make([]string, n)
	for k := range n {
		logins[k] = c.login((team*n + k*(1+team/(c.people/n+1))) % c.people)
	}
	slices.Sort(logins)
	return slices.Compact(logins)
}

func (c company) org() oktatest.Org {
	o := oktatest.Org{APIToken: "bench-okta", App: oktatest.App{Label: "Attio"}}
	for i := range c.people {
		login := c.login(i)
		o.Users = append(o.Users, oktatest.User{Login: login, FirstName: "Person", LastName: fmt.Sprintf("Number %d", i)})
		role := "member"
		if i == 0 {
			role = "admin"
		}
		o.Assignments = append(o.Assignments, oktatest.Assignment{User: login, Profile: map[string]any{"roles": []string{role}}})
	}
	for t := range c.teams {
		o.Groups = append(o.Groups, oktatest.Group{Name: c.team(t), Members: c.members(t)})
		o.AssignedGroups = append(o.AssignedGroups, oktatest.GroupAssignment{Group: c.team(t), Priority: t + 1})
	}
	return o
}

func (c company) site() attiotest.Site {
	s := attiotest.Site{
		Workspace: attiotest.Workspace{Slug: "acme", Name: "Acme", VerifiedDomains: []string{"acme.example"}},
		Members:   []attiotest.Member{{Email: "owner@acme.example", GivenName: "The", FamilyName: "Owner", Role: attiotest.RoleAdmin}},
		Tokens:    []attiotest.Token{{Token: "bench-attio", AuthorizedBy: "owner@acme.example"}},
	}
	if !c.full {
		return s
	}
	none := 0
	for i := range c.people {
		m := attiotest.Member{Email: c.login(i), GivenName: "Person", FamilyName: fmt.Sprintf("Number %d", i), Sessions: &none}
		if i == 0 {
			m.Role = attiotest.RoleAdmin
		}
		s.Members = append(s.Members, m)
	}
	for t := range c.teams {
		s.Teams = append(s.Teams, attiotest.Team{Name: c.team(t), Members: c.members(t)})
	}
	return s
}
