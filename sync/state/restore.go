package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	core "scim-sync/sync"
)

// Restore puts the state of a backup in the place of what is there, which it keeps
// as a backup in the file aside; kept is false where there was nothing to keep.
//
// The journal goes on: a line of it holds the state that was restored, so that
// serial and line numbers never go back, and the history before stays. Where that
// of the backup has more lines, or what is there cannot be read, the backup's
// journal comes in its place and goes on so. What counts in a window, and writes
// whose end is not known, are those of both.
//
// Errors: *LockedError, *CorruptError of the backup, and those of writing. Cut
// off, it left either what was there, or a state that is marked as not whole.
func (s *Store) Restore(ctx context.Context, b *Backup, aside string, info RunInfo, code func(error) int) (kept bool, err error) {
	back, err := b.load(ctx)
	if err != nil {
		return false, err
	}
	info = s.scrub.info(info)
	w, err := s.hold(ctx, &info)
	if err != nil {
		return false, err
	}
	free := func(err error) error { return errors.Join(err, w.Release(context.WithoutCancel(ctx))) }
	r := &restoring{Store: s, backup: b, back: back, w: w, info: info}
	if kept, err = r.keep(ctx, aside); err != nil {
		return kept, free(fmt.Errorf("keep the present state: %w", err))
	}
	load := s.loadMoved
	if !r.goesOn() {
		if err := r.bringJournal(ctx); err != nil {
			return kept, free(err)
		}
		load = s.loadUnfinished
	}
	run, err := s.beginWith(ctx, w, info, load)
	if err != nil {
		return kept, err
	}
	defer run.Close()
	return kept, run.end(ctx, code, r.write(ctx, run))
}

// loadUnfinished is load for a state that is marked as not whole.
func (s *reader) loadUnfinished(ctx context.Context) (*loaded, error) {
	l, err := s.loadSnapshot(ctx)
	if err == nil {
		err = s.loadJournal(ctx, l)
	}
	return l, err
}

// restoring is a restore under the lock.
type restoring struct {
	*Store
	backup *Backup
	back   *loaded
	w      BackendWriter
	info   RunInfo

	// there is the present state; its journal is not known to be good where that is
	// not whole, and all of it empty where it cannot be read.
	there  *loaded
	whole  bool
	serial uint64 // that the present one may have
}

// keep reads what is there and puts it aside.
func (r *restoring) keep(ctx context.Context, aside string) (bool, error) {
	l, err := r.loadMoved(ctx)
	if err == nil {
		r.there, r.whole, r.serial = l, true, l.serial
		if l.exists() {
			_, err = r.Backup(ctx, aside, r.info, false, true)
		}
	} else {
		r.there = &loaded{replay: newReplay()}
	}
	if err == nil {
		return l.exists(), nil
	}
	r.whole = false
	if _, unfinished := errors.AsType[*MovedError](err); unfinished {
		l, err := r.loadSnapshot(ctx)
		if err == nil {
			r.there.replay, r.serial = l.replay, l.serial
		}
		return false, err // what it was to be made from is whole
	}
	if _, corrupt := errors.AsType[*CorruptError](err); !corrupt {
		return false, err
	}
	if raw, err := r.from.Snapshot(ctx); err == nil {
		h, _ := leading(raw)
		r.serial = h.Serial
	}
	err = r.keepDamaged(ctx, aside, r.info, err)
	return err == nil, err
}

// goesOn says whether the journal that is there does.
func (r *restoring) goesOn() bool {
	return r.whole && r.there.exists() && r.there.replay.pos.Seq >= r.back.replay.pos.Seq
}

// bringJournal puts the backup's journal in the place of the present one. The
// snapshot is marked as not whole from before that to the end.
func (r *restoring) bringJournal(ctx context.Context) error {
	g := r.merged(r.back.replay, r.there.replay)
	snap := snapshotOf(g, max(r.serial, r.back.serial, r.there.replay.pos.Seq)+1)
	snap.Format, snap.Moved = FormatMoved, &Moved{From: r.backup.Paths().Snapshot, At: r.info.Began, By: r.info.Operator}
	raw, err := snap.encode()
	if err != nil {
		return err
	}
	if err := r.w.Swap(ctx, Next{Force: true, Body: raw}); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	if err := r.w.Clear(ctx); err != nil {
		return fmt.Errorf("make room for the journal: %w", err)
	}
	parts, err := r.backup.Parts(ctx)
	if err == nil {
		_, err = copier{r.backup, parts, r.w, r.w.Held}.copy(ctx)
	}
	return err
}

// write puts the line into the journal that holds the restored state.
func (r *restoring) write(ctx context.Context, run *Run) error {
	run.mu.Lock()
	g := r.merged(run.replay, r.back.replay)
	run.mu.Unlock()
	state, err := snapshotOf(g, max(run.snaps.serial, r.back.serial)+1).encode()
	if err != nil {
		return err
	}
	h := r.backup.Head
	_, err = run.submit(ctx, Line{Kind: LineRestored, Restored: &Restored{Made: h.Made, By: h.By, Serial: h.Serial, Seq: h.Seq, State: json.RawMessage(state)}})
	return err
}

// merged is the state of the backup with what counts of the present one. Open
// writes are those of the journal that goes on, and of another one beside it.
func (r *restoring) merged(own, other *replay) *replay {
	g := newReplay()
	g.managed, g.pos, g.lastRun, g.touched = cloneManaged(r.back.replay.managed), own.pos, own.lastRun, true
	guard(&g.managed, r.there.replay.managed)
	maps.Copy(g.open, own.open)
	for _, p := range other.ordered(everything) {
		g.adopt(p)
	}
	return g
}

// adopt takes in an open write of another journal, under a number that is free.
func (g *replay) adopt(p pending) {
	for p.Ticket = min(p.Ticket, g.pos.Seq); p.Ticket > 0; p.Ticket-- {
		have, taken := g.open[p.Ticket]
		if !taken {
			g.open[p.Ticket] = p
			return
		}
		if have.Run == p.Run && have.At.Equal(p.At) && sameStep(have.Intent.Step, p.Intent.Step) {
			return // it is that one
		}
	}
}

// guard adds to a state what another one of the same workspace holds against
// doing too much: removals and repairs in the window, invites, plans that were
// applied, removals that were refused.
func guard(m *core.Managed, other core.Managed) {
	if m.WorkspaceID != other.WorkspaceID {
		return
	}
	o := cloneManaged(other)
	m.Removals = both(m.Removals, o.Removals)
	m.Repairs = both(m.Repairs, o.Repairs)
	m.PlansApplied = both(m.PlansApplied, o.PlansApplied)
	if m.Invites == nil {
		m.Invites = o.Invites
	}
	for email, times := range o.Invites {
		for _, at := range times {
			if !slices.ContainsFunc(m.Invites[email], at.Equal) {
				m.Invites[email] = append(m.Invites[email], at)
			}
		}
	}
	if m.Latched == nil {
		m.Latched = o.Latched
	}
}

// both lists what is in either.
func both[T comparable](a, b []T) []T {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}
