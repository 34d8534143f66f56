package state

import (
	"context"
	"iter"
	"slices"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// Filter chooses lines of the history. Empty fields choose all.
type Filter struct {
	Run string // a run's id
	// Person is an email, compared folded, or an Okta id.
	Person string
}

// Event is a line of the journal with what one must know to read it alone.
type Event struct {
	Line
	// By is the run that the line belongs to, as its first line says; nil
	// when that line is not kept any more.
	By *RunInfo `json:"by,omitempty"`
	// Of is the write whose outcome this is, nil for all other lines.
	Of *core.Intent `json:"of,omitempty"`
}

// History gives the lines that the filter chooses, oldest first, reading as it
// goes. It takes no lock. A torn last line is left out. After an error
// (*CorruptError, *FormatError, or of reading) nothing follows.
func (s *Store) History(ctx context.Context, f Filter) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		var run *RunInfo
		open := map[uint64]*core.Intent{}
		for line, err := range s.lines(ctx) {
			if err != nil {
				yield(Event{}, err)
				return
			}
			if line.Info != nil && (line.Kind == LineRun || line.Kind == LineEnd) {
				run = line.Info
			}
			e := Event{Line: line}
			if run != nil && run.RunID == line.Run {
				e.By = run
			}
			switch line.Kind {
			case LineIntent:
				open[line.Seq] = line.Intent
			case LineOutcome:
				e.Of = open[line.Ticket]
				delete(open, line.Ticket)
			default:
			}
			if f.chooses(e) && !yield(e, nil) {
				return
			}
		}
	}
}

// Runs gives the runs that the journal holds, oldest first, reading as it goes.
// After an error nothing follows.
func (s *Store) Runs(ctx context.Context) iter.Seq2[RunRecord, error] {
	return func(yield func(RunRecord, error) bool) {
		var run *RunRecord
		for e, err := range s.History(ctx, Filter{}) {
			if err != nil {
				yield(RunRecord{}, err)
				return
			}
			// One id twice in a row: the same run, unless it has ended.
			if run == nil || run.Info.RunID != e.Run || run.Summary != nil {
				if e.By == nil {
					continue // a recovery before the run's first line
				}
				if run != nil && !yield(*run, nil) {
					return
				}
				run = &RunRecord{Info: *e.By}
			}
			run.add(e.Line)
		}
		if run != nil {
			yield(*run, nil)
		}
	}
}

// LastRuns lists the last n runs, oldest first, all of them where n is 0, and
// says how many there were before.
func (s *Store) LastRuns(ctx context.Context, n int) (runs []RunRecord, before int, err error) {
	for r, err := range s.Runs(ctx) {
		if err != nil {
			return nil, 0, err
		}
		if runs = append(runs, r); n > 0 && len(runs) >= 2*n {
			before += len(runs) - n
			runs = append(runs[:0], runs[len(runs)-n:]...)
		}
	}
	if n > 0 && len(runs) > n {
		before += len(runs) - n
		runs = runs[len(runs)-n:]
	}
	return runs, before, nil
}

func (f Filter) chooses(e Event) bool {
	if f.Run != "" && e.Run != f.Run {
		return false
	}
	if f.Person == "" {
		return true
	}
	is := func(oktaID, email string) bool {
		return oktaID == f.Person || email != "" && attio.FoldEmail(email) == attio.FoldEmail(f.Person)
	}
	return e.about(is)
}

// about says whether the event tells of somebody whom is knows.
func (e Event) about(is func(oktaID, email string) bool) bool {
	step := func(s core.Step) bool {
		return s.Person != nil && is(s.Person.OktaID, s.Person.Email) ||
			is("", s.Before.Email) || is("", s.After.Email) ||
			slices.ContainsFunc(s.People, func(m core.MemberRef) bool { return is(m.OktaID, m.Email) })
	}
	change := func(c core.Change) bool {
		return c.Person != nil && is(c.Person.OktaID, c.Person.Email) ||
			c.ForgetPerson != "" && is(c.ForgetPerson, "") ||
			c.Removal != nil && is(c.Removal.OktaID, c.Removal.Email)
	}
	return e.Intent != nil && step(e.Intent.Step) || e.Of != nil && step(e.Of.Step) ||
		e.Step != nil && step(*e.Step) || e.Change != nil && change(*e.Change) ||
		e.Outcome != nil && change(e.Outcome.Change)
}
