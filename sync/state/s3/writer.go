package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

// writer is a Backend to the holder of its lock. The journal is locked before what
// its holding locks.
type writer struct {
	merger

	journal  sync.Mutex // held while the journal is written
	appended bool       // this run has written a line
}

// rideUpTo is how many bytes of lines lock.json may hold. Runs that found nothing
// to do leave one line each, and the store takes a snapshot after some 150 of
// them, which puts them into an object.
const rideUpTo = 256 << 10

// endsAt gives an error unless this process still holds the lock, and the journal
// ends there.
func (w *writer) endsAt(after state.Position) error {
	if err := w.Held(); err != nil {
		return err
	}
	if w.unsure {
		return errors.New("the journal was not written as it should, and how far it goes must be read first")
	}
	c := w.contents()
	if c.size() != after.Offset || !c.empty() && c.Seq != after.Seq {
		return w.lose(w.at.Place(journal), fmt.Sprintf("it ends after line %d and %d bytes, where this run has read %d and %d", c.Seq, c.size(), after.Seq, after.Offset))
	}
	return nil
}

// Append writes the lines as one object, or into lock.json: there goes the one
// line of a run that found nothing to do. An announcement never comes alone as
// a run's first line, so that lock.json is read back before the first of them.
func (w *writer) Append(ctx context.Context, after state.Position, lines []byte) error {
	w.journal.Lock()
	defer w.journal.Unlock()
	if err := w.endsAt(after); err != nil {
		return err
	}
	c := w.contents()
	if after == (state.Position{}) { // a journal that is copied or restored need not begin with line 1
		after.Seq = state.FirstSeq(lines, 1) - 1
	}
	seq := after.Seq + uint64(bytes.Count(lines, []byte("\n")))
	alone := !w.appended && seq == after.Seq+1
	w.appended = true
	if alone && c.Slot == "" && len(c.tail)+len(lines) <= rideUpTo {
		return w.written(w.tell(ctx, func(d *lockDoc) { d.ride(lines, seq) }))
	}
	if !alone && !w.checked.Load() {
		if err := w.readBack(ctx); err != nil {
			return err
		}
	}
	n := uint64(1)
	if len(c.Parts) > 0 {
		n = c.last().N
	}
	if c.empty() {
		w.note(func(d *lockDoc) { d.Seq = after.Seq })
	}
	if err := w.put(ctx, n, lines, seq); err != nil {
		return err
	}
	if w.objects%mergeAt != 0 {
		return nil
	}
	return w.mergeMidway(ctx)
}

// written notes what is not known after an error.
func (w *writer) written(err error) error {
	if err == nil {
		return w.Held()
	}
	if !errors.Is(err, state.ErrLost) {
		w.unsure = true
	}
	return err
}

// put writes the tail and the lines as the next object, which belongs to part n.
// Its name says nothing but with which line it begins: somebody else's would be
// there already. The lock is looked at again afterwards.
func (w *writer) put(ctx context.Context, n uint64, lines []byte, seq uint64) error {
	c := w.contents()
	lines = slices.Concat(c.tail, lines)
	s := span{Name: lineName(c.next()), First: c.next(), Last: seq, Size: int64(len(lines)), Fence: c.Slot != "", lines: lines}
	if len(c.Parts) > 0 && c.last().N == n {
		s.From = c.last().size()
	}
	h := w.head()
	h.Part, h.From, h.First, h.Last, h.Fence = n, s.From, s.First, s.Last, s.Fence
	_, err := w.at.Write(ctx, s.Name, h, lines, c.Slot, bucket.Nobody)
	if changed, ok := errors.AsType[*bucket.ChangedError](err); ok {
		why := "it was taken away"
		if changed.Now != nil {
			why = "another run has written it"
		}
		return w.lose(w.at.Place(s.Name), why)
	}
	if err := w.written(err); err != nil {
		return err
	}
	w.note(func(d *lockDoc) { d.add(n, s, lines) })
	w.objects++
	return nil
}

// flush puts the lines that only lock.json holds into an object.
func (w *writer) flush(ctx context.Context) error {
	c := w.contents()
	if len(c.tail) == 0 || w.unsure {
		return nil
	}
	return w.put(ctx, c.last().N, nil, c.Seq)
}

// Rotate begins another part with the line.
func (w *writer) Rotate(ctx context.Context, after state.Position, first []byte) error {
	w.journal.Lock()
	defer w.journal.Unlock()
	if err := w.endsAt(after); err != nil {
		return err
	}
	w.appended = true
	if err := w.flush(ctx); err != nil {
		return err
	}
	n := uint64(1)
	if c := w.contents(); len(c.Parts) > 0 {
		n = c.last().N + 1
	}
	return w.put(ctx, n, first, after.Seq+1)
}

// Cut has nothing to do: an object is there as a whole, or not at all.
func (w *writer) Cut(_ context.Context, at state.Position) (string, error) {
	if err := w.Held(); err != nil {
		return "", err
	}
	c := w.contents()
	if size := c.size(); size != at.Offset {
		return "", w.at.Broken(journal, fmt.Sprintf("after line %d follow %d bytes that are no whole line, which no run of this program leaves", at.Seq, size-at.Offset))
	}
	return "", nil
}

// Clear empties the journal. That lock.json says so comes first.
func (w *writer) Clear(ctx context.Context) error {
	w.journal.Lock()
	defer w.journal.Unlock()
	if err := w.tell(ctx, func(d *lockDoc) { d.contents = contents{} }); err != nil {
		return err
	}
	w.objects, w.unsure = 0, false
	var gone []string
	for _, folder := range []string{journal, previous} {
		names, err := w.at.List(ctx, folder, "")
		if err != nil {
			return err
		}
		gone = append(gone, names...)
	}
	if err := w.Held(); err != nil {
		return err
	}
	return w.at.RemoveAll(ctx, append(gone, cacheName))
}

// Prune removes the parts before first, which begins with the line seq. That
// lock.json says so comes first.
func (w *writer) Prune(ctx context.Context, first state.Part, seq uint64) error {
	n, err := w.in.partNumber(first.Name)
	if err != nil {
		return err
	}
	w.journal.Lock()
	defer w.journal.Unlock()
	err = w.tell(ctx, func(d *lockDoc) {
		d.Parts = slices.DeleteFunc(slices.Clone(d.Parts), func(p part) bool { return p.N < n })
	})
	if err != nil {
		return err
	}
	names, err := w.at.List(ctx, journal, "")
	if err != nil {
		return err
	}
	kept, err := w.at.List(ctx, previous, "")
	if err != nil {
		return err
	}
	old := func(name string) bool { first, _, ok := firstOf(name); return ok && first < seq }
	var gone []string
	for _, name := range names {
		if old(name) {
			gone = append(gone, name)
		}
	}
	for _, name := range kept {
		if at, ok := madeAt(name); ok && at+1 < seq {
			gone = append(gone, name)
		}
	}
	if err := w.Held(); err != nil {
		return err
	}
	return w.at.RemoveAll(ctx, gone)
}

// madeAt is the line at which a previous snapshot was made, by its name.
func madeAt(name string) (seq uint64, ok bool) {
	_, text, ok := strings.Cut(strings.TrimPrefix(name, previous), "-")
	if !ok {
		return 0, false
	}
	_, err := fmt.Sscanf(text, "%d.json", &seq)
	return seq, err == nil
}

// Release merges what the run has written, and frees the lock by writing that it
// is free. A lock that was lost is left alone.
func (w *writer) Release(ctx context.Context) error {
	w.journal.Lock()
	defer w.journal.Unlock()
	defer w.in.left(w.holding)
	defer w.sweeps.Wait()
	if w.Held() != nil {
		w.lease.End()
		return nil
	}
	gone, err := w.merge(ctx, 2)
	if err != nil && !errors.Is(err, state.ErrLost) {
		w.in.log.Warn("the journal's objects were not merged; a later run does it", "err", err)
	}
	w.lease.End() // before the lock is free: a renewal must not come after
	err = w.tell(ctx, func(d *lockDoc) { d.Holder, d.Lease, d.Clean = nil, "", !w.unsure })
	if errors.Is(err, state.ErrLost) {
		return nil
	}
	if err == nil {
		w.sweep(gone)
	}
	return err
}
