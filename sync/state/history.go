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
	return s.events(ctx, f, f.passes)
}

// events is History without the lines that skip does not want to see.
func (s *Store) events(ctx context.Context, f Filter, skip func(run []byte) bool) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		var run *RunInfo
		open := map[uint64]*core.Intent{}
		for line, err := range s.lines(ctx, skip) {
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
	return s.runs(ctx, func() bool { return false })
}

// runs is Runs without those that wrote nothing and that skip does not want to
// see. It is asked when all runs before have been given.
func (s *Store) runs(ctx context.Context, skip func() bool) iter.Seq2[RunRecord, error] {
	return func(yield func(RunRecord, error) bool) {
		var run *RunRecord
		more := true
		give := func() {
			if run != nil {
				more = more && yield(*run, nil)
			}
			run = nil
		}
		skips := func(id []byte) bool {
			if run != nil && run.Info.RunID == string(id) || !more {
				return false
			}
			give()
			return more && skip()
		}
		for e, err := range s.events(ctx, Filter{}, skips) {
			if err != nil && more {
				yield(RunRecord{}, err)
			}
			if err != nil || !more {
				return
			}
			// One id twice in a row: the same run, unless it has ended.
			if run == nil || run.Info.RunID != e.Run || run.Summary != nil {
				if e.By == nil {
					continue // a recovery before the run's first line
				}
				if give(); !more {
					return
				}
				run = &RunRecord{Info: *e.By}
			}
			run.add(e.Line)
		}
		give()
	}
}

// LastRuns lists the last n runs, oldest first, all of them where n is 0, and
// says how many there were before. Only those that it lists are read in full.
func (s *Store) LastRuns(ctx context.Context, n int) (runs []RunRecord, before int, err error) {
	if n > 0 {
		all := 0
		for _, err := range s.runs(ctx, func() bool { all++; return true }) {
			if err != nil {
				return nil, 0, err
			}
			all++
		}
		before = max(0, all-n)
	}
	seen := 0
	passes := func() bool {
		if seen >= before {
			return false
		}
		seen++
		return true
	}
	for r, err := range s.runs(ctx, passes) {
		if err != nil {
			return nil, 0, err
		}
		if seen++; seen > before {
			runs = append(runs, r)
		}
	}
	return runs, before, nil
}

// passes says whether a run that wrote nothing cannot be meant.
func (f Filter) passes(run []byte) bool {
	return f.Person != "" || f.Run != "" && f.Run != string(run)
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
			slices.ContainsFunc(s.People, func(m *core.MemberRef) bool { return m != nil && is(m.OktaID, m.Email) })
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
