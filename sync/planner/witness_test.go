package planner

import (
	"context"
	"errors"
	"testing"
	"time"

	"scim-sync/idp"
	core "scim-sync/sync"
)

// logged is a source with nothing but a log.
type logged struct {
	idp.Source
	events []idp.Event // newest first
	err    error
	asked  int
	about  []string
}

func (l *logged) TakenAway(_ context.Context, _ time.Time, about []string) ([]idp.Event, error) {
	l.asked++
	l.about = about
	return l.events, l.err
}

func at(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }

// TestRemovalsNameTheirEvent: by kind of removal; what was given back since, or is
// about another group or app, is none.
func TestRemovalsNameTheirEvent(t *testing.T) {
	app := func(kind string, minutes int) idp.Event {
		return idp.Event{ID: kind, Type: "application.user_membership." + kind, At: at(minutes), By: "x", App: true, People: []string{"bo"}}
	}
	user := func(kind string, minutes int) idp.Event {
		return idp.Event{ID: kind, Type: "user.lifecycle." + kind, At: at(minutes), By: "x", People: []string{"bo"}}
	}
	group := func(id, kind string, minutes int, people ...string) idp.Event {
		return idp.Event{ID: kind, Type: "group." + kind, At: at(minutes), By: "x", Groups: []string{id}, People: people, App: kind == "application_assignment.remove"}
	}
	other := app("remove", 1)
	other.App, other.OtherApp = false, true
	suspend := core.Step{Action: core.Suspend, Cause: core.CauseOkta, Person: &core.PersonRef{OktaID: "bo"}, Record: &core.Record{}}
	drift := suspend
	drift.Cause = core.CauseDrift
	out := core.Step{Action: core.RemoveMembers, Cause: core.CauseOkta, Team: &core.TeamRef{OktaID: "g1"}, People: []*core.MemberRef{{OktaID: "bo"}, {AttioID: "stranger"}}, Record: &core.Record{Groups: []idp.GroupRef{{ID: "g1"}}}}
	demote := core.Step{Action: core.Demote, Cause: core.CauseOkta, Person: &core.PersonRef{OktaID: "bo"}, Record: &core.Record{Groups: []idp.GroupRef{{ID: "g9"}}}}
	gone := core.Step{Action: core.DeleteTeam, Cause: core.CauseOkta, Team: &core.TeamRef{OktaID: "g1"}, Record: &core.Record{}}
	for name, tt := range map[string]struct {
		step   core.Step
		events []idp.Event
		want   string
	}{
		"unassigned":                     {suspend, []idp.Event{app("remove", 3), app("add", 9)}, "remove"},
		"assigned again since":           {suspend, []idp.Event{app("add", 3), app("remove", 9)}, ""},
		"from another app":               {suspend, []idp.Event{other}, ""},
		"deactivated":                    {suspend, []idp.Event{user("deactivate", 3)}, "deactivate"},
		"suspended, after all":           {suspend, []idp.Event{user("suspend", 2), user("unsuspend", 4), user("suspend", 9)}, "suspend"},
		"unsuspended since":              {suspend, []idp.Event{user("unsuspend", 4), user("suspend", 9)}, ""},
		"the newer of two":               {suspend, []idp.Event{user("deactivate", 2), app("remove", 3)}, "deactivate"},
		"left the group of a team":       {suspend, []idp.Event{group("g1", "user_membership.remove", 1, "bo")}, "user_membership.remove"},
		"left some other group":          {suspend, []idp.Event{group("g2", "user_membership.remove", 1, "bo")}, ""},
		"their group was unassigned":     {suspend, []idp.Event{group("g1", "application_assignment.remove", 1)}, "application_assignment.remove"},
		"their group was deleted":        {suspend, []idp.Event{group("g1", "lifecycle.delete", 1)}, "lifecycle.delete"},
		"by hand in Attio":               {drift, []idp.Event{app("remove", 3)}, ""},
		"out of a team":                  {out, []idp.Event{group("g1", "user_membership.remove", 1, "bo")}, "user_membership.remove"},
		"out of another team":            {out, []idp.Event{group("g2", "user_membership.remove", 1, "bo")}, ""},
		"out of an admin group":          {demote, []idp.Event{group("g9", "user_membership.remove", 1, "bo")}, "user_membership.remove"},
		"another role in the assignment": {demote, []idp.Event{app("update", 1)}, "update"},
		"a team whose group is gone":     {gone, []idp.Event{group("g1", "lifecycle.delete", 1)}, "lifecycle.delete"},
		"nothing is known":               {suspend, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := &Draft{input: Input{Options: Options{WhoDid: true}, Now: now}}
			d.State.Teams = map[string]core.ManagedTeam{"g1": {GroupID: "g1", TeamID: "t1", Applied: core.AppliedTeam{Members: core.NewMemberSet([]string{"bo"})}}}
			record := *tt.step.Record
			tt.step.Record = &record
			d.Plan.Steps = []core.Step{tt.step}
			src, w := &logged{events: tt.events}, new(witness)
			w.ask(t.Context(), src, d)
			w.ask(t.Context(), src, d)
			w.tell(d)
			w.leave()
			got := ""
			for _, x := range d.Plan.Steps[0].Record.Log {
				got += x.ID
				if x.By != "x" || x.At.IsZero() || x.OktaID != "bo" && x.OktaID != "g1" {
					t.Errorf("%+v", x)
				}
			}
			if got != tt.want || src.asked > 1 {
				t.Errorf("got %q, want %q, asked %d times", got, tt.want, src.asked)
			}
		})
	}
}

// TestTheLogChangesNoPlan: with a log, without one, and with one that says no, a
// plan has the same id, and only who took away is told beside it.
func TestTheLogChangesNoPlan(t *testing.T) {
	plan := func(src idp.Source, who bool) *Draft {
		s := newScene()
		s.tied("bo", "bo@acme.com", access(idp.Revoked, "DEPROVISIONED"))
		s.in.Options.WhoDid = who
		d, err := Prepare(t.Context(), src, nil, s.in)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Plan.Steps) != 1 || d.Plan.Steps[0].Action != core.Suspend {
			t.Fatalf("%v", wordsOfAll(d.Plan.Steps))
		}
		return d
	}
	event := idp.Event{ID: "e1", Type: "user.lifecycle.deactivate", By: "x", At: at(1), People: []string{"bo"}}
	quiet, told, down := &logged{events: []idp.Event{event}}, &logged{events: []idp.Event{event}}, &logged{err: errors.New("403")}
	without, with, no := plan(quiet, false), plan(told, true), plan(down, true)
	if without.Plan.ID != with.Plan.ID || with.Plan.ID != no.Plan.ID {
		t.Errorf("ids differ: %s %s %s", without.Plan.ID, with.Plan.ID, no.Plan.ID)
	}
	if quiet.asked != 0 || told.asked != 1 || down.asked != 1 {
		t.Errorf("asked %d, %d, %d times", quiet.asked, told.asked, down.asked)
	}
	if n := len(with.Plan.Steps[0].Record.Log); n != 1 || len(no.Plan.Steps[0].Record.Log) != 0 {
		t.Errorf("told %d", n)
	}
	s := newScene()
	s.in.Options.WhoDid = true
	idle := &logged{}
	if _, err := Prepare(t.Context(), idle, nil, s.in); err != nil || idle.asked != 0 {
		t.Errorf("where nobody loses anything: asked %d times, %v", idle.asked, err)
	}
}
