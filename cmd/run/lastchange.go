package run

import (
	"context"

	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// lastOf is what the journal last tells of people, by Okta id, or by Attio id for
// whoever has none.
type lastOf struct{ byOkta, byAttio map[string]*view.LastChange }

// lastChanges goes through the journal once. What was not done is no change.
func lastChanges(ctx context.Context, store *state.Store) (*lastOf, error) {
	l := &lastOf{byOkta: map[string]*view.LastChange{}, byAttio: map[string]*view.LastChange{}}
	for e, err := range store.History(ctx, state.Filter{}) {
		if err != nil {
			return nil, err
		}
		l.add(e)
	}
	return l, nil
}

func (l *lastOf) add(e state.Event) {
	c := view.LastChange{At: e.At.UTC(), Run: e.Run}
	if e.By != nil {
		c.By = e.By.Operator
	}
	switch {
	case e.Kind == state.LineOutcome && e.Of != nil && e.Outcome != nil && e.Outcome.Error == "" && !e.Outcome.Unsent:
		c.Proof = e.Of.Proof
		l.step(&e.Of.Step, e.Of.Log, c)
	case e.Kind == state.LineLearn && e.Step != nil:
		l.step(e.Step, nil, c)
	case e.Kind == state.LineLearn && view.ByHand(e) && e.Change != nil && e.Change.Person != nil:
		c.What = "managed again"
		if e.Change.Person.Released {
			c.What = "released"
		}
		l.byOkta[e.Change.Person.OktaID] = &c
	}
}

func (l *lastOf) step(s *core.Step, log []core.Witnessed, c view.LastChange) {
	c.Action, c.What = s.Action, s.Action.Traits().Done
	if s.Person != nil {
		if len(log) > 0 {
			c.Log = &log[0]
		}
		l.byOkta[s.Person.OktaID] = &c
		return
	}
	switch s.Action {
	case core.AddMembers:
		c.What += " to " + s.Team.Name
	case core.RemoveMembers:
		c.What += " from " + s.Team.Name
	default:
		return // a team's own
	}
	for _, m := range s.People {
		theirs := c
		if of := core.WitnessedOf(log, m.OktaID); len(of) > 0 {
			theirs.Log = &of[0]
		}
		if m.OktaID != "" {
			l.byOkta[m.OktaID] = &theirs
		} else {
			l.byAttio[m.AttioID] = &theirs
		}
	}
}

// of gives what was last done about somebody, nil for nothing.
func (l *lastOf) of(a planner.Access) *view.LastChange {
	if c := l.byOkta[a.OktaID]; a.OktaID != "" && c != nil {
		return c
	}
	if a.AttioID == "" {
		return nil
	}
	return l.byAttio[a.AttioID]
}
