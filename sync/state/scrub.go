package state

import (
	"slices"

	core "scim-sync/sync"
)

// scrubber takes secrets out of what others say before it becomes a line: the
// journal is the last place where that can be done, and is kept for long. Ids,
// addresses and names are left: the state is made of them.
type scrubber func(string) string

func (s scrubber) each(texts ...*string) {
	for _, t := range texts {
		*t = s(*t)
	}
}

// info scrubs what is said of a run.
func (s scrubber) info(i RunInfo) RunInfo {
	s.each(&i.Operator, &i.CIJob, &i.Reason, &i.Command)
	return i
}

// line scrubs a line that nobody else holds. What it points to may be the
// caller's, and is copied.
func (s scrubber) line(l *Line) {
	if l.Info != nil {
		i := s.info(*l.Info)
		l.Info = &i
	}
	if l.Intent != nil {
		i := cloneIntent(*l.Intent)
		s.step(&i.Step)
		if p := i.Proof; p != nil {
			s.each(&p.Request, &p.Says, &p.RequestID)
		}
		for n := range i.Log {
			s.each(&i.Log[n].Type, &i.Log[n].By, &i.Log[n].ID)
		}
		l.Intent = &i
	}
	if l.Outcome != nil {
		o := *l.Outcome
		s.each(&o.RequestID, &o.Error)
		o.Change = s.change(o.Change)
		l.Outcome = &o
	}
	if l.Change != nil {
		c := s.change(*l.Change)
		l.Change = &c
	}
	if l.Step != nil {
		step := cloneStep(*l.Step)
		s.step(&step)
		l.Step = &step
	}
	if l.Override != nil {
		o := *l.Override
		s.each(&o.Flag, &o.Reason)
		l.Override = &o
	}
	if l.Moved != nil {
		m := *l.Moved
		s.each(&m.To, &m.From, &m.By)
		l.Moved = &m
	}
	if l.Restored != nil {
		r := *l.Restored
		s.each(&r.By)
		l.Restored = &r
	}
	if l.Summary != nil {
		sum := *l.Summary
		s.each(&sum.Error)
		l.Summary = &sum
	}
}

func (s scrubber) change(c core.Change) core.Change {
	if c.Repair != nil {
		r := *c.Repair
		s.each(&r.RequestID)
		c.Repair = &r
	}
	if c.Pause != nil {
		p := *c.Pause
		s.each(&p.By, &p.Reason)
		c.Pause = &p
	}
	c.Told, c.Notified = s.told(c.Told), s.told(c.Notified)
	return c
}

func (s scrubber) told(l *core.ToldList) *core.ToldList {
	if l == nil {
		return nil
	}
	told := core.ToldList{List: slices.Clone(l.List)}
	for i := range told.List {
		t := &told.List[i]
		s.each(&t.Key, &t.Lead, &t.Text)
	}
	return &told
}

func (s scrubber) step(step *core.Step) { s.each(&step.Reason) }
