package planner

import (
	"context"
	"slices"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/group"
	core "scim-sync/sync"
)

// witnessed is how far back the source's log is asked.
const witnessed = 7 * 24 * time.Hour

// ask begins to ask, once a draft takes something away that may stand in the log.
func (w *witness) ask(ctx context.Context, src idp.Source, d *Draft) {
	log, ok := src.(idp.Witness)
	if !ok || w.asking != nil || !d.input.Options.WhoDid || d.Blocked {
		return
	}
	about := d.takenFrom()
	if len(about) == 0 {
		return
	}
	ctx, w.cancel = context.WithCancel(ctx)
	w.asking = group.New()
	w.asking.Go(func() error {
		events, err := log.TakenAway(ctx, d.input.Now.Add(-witnessed), about)
		if err == nil {
			w.events = events
		}
		return nil // it is told at debug level by who asked
	})
}

// leave ends what is still being asked.
func (w *witness) leave() {
	if w.asking != nil {
		w.cancel()
		_ = w.asking.Wait()
	}
}

// tell waits for the answer, and puts it to the steps.
func (w *witness) tell(d *Draft) {
	if w.asking == nil || w.asking.Wait() != nil || len(w.events) == 0 {
		return
	}
	teams := d.rememberedIn()
	for i := range d.Plan.Steps {
		s := &d.Plan.Steps[i]
		if !comesFromLog(s) {
			continue
		}
		s.Record.Log = nil
		for _, id := range takenFrom(s) {
			if e := w.event(s, id, teams); e != nil {
				s.Record.Log = append(s.Record.Log, core.Witnessed{OktaID: id, Type: e.Type, By: e.By, At: e.At, ID: e.ID})
			}
		}
	}
}

// comesFromLog says whether a step takes away what was taken away in the source:
// what somebody changed in Attio by hand is in no log of it.
func comesFromLog(s *core.Step) bool {
	return s.Action.Removes() && s.Cause == core.CauseOkta && s.Record != nil
}

// takenFrom are the ids that a step takes something from, in the source.
func takenFrom(s *core.Step) (ids []string) {
	if len(s.People) == 0 {
		return []string{s.ID()}
	}
	for _, m := range s.People {
		if m.OktaID != "" {
			ids = append(ids, m.OktaID)
		}
	}
	return ids
}

// takenFrom are those of all steps, and the groups whose teams they were last
// known to be in: where a group goes, the log may name nobody.
func (d *Draft) takenFrom() (ids []string) {
	teams := d.rememberedIn()
	for i := range d.Plan.Steps {
		if s := &d.Plan.Steps[i]; comesFromLog(s) {
			from := takenFrom(s)
			ids = append(ids, from...)
			for _, id := range from {
				ids = append(ids, teams.of(id)...)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// remembered are the groups and who was last put into their teams.
type remembered []struct {
	group string
	lastMembers
}

func (d *Draft) rememberedIn() (teams remembered) {
	for _, t := range d.State.SortedTeams() {
		var l lastMembers
		if l.marks, l.knows = t.Applied.Members.Marks(); l.knows && t.Managed() {
			teams = append(teams, struct {
				group string
				lastMembers
			}{t.GroupID, l})
		}
	}
	return teams
}

// of are the groups that somebody was last known to be in.
func (r remembered) of(id string) (groups []string) {
	mark := core.MarkOf(id)
	for _, t := range r {
		if t.has(mark) {
			groups = append(groups, t.group)
		}
	}
	return groups
}

// event is the one that a step comes from as far as it is about somebody, nil where
// none of those known tells of it. What somebody was given again since is none.
func (w *witness) event(s *core.Step, id string, teams remembered) *idp.Event {
	groups := make([]string, 0, len(s.Record.Groups))
	for _, g := range s.Record.Groups {
		groups = append(groups, g.ID)
	}
	names := func(e *idp.Event) bool { return slices.Contains(e.People, id) }
	inOne := func(of []string) func(*idp.Event) bool {
		return func(e *idp.Event) bool {
			return slices.ContainsFunc(e.Groups, func(g string) bool { return slices.Contains(of, g) })
		}
	}
	left := func(of []string) *idp.Event {
		in := inOne(of)
		return w.newest(func(e *idp.Event) bool { return names(e) && in(e) }, "group.user_membership.remove", "group.user_membership.add")
	}
	switch s.Action {
	case core.RemoveMembers:
		return left(groups)
	case core.Demote:
		return newer(left(groups), w.newest(func(e *idp.Event) bool { return names(e) && e.App }, "application.user_membership.update"))
	case core.DeleteTeam:
		gone := inOne(s.Team.Groups)
		if len(s.Team.Groups) == 0 {
			gone = inOne([]string{s.Team.OktaID})
		}
		return newer(w.newest(gone, "group.lifecycle.delete"),
			w.newest(func(e *idp.Event) bool { return gone(e) && e.App }, "group.application_assignment.remove", "group.application_assignment.add"))
	default: // somebody's place ends
	}
	own := newer(w.newest(func(e *idp.Event) bool { return names(e) && e.App }, "application.user_membership.remove", "application.user_membership.add", "application.user_membership.restore"),
		newer(w.newest(func(e *idp.Event) bool { return names(e) && e.App }, "application.user_membership.revoke", "application.user_membership.approve"), w.account(names)))
	if own != nil {
		return own
	}
	were := teams.of(id)
	return newer(left(were), newer(w.newest(inOne(were), "group.lifecycle.delete"),
		w.newest(func(e *idp.Event) bool { return inOne(were)(e) && e.App }, "group.application_assignment.remove", "group.application_assignment.add")))
}

// account is what ended somebody's account for now or for good.
func (w *witness) account(names func(*idp.Event) bool) *idp.Event {
	return newer(
		newer(w.newest(names, "user.lifecycle.deactivate", "user.lifecycle.activate", "user.lifecycle.reactivate"),
			w.newest(names, "user.lifecycle.suspend", "user.lifecycle.unsuspend", "user.lifecycle.activate")),
		newer(w.newest(names, "user.lifecycle.delete.initiated"), w.newest(names, "user.lifecycle.delete.completed")))
}

// newest is the newest event of a type, unless one that takes it back is newer.
func (w *witness) newest(about func(*idp.Event) bool, kind string, back ...string) *idp.Event {
	for i := range w.events {
		e := &w.events[i]
		switch {
		case e.Type != kind && !slices.Contains(back, e.Type), !about(e):
		case e.Type == kind:
			return e
		default:
			return nil
		}
	}
	return nil
}

// newer of two events, of which either may be missing.
func newer(a, b *idp.Event) *idp.Event {
	if a == nil || b != nil && b.At.After(a.At) {
		return b
	}
	return a
}
