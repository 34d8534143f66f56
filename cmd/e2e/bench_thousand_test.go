package e2e

import (
	"fmt"
	"time"

	"scim-sync/idp/okta/oktatest"
)

// floor is what a whole reading of the thousand asks of Okta: app, people, groups,
// members, and whether the group Everyone is seen.
const floor = 1 + 2 + 1 + 50 + 1

func aThousand(latency time.Duration) company {
	return company{people: 1000, teams: 50, memberships: 5000, latency: latency}
}

// thousand is a company of 1,000 people through its first days.
func thousand(c *contest) {
	s := c.set(aThousand(20 * time.Millisecond))
	defer s.end()
	// Whatever was made is read by its id.
	s.run(step{name: "first sync of 1,000, 20 ms", says: "Done: ", wall: 3500 * time.Millisecond, writes: 1050, requests: 1050 + 1050 + floor + 4 + 4},
		"apply", "--yes", "--first-run")
	s.run(step{name: "nothing changed, full, 20 ms", says: "Nothing to do", wall: 600 * time.Millisecond, requests: floor + 1 + 1 + 11 + 1 + 1},
		"apply", "--yes", "--full")
	s.run(step{name: "nothing changed, 20 ms", says: "Nothing to do", wall: 400 * time.Millisecond, requests: 24}, "apply", "--yes")
	s.onePercent(step{name: "1 % changed in Okta, 20 ms", wall: time.Second})
	s.each(func(v *services) error {
		for i := range 20 {
			if err := v.site.RemoveTeamMember(s.team(i), s.members(i)[40]); err != nil {
				return err
			}
		}
		return nil
	})
	s.run(step{name: "20 memberships removed by hand, 20 ms", says: "memberships: 20 added", wall: 800 * time.Millisecond, writes: 20, requests: 24 + 20 + 50},
		"apply", "--yes")
}

// slow is the same company on a slow line. Attio has everybody already, and the
// first run finds them before the line becomes slow.
func slow(c *contest) {
	of := aThousand(0)
	of.full = true
	s := c.set(of)
	defer s.end()
	s.run(step{name: "everybody found in Attio", says: "Done: ", unnoted: true}, "apply", "--yes", "--first-run")
	s.each(func(v *services) error { v.late(200 * time.Millisecond); return nil })
	s.run(step{name: "nothing changed, full, 200 ms", says: "Nothing to do", requests: floor + 1 + 1 + 11 + 1 + 1}, "apply", "--yes", "--full")
	s.run(step{name: "nothing changed, 200 ms", says: "Nothing to do", requests: 24}, "apply", "--yes")
	// By the time that its turn comes, each team was read too long ago to be changed unseen.
	s.onePercent(step{name: "1 % changed in Okta, 200 ms", requests: 50})
}

// onePercent changes a little in Okta, and has it carried out.
func (s *rig) onePercent(t step) {
	s.Helper()
	s.each(func(v *services) error {
		for i := range 4 {
			if err := v.org.SetName(s.login(10+i), "Renamed", "Person"); err != nil {
				return err
			}
		}
		for i := range 3 {
			login := fmt.Sprintf("new%d@acme.example", i)
			for _, err := range []error{
				v.org.AddUser(oktatest.User{Login: login, FirstName: "New", LastName: "Person"}),
				v.org.Assign(login, "member"),
				v.org.SetStatus(s.login(900+i), "DEPROVISIONED"),
			} {
				if err != nil {
					return err
				}
			}
		}
		for i := range 25 {
			who := s.members(i)[5]
			if err := v.org.RemoveMember(s.team(i), who); err != nil {
				return err
			}
			if err := v.org.AddMember(s.team(i+25), who); err != nil {
				return err
			}
		}
		return nil
	})
	t.says, t.writes = "Done: ", 4+3+3+50
	// 25 groups lose somebody, and are read once more; so are the app and its sight.
	t.requests += 24 + 4 + 3 + 3 + 50 + 50 + 4 + 25 + 2
	s.run(t, "apply", "--yes")
}

// limited is the first sync with Attio's own limit of writes.
func limited(c *contest) {
	of := aThousand(20 * time.Millisecond)
	of.writes = 25
	s := c.set(of)
	defer s.end()
	r := s.run(step{name: "first sync of 1,000, 25 writes a second", says: "Done: ", writes: 1050, requests: 1050 + 1050 + floor + 4 + 4},
		"apply", "--yes", "--first-run", "--verbose")
	writes := median(r.ran[0], func(s outlay) int { return s.attio.writes })
	r.bound = time.Duration(1.05 * float64(writes) / 25 * float64(time.Second))
}
