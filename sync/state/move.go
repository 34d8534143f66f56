package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// MoveTo brings the state with its whole journal and the cache into another
// store, which holds none, and marks this one as moved, so that whoever comes
// with the old setting is told. address is how that says where it went.
//
// Both locks are held from the beginning to the end. Until all of it has been
// read back from the new place, that one is marked as not whole and this one is as
// it was; then this one is marked, and then the other mark is taken away: at no
// moment can runs use both. Cut off anywhere, it is carried out again.
//
// Errors: *LockedError of either side, *RefusedError where the other store holds
// a state, *MovedError where this one was moved elsewhere, and those of Read.
func (s *Store) MoveTo(ctx context.Context, to *Store, address string, info RunInfo, code func(error) int) error {
	info.Reason = strings.TrimLeft(info.Reason+"; from "+s.Paths().Snapshot+" to "+address, "; ")
	run, err := s.beginOn(ctx, info, s.loadMoved)
	if err != nil {
		return err
	}
	defer run.Close()
	return run.end(ctx, code, (&move{run: run, from: s, to: to, address: address}).carryOut(ctx))
}

// move is a state on its way.
type move struct {
	run     *Run
	from    *Store
	to      *Store
	address string
	w       BackendWriter // of the new place
	mark    uint64        // serial of the mark there
}

func (m *move) carryOut(ctx context.Context) (err error) {
	if !m.run.start.Exists {
		return &RefusedError{Place: m.from.Paths().Snapshot, Why: "there is no state yet, so that there is nothing to move",
			WayOn: "Put the new address into the settings (state.url); the first run makes the state there."}
	}
	if p := m.to.Probe(ctx); p.Reach != nil || p.Write != nil {
		return errors.Join(p.Reach, p.Write)
	}
	info := m.run.opening.info
	m.w, err = m.to.hold(ctx, &info)
	if locked, ok := errors.AsType[*LockedError](err); ok && locked.Holder.RunID == info.RunID {
		return &RefusedError{Place: m.address, Why: "the state is there already", WayOn: "Name another place."}
	}
	if err != nil {
		return err
	}
	whole := context.WithoutCancel(ctx)
	defer func() { err = errors.Join(err, m.w.Release(whole)) }()
	if gone := m.run.replay.moved; gone != nil {
		return m.goOn(whole, gone)
	}
	last, err := m.bring(ctx)
	if err != nil {
		return err
	}
	// From here on it comes to its end, or is carried out again.
	moved := &Moved{To: m.address, At: m.run.now(), By: m.run.opening.info.Operator, Last: last}
	if _, err := m.run.submit(whole, Line{Kind: LineMoved, Format: FormatMoved, Moved: moved}); err != nil {
		return err
	}
	return m.open(whole, last)
}

// bring copies everything, and gives where the journal ends that was copied.
func (m *move) bring(ctx context.Context) (last Position, err error) {
	last = m.run.replay.pos
	v, err := m.from.check(ctx, last)
	if err == nil && v.Bad != nil {
		err = m.from.journalError(v.Bad.Part, fmt.Sprintf("line %d of it: %s", v.Bad.Line, v.Bad.Why))
	}
	if err != nil {
		return last, err
	}
	if err := m.vacant(ctx, v); err != nil {
		return last, err
	}
	making := &Moved{From: m.from.Paths().Snapshot, At: m.run.now(), By: m.run.opening.info.Operator}
	if err := m.put(ctx, Next{Force: true}, last, making); err != nil {
		return last, err
	}
	if err := m.w.Clear(ctx); err != nil {
		return last, fmt.Errorf("make room for the journal: %w", err)
	}
	parts, err := m.from.from.Parts(ctx)
	if err != nil {
		return last, fmt.Errorf("read the journal: %w", err)
	}
	end, err := (copier{m.from.from, whole(parts, last), m.w, m.held}).copy(ctx)
	if err != nil {
		return last, err
	}
	if end, err = m.sign(ctx, end); err != nil {
		return last, err
	}
	return last, m.readBack(ctx, v, last, end)
}

// held says whether both locks are.
func (m *move) held() error { return errors.Join(m.run.Held(), m.w.Held()) }

// put writes the snapshot of the new place, as of a line of its journal.
func (m *move) put(ctx context.Context, next Next, at Position, mark *Moved) error {
	if err := m.held(); err != nil {
		return err
	}
	m.run.mu.Lock()
	m.mark = max(m.mark, m.run.snaps.serial) + 1
	snap := snapshotOf(m.run.replay, m.mark)
	m.run.mu.Unlock()
	snap.Format, snap.Moved, snap.Journal = Format, mark, at
	if mark != nil {
		snap.Format = FormatMoved
	}
	raw, err := snap.encode()
	if err != nil {
		return err
	}
	next.Body = raw
	if err := m.w.Swap(ctx, next); err != nil {
		return fmt.Errorf("write the state of the new place: %w", err)
	}
	return nil
}

// sign writes down in the new journal how the state came there: as the line of a
// run that wrote nothing, which every program can read.
func (m *move) sign(ctx context.Context, at Position) (Position, error) {
	info := m.run.opening.info
	raw, err := m.run.seal(&Line{Kind: LineEnd, Format: Format, Info: &info, Summary: &Summary{}}, at)
	if err != nil {
		return at, err
	}
	if err := m.held(); err != nil {
		return at, err
	}
	if err := m.w.Append(ctx, at, raw); err != nil {
		return at, fmt.Errorf("write the journal of the new place: %w", err)
	}
	hash, err := hashOf(raw[:len(raw)-1])
	return Position{Seq: at.Seq + 1, Hash: hash, Offset: at.Offset + int64(len(raw))}, err
}

// readBack makes sure that the new place holds the journal from its first line to
// its last, and takes the cache along.
func (m *move) readBack(ctx context.Context, source Verdict, last, end Position) error {
	cache, err := m.from.Cache(ctx)
	if err == nil && cache != nil {
		err = m.to.SaveCache(ctx, cache)
	}
	if err != nil {
		return fmt.Errorf("take the cache along: %w", err)
	}
	v, err := m.to.check(ctx, last)
	switch {
	case err != nil:
		return err
	case v.Bad != nil:
		return m.to.journalError(v.Bad.Part, fmt.Sprintf("read back, line %d of it: %s", v.Bad.Line, v.Bad.Why))
	case v.First != source.First || v.Last != end.Seq || v.chain.hash != end.Hash || v.TornBytes > 0:
		return m.to.journalError(m.to.Paths().Journal, fmt.Sprintf("read back, it has the lines %d to %d and not %d to %d", v.First, v.Last, source.First, end.Seq))
	}
	l, err := m.to.loadSnapshot(ctx)
	if err == nil && (!l.replay.moved.unfinished() || l.serial != m.mark) {
		err = m.to.snapshotError(errors.New("read back, it is not the one that was written"))
	}
	return err
}

// vacant says why the new place cannot take the state; source is the journal's
// verdict. A state that was moved from there to here, or never came to be whole,
// may be replaced.
func (m *move) vacant(ctx context.Context, source Verdict) error {
	occupied := func(why string) error {
		return &RefusedError{Place: m.address, Why: why, WayOn: "Name a place that holds no state; scim-sync state show, with the setting state.url of that place, says what is there."}
	}
	l, err := m.to.loadSnapshot(ctx)
	if err != nil {
		return fmt.Errorf("look whether there is a state at the new place: %w", err)
	}
	parts, err := m.to.from.Parts(ctx)
	if err != nil {
		return fmt.Errorf("look whether there is a journal at the new place: %w", err)
	}
	there := l.replay.moved
	switch {
	case l.snapshot == nil && len(parts) == 0:
		return nil
	case there == nil:
		return occupied("it holds a state already")
	case l.replay.managed.WorkspaceID != m.run.replay.managed.WorkspaceID:
		return occupied("it holds what is left of the state of another workspace, " + l.replay.managed.WorkspaceID)
	}
	m.mark = l.serial
	if there.unfinished() || there.Last.Seq < source.First {
		return nil
	}
	v, err := m.from.check(ctx, there.Last)
	if err == nil && v.Bad != nil {
		err = occupied("it holds a state that was moved to " + there.To + ", and that is not this one")
	}
	return err
}

// goOn ends a move that was cut off after this side was marked, and does nothing
// about one that has come to its end.
func (m *move) goOn(ctx context.Context, gone *Moved) error {
	elsewhere := m.from.movedError(gone)
	l, err := m.to.loadSnapshot(ctx)
	if err != nil {
		return err
	}
	if there := l.replay.moved; l.snapshot == nil || there != nil && !there.unfinished() {
		return elsewhere
	}
	v, err := m.to.check(ctx, gone.Last)
	if err != nil {
		return err
	}
	if v.Bad != nil && v.First <= gone.Last.Seq {
		return elsewhere
	}
	if l.replay.moved == nil {
		if l.replay.managed.WorkspaceID != m.run.replay.managed.WorkspaceID {
			return elsewhere
		}
		return nil
	}
	m.mark = l.serial
	return m.open(ctx, gone.Last)
}

// open takes the mark away that the new place is not whole. Its snapshot is that
// of the last line that was copied; the line that sign wrote is read after it.
func (m *move) open(ctx context.Context, last Position) error {
	return m.put(ctx, Next{Was: m.mark}, last, nil)
}
