package state

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	core "scim-sync/sync"
)

// everything is the ticket up to which a reader, who has no run of their own,
// takes open writes for unfinished.
const everything = math.MaxUint64

const (
	// removalsKept is longer than any window in which removals are counted:
	// protect.removals_window is 30 days at most.
	removalsKept = 31 * 24 * time.Hour
	// invitesKept is longer than the week in which mails to an address are counted.
	invitesKept = 8 * 24 * time.Hour
	// plansKept must be longer than anybody keeps a saved plan.
	plansKept = 365 * 24 * time.Hour
)

// replay is what the lines up to pos come to.
type replay struct {
	managed core.Managed
	open    map[uint64]pending // by ticket
	pos     Position
	lastRun *RunRecord
	moved   *Moved // nil while the state is here
	touched bool   // some line bound or changed the state, or was about to
	lent    bool   // somebody else reads the maps of managed
}

// own has the replay change no map that somebody else reads: a copy, of a large
// company some 40 MB, is made where something changes at all.
func (g *replay) own() {
	if g.lent {
		g.managed, g.lent = cloneMaps(g.managed), false
	}
}

func newReplay() *replay {
	return &replay{
		managed: core.Managed{People: map[string]core.ManagedPerson{}, Teams: map[string]core.ManagedTeam{}},
		open:    map[uint64]pending{},
	}
}

// replay gives the snapshot's content, to carry out later lines on.
func (s snapshot) replay() *replay {
	g := newReplay()
	g.managed.WorkspaceID, g.managed.OrgURL, g.managed.AppID = s.WorkspaceID, s.OrgURL, s.AppID
	g.managed.People = make(map[string]core.ManagedPerson, len(s.People))
	for i := range s.People {
		g.managed.People[s.People[i].OktaID] = s.People[i]
	}
	g.managed.Teams = make(map[string]core.ManagedTeam, len(s.Teams))
	for i := range s.Teams {
		g.managed.Teams[s.Teams[i].GroupID] = s.Teams[i]
	}
	g.managed.FirstSync = s.FirstSync
	g.managed.Repairs, g.managed.Invites = s.Repairs, s.Invites
	g.managed.Removals, g.managed.Latched, g.managed.Everyone, g.managed.Pause, g.managed.Told, g.managed.PlansApplied = s.Removals, s.Latched, s.Everyone, s.Pause, s.Told, s.PlansApplied
	g.managed.Notified = s.Notified
	for _, p := range s.Unfinished {
		g.open[p.Ticket] = p
	}
	g.pos, g.lastRun, g.moved, g.touched = s.Journal, s.LastRun, s.Moved, true
	return g
}

// snapshotOf copies a replay into a snapshot.
func snapshotOf(g *replay, serial uint64) snapshot {
	format := Format
	if g.moved != nil {
		format = FormatMoved
	}
	short := g.managed
	short.People, short.Teams = nil, nil // lists take less room than maps
	m := cloneManaged(short)
	return snapshot{
		header: header{Format: format, Serial: serial, WorkspaceID: m.WorkspaceID, OrgURL: m.OrgURL, AppID: m.AppID},
		People: valuesOf(g.managed.People),
		Teams:  valuesOf(g.managed.Teams),
		footer: footer{
			Removals: m.Removals, Repairs: m.Repairs, Invites: m.Invites, FirstSync: m.FirstSync, Latched: m.Latched, Everyone: m.Everyone, Pause: m.Pause, Told: m.Told, Notified: m.Notified, PlansApplied: m.PlansApplied,
			Unfinished: g.ordered(everything), LastRun: g.lastRun.clone(), Moved: g.moved, Journal: g.pos,
		},
	}
}

// take carries out one line, of size bytes with its newline. The line is the
// next one; its hashes have been checked.
func (g *replay) take(l Line, size int) error {
	if !l.legible() {
		return &FormatError{Have: max(l.Format, Format+1), Know: Format}
	}
	switch l.Kind {
	case LineIntent:
		if l.Intent == nil {
			return fmt.Errorf("line %d is an intent without one", l.Seq)
		}
		g.open[l.Seq] = pending{Ticket: l.Seq, At: l.At, Run: l.Run, Intent: *l.Intent}
	case LineOutcome:
		if l.Outcome == nil {
			return fmt.Errorf("line %d is an outcome without one", l.Seq)
		}
		g.complete(l.Ticket, *l.Outcome)
	case LineLearn:
		if l.Change != nil {
			g.own()
			g.managed.Apply(*l.Change)
		}
	case LineBind:
		if l.Binding != nil {
			g.managed.WorkspaceID = l.Binding.WorkspaceID
			g.managed.OrgURL = l.Binding.OrgURL
			g.managed.AppID = l.Binding.AppID
		}
	case LineSettled:
		g.settle(l.Settled)
	case LineMoved:
		if g.moved = l.Moved; g.moved == nil {
			return fmt.Errorf("line %d says that the state was moved, but not where to", l.Seq)
		}
	case LineRestored:
		if err := g.restore(l); err != nil {
			return fmt.Errorf("the state in line %d: %w", l.Seq, err)
		}
	default: // the others tell, and change nothing
	}
	g.note(l)
	g.pos.Seq, g.pos.Hash, g.pos.Offset = l.Seq, l.Hash, g.pos.Offset+int64(size)
	return nil
}

// restore puts the state of a line in the place of what was there. Whatever
// was said of a move is over by that.
func (g *replay) restore(l Line) error {
	if l.Restored == nil {
		return errors.New("there is none")
	}
	snap, _, err := decodeSnapshot(l.Restored.State, migrations())
	if err != nil {
		return err
	}
	back := snap.replay()
	g.managed, g.open, g.moved = back.managed, back.open, nil
	return nil
}

// remember carries out what a line of a run that wrote nothing tells: only the
// last of several in a row is worth reading. pos is past it already.
func (g *replay) remember(idle []byte) error {
	if idle == nil {
		return nil
	}
	var l Line
	if err := json.Unmarshal(idle, &l); err != nil {
		return fmt.Errorf("line %d: %w", g.pos.Seq, err)
	}
	g.note(l)
	return nil
}

// note keeps the record of the last run.
func (g *replay) note(l Line) {
	switch l.Kind {
	case LineRun, LineEnd:
		if l.Info != nil && (l.Kind == LineRun || g.lastRun == nil || g.lastRun.Info.RunID != l.Run || g.lastRun.Summary != nil) {
			g.lastRun = &RunRecord{Info: *l.Info}
		}
	case LineIntent, LineOutcome, LineLearn, LineBind, LineSettled, LineRestored:
		g.touched = true
	default:
	}
	if g.lastRun == nil || g.lastRun.Info.RunID != l.Run {
		return
	}
	g.lastRun.add(l)
}

// add counts a line of the run.
func (r *RunRecord) add(l Line) {
	switch l.Kind {
	case LineIntent:
		r.Intents++
	case LineLearn, LineRestored:
		r.Changes++
	case LineOutcome:
		if l.Outcome != nil && !l.Outcome.Change.IsZero() {
			r.Changes++
		}
	case LineEnd:
		r.Ended, r.Summary = l.At, l.Summary
		if l.Info != nil {
			r.Info.PlanID = l.Info.PlanID
		}
	default:
	}
}

func (g *replay) complete(ticket uint64, o core.Outcome) {
	p := g.open[ticket]
	if fateUnknown(o) {
		p.Unknown, p.Counted = true, o.Change.Counts()
		if p.Ticket != 0 {
			g.supersede(p)
			g.open[ticket] = p
		}
	} else {
		delete(g.open, ticket)
		g.resolve(p, o)
	}
	g.own()
	g.managed.Apply(o.Change)
}

// resolve drops former tries of the same step that are open: an outcome that
// is known speaks for them too. A former removal goes on counting unless this
// one counts.
func (g *replay) resolve(done pending, o core.Outcome) {
	for ticket, p := range g.open {
		tried := p.Unknown || p.Run != done.Run // else it is under way beside this one
		counts := len(p.removals()) > 0 && !o.Change.Counts()
		if tried && !counts && sameStep(p.Intent.Step, done.Intent.Step) {
			delete(g.open, ticket)
		}
	}
}

// supersede drops former tries of the very same write whose fate is as unknown
// as that of this one, which speaks for them: what fails so at every run does not
// add up. Removals are each kept, for the window counts them.
func (g *replay) supersede(by pending) {
	maps.DeleteFunc(g.open, func(_ uint64, p pending) bool {
		return p.Ticket < by.Ticket && p.Unknown && len(p.removals()) == 0 &&
			sameStep(p.Intent.Step, by.Intent.Step) && p.Intent.Step.After == by.Intent.Step.After
	})
}

// settle marks writes as looked after. Removals among them go on counting in
// the window: whether they happened is for the later run to know, and to count
// one too many refuses at worst.
func (g *replay) settle(tickets []uint64) {
	for _, t := range tickets {
		p, ok := g.open[t]
		switch {
		case !ok:
		case len(p.removals()) == 0:
			delete(g.open, t)
		default:
			p.Settled = true
			g.open[t] = p
		}
	}
}

// isOpen says whether the ticket is that of a write which was announced after
// the line former and has not been completed.
func (g *replay) isOpen(ticket, former uint64) bool {
	p, ok := g.open[ticket]
	return ok && p.Ticket > former && !p.Unknown
}

// ordered lists the open writes up to a ticket, oldest first.
func (g *replay) ordered(upTo uint64) []pending {
	var out []pending
	for _, p := range g.open {
		if p.Ticket <= upTo {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b pending) int { return cmp.Compare(a.Ticket, b.Ticket) })
	return out
}

// unfinished lists the open writes up to a ticket that nobody has looked after.
func (g *replay) unfinished(upTo uint64) []core.Unfinished {
	var out []core.Unfinished
	for _, p := range g.ordered(upTo) {
		if !p.Settled {
			out = append(out, core.Unfinished{At: p.when(), Intent: cloneIntent(p.Intent)})
		}
	}
	return out
}

// view gives what is managed, with its open removals, as it is now: a later change
// makes a copy of the maps first. Whoever gets them changes nothing in them.
func (g *replay) view(upTo uint64) core.Managed {
	g.lent = true
	return g.counting(cloneShort(g.managed), upTo)
}

// last gives what is managed, with its open removals, and ends the replay: of a
// large company a copy takes its time.
func (g *replay) last() core.Managed { return g.counting(g.managed, everything) }

// counting adds the open removals up to the ticket, each until the same removal
// of the same person was really recorded at or after it.
func (g *replay) counting(m core.Managed, upTo uint64) core.Managed {
	for _, p := range g.ordered(upTo) {
		for _, r := range p.removals() {
			if !g.recorded(r) {
				m.Removals = append(m.Removals, r)
			}
		}
	}
	return m
}

func (g *replay) recorded(r core.Removal) bool {
	return slices.ContainsFunc(g.managed.Removals, func(have core.Removal) bool {
		return have.Same(r) && !have.At.Before(r.At)
	})
}

// forget drops what is too old to play a part any more: by this computer's clock,
// and by the newest of its kind as well. A clock that is ahead for one run would
// have the caps forget what they count.
func (g *replay) forget(now time.Time) {
	g.own()
	m := &g.managed
	m.Removals = recent(m.Removals, now, removalsKept, func(r core.Removal) time.Time { return r.At })
	m.Repairs = recent(m.Repairs, now, removalsKept, func(r core.Repair) time.Time { return r.At })
	forgetInvites(m.Invites, now)
	m.PlansApplied = recent(m.PlansApplied, now, plansKept, func(p core.AppliedPlan) time.Time { return p.At })
	settled := slices.DeleteFunc(g.ordered(everything), func(p pending) bool { return !p.Settled })
	for _, p := range settled {
		delete(g.open, p.Ticket)
	}
	for _, p := range recent(settled, now, removalsKept, pending.when) {
		g.open[p.Ticket] = p
	}
}

// forgetInvites is recent for the mails to each address.
func forgetInvites(invites map[string][]time.Time, now time.Time) {
	all := slices.Concat(slices.Collect(maps.Values(invites))...)
	if len(all) == 0 {
		return
	}
	if newest := slices.MaxFunc(all, time.Time.Compare); newest.Before(now) {
		now = newest
	}
	for email, times := range invites {
		invites[email] = slices.DeleteFunc(times, func(t time.Time) bool { return now.Sub(t) > invitesKept })
		if len(invites[email]) == 0 {
			delete(invites, email)
		}
	}
}

// recent drops what is older than kept, seen from now and from the newest.
func recent[T any](list []T, now time.Time, kept time.Duration, at func(T) time.Time) []T {
	var newest time.Time
	for _, x := range list {
		if t := at(x); t.After(newest) {
			newest = t
		}
	}
	if newest.Before(now) {
		now = newest
	}
	return slices.DeleteFunc(list, func(x T) bool { return now.Sub(at(x)) > kept })
}
