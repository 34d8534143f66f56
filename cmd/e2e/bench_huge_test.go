package e2e

import (
	"strings"
	"time"

	"scim-sync/cmd/internal/cli"
)

const hundredThousand = "100,000 people, 1,000,000 memberships, "

func aHundredThousand(full bool) company {
	return company{people: 100_000, teams: 2000, memberships: 1_000_000, full: full}
}

// huge is a plan of 100,000 people whom Attio does not have, in every form.
func huge(c *contest) {
	s := c.share(aHundredThousand(false))
	defer s.end()
	s.run(step{name: hundredThousand + "plan", says: "Plan: ", wall: 15 * time.Second, memory: 200 << 20}, "plan")
	s.run(step{name: "the same, --format json"}, "plan", "--format", "json")
	s.run(step{name: "the same, --format markdown"}, "plan", "--format", "markdown")
	s.run(step{name: "the same, --format html"}, "plan", "--format", "html")
	s.run(step{name: "the same, --out FILE", says: "Plan: "}, "plan", "--out", "plan.json")
	s.run(step{name: "the same, show FILE", says: "Plan: "}, "show", "plan.json")
	s.run(step{name: "the same, explain somebody", says: s.login(77)}, "explain", s.login(77))
	s.run(step{name: "the same, explain a team", says: s.team(7)}, "explain", s.team(7))
	// One name is another by now, so that the saved plan is read, compared and refused.
	s.each(func(v *services) error { return v.org.SetName(s.login(0), "Other", "Name") })
	s.run(step{name: "the same, apply FILE that is stale", exit: cli.ExitStalePlan}, "apply", "plan.json", "--yes", "--first-run")
}

// hugeFull is a plan of 100,000 people whom Attio has.
func hugeFull(c *contest) {
	s := c.share(aHundredThousand(true))
	defer s.end()
	s.run(step{name: hundredThousand + "Attio full, plan", says: "Plan: ", wall: 15 * time.Second, memory: 400 << 20}, "plan")
}

// hugeState is the state of 100,000 people: it is written when they are found in
// Attio, and read by whatever comes then.
func hugeState(c *contest) {
	s := c.share(aHundredThousand(true))
	defer s.end()
	s.run(step{name: "Attio full", says: "Plan: ", unnoted: true}, "plan", "--out", "plan.json")
	s.run(step{name: "state of 100,000 people, made by apply FILE", says: "Done: "}, "apply", "plan.json", "--yes", "--first-run")
	s.run(step{name: "the same, nothing changed, apply", says: "Nothing to do"}, "apply", "--yes")
	s.run(step{name: "the same, state show", says: s.team(7)}, "state", "show")
	s.run(step{name: "the same, state show --format json"}, "state", "show", "--format", "json")
	s.run(step{name: "the same, history --person"}, "history", "--person", s.login(77))
	s.run(step{name: "the same, history --verify"}, "history", "--verify")
	s.run(step{name: "the same, history"}, "history")
	s.run(step{name: "the same, history RUN"}, "history", "RUN")
	s.rebind()
}

// rebind ties the state to the same org under its other name on this machine.
func (s *rig) rebind() {
	s.Helper()
	for _, l := range s.lanes {
		l.env = append(l.env, "SCIM_SYNC_OKTA_ORG_URL="+strings.Replace(l.oktaURL, "127.0.0.1", "localhost", 1))
	}
	s.run(step{name: "the same, state rebind", says: "The state is tied to"}, "state", "rebind", "--yes")
}
