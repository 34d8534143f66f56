package planner

import (
	"fmt"
	"testing"
	"time"

	core "scim-sync/sync"
	"scim-sync/sync/apply"
)

// TestDatesInTheFutureCountAsNow: what a clock that was two years ahead has left
// counts as of the first run that sees it, and is over when its time is: removals
// after the window, an invite's wait after seven days; a refused run counts too.
func TestDatesInTheFutureCountAsNow(t *testing.T) {
	twoYears := now.Add(2 * 365 * 24 * time.Hour)
	s := newScene()
	s.in.Policy.Protect.Removals, s.in.Policy.Protect.RemovalsFloor = core.Amount{N: 3}, 3
	s.in.Policy.Protect.RemovalsWindow = 24 * time.Hour
	for i := range 10 {
		s.tied(fmt.Sprint("p", i), fmt.Sprintf("p%d@acme.com", i))
	}
	for i := range 3 {
		s.in.Managed.Removals = append(s.in.Managed.Removals, core.Removal{At: twoYears, Action: core.Suspend, OktaID: fmt.Sprint("gone", i)})
	}
	s.tied("inv", "inv@acme.com", invited(1))
	e := s.in.Managed.People["inv"]
	e.InvitedAt = twoYears
	s.in.Managed.People["inv"] = e
	s.in.Workspace.Members = s.in.Workspace.Members[:len(s.in.Workspace.Members)-1]
	s.left("6", "fay@acme.com")

	p := s.propose(t)
	alike(t, "at once", []string{"too-many-removals Acme"}, refusalWords(p.Plan.Refusals))
	alike(t, "at once", []string{"invite-not-sent inv@acme.com"}, noteWords(p.Plan.Notes))
	if err := apply.Learn(t.Context(), &p.Planned, &memoryJournal{m: &s.in.Managed}); err != nil {
		t.Fatal(err)
	}
	s.in.Managed.Latched = nil
	if at := s.in.Managed.Removals[0].At; !at.Equal(now) {
		t.Errorf("the removal is of %s by now", at)
	}
	s.in.Now = now.Add(25 * time.Hour)
	p, _ = s.run(t)
	alike(t, "after the window", []string{"suspend fay@acme.com member,active→suspended (okta)"}, wordsOfAll(p.Plan.Steps))
	s.in.Now = now.Add(8 * 24 * time.Hour)
	p, _ = s.run(t)
	alike(t, "after seven days", []string{"provision inv@acme.com →inv@acme.com,member,active,Inv,Acme (drift)"}, wordsOfAll(p.Plan.Steps))

	// A minute is no future: two services' clocks are never quite the same.
	s.in.Now = s.in.Now.Add(-30 * time.Second)
	for _, c := range s.propose(t).Updates {
		if !c.NoLaterThan.IsZero() {
			t.Error("half a minute counts as the future")
		}
	}
}
