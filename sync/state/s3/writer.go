package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"scim-sync/sync/state"
	"scim-sync/sync/state/lease"
	"scim-sync/sync/state/s3/bucket"
)

// writer is a Backend to the holder of its lock. Of its three locks the first
// ones are taken first.
type writer struct {
	b      *Backend
	id     string // all its nonces begin with it
	epoch  uint64
	hold   *lease.Hold
	nonces atomic.Uint64
	sweeps sync.WaitGroup // objects that are being deleted

	journal  sync.Mutex // held while the journal is written
	appended bool       // this run has written a line
	checked  bool       // lock.json was read back
	unsure   bool       // an object may have been written that doc knows nothing of
	objects  int        // how many of the run are not merged

	locking sync.Mutex // held while lock.json is written
	etag    string     // of lock.json
	nonce   string     // of lock.json

	mu     sync.Mutex // guards what follows
	doc    lockDoc
	serial uint64 // of the snapshot that was written last, as far as is known
	snap   standing
}

// rideUpTo is how many bytes of lines lock.json may hold. Runs that found nothing
// to do leave one line each, and the store takes a snapshot after some 150 of
// them, which puts them into an object.
const rideUpTo = 256 << 10

func (w *writer) mine(nonce string) bool { return strings.HasPrefix(nonce, w.id+"-") }

func (w *writer) Lost() <-chan struct{} { return w.hold.Lost() }

func (w *writer) Held() error { return w.hold.Held() }

// contents is what the journal is made of now.
func (w *writer) contents() contents {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.doc.clone()
}

func (w *writer) serialKnown() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.serial
}

// lose ends the hold, and gives the reason for which it ended first.
func (w *writer) lose(place, why string) error {
	return w.hold.Lose(&state.LostError{Place: place, Why: why})
}

// renew shows that the holder is there.
func (w *writer) renew(ctx context.Context) error { return w.tell(ctx, func(*lockDoc) {}) }

// tell writes lock.json as it is after the change, which then holds.
func (w *writer) tell(ctx context.Context, change func(*lockDoc)) error {
	w.locking.Lock()
	defer w.locking.Unlock()
	if err := w.Held(); err != nil {
		return err
	}
	w.mu.Lock()
	doc := w.doc
	doc.contents = doc.clone()
	w.mu.Unlock()
	change(&doc)
	since := w.b.at.Elapsed()
	etag, nonce, err := w.putLock(ctx, doc)
	if changed, ok := errors.AsType[*bucket.ChangedError](err); ok {
		return w.lose(w.b.at.Place(lockName), who(changed.Now))
	}
	if err != nil {
		return err
	}
	w.etag, w.nonce = etag, nonce
	w.hold.Renewed(since)
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.doc) // only who holds the journal changes it: it is still as it was
	return nil
}

// who says who holds the lock now.
func who(now *bucket.Object) string {
	if now == nil {
		return "it was taken away"
	}
	doc, err := decodeLock(now.Content)
	switch {
	case err != nil || doc.Holder == nil:
		return "somebody has freed it"
	case doc.Holder.RunID == "":
		return "another run has taken it"
	}
	return fmt.Sprintf("the run %s on %s has taken it", doc.Holder.RunID, doc.Holder.Host)
}

// readBack looks whether lock.json is what this writer wrote last: whoever's
// endpoint takes no notice of conditions learns it before the first request to
// Attio leaves.
func (w *writer) readBack(ctx context.Context) error {
	w.locking.Lock()
	defer w.locking.Unlock()
	o, err := w.b.at.Read(ctx, lockName)
	if err != nil {
		return err
	}
	if o == nil || !w.mine(o.Nonce) {
		return w.lose(w.b.at.Place(lockName), who(o))
	}
	w.checked = true
	return nil
}

// at gives an error unless this process still holds the lock, and the journal
// ends there.
func (w *writer) at(after state.Position) error {
	if err := w.Held(); err != nil {
		return err
	}
	if w.unsure {
		return errors.New("the journal was not written as it should, and how far it goes must be read first")
	}
	c := w.contents()
	if c.size() != after.Offset || !c.empty() && c.Seq != after.Seq {
		return w.lose(w.b.at.Place(journal), fmt.Sprintf("it ends after line %d and %d bytes, where this run has read %d and %d", c.Seq, c.size(), after.Seq, after.Offset))
	}
	return nil
}

// Append writes the lines as one object, or into lock.json: there goes the one
// line of a run that found nothing to do. An announcement never comes alone as
// a run's first line, so that lock.json is read back before the first of them.
func (w *writer) Append(ctx context.Context, after state.Position, lines []byte) error {
	w.journal.Lock()
	defer w.journal.Unlock()
	if err := w.at(after); err != nil {
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
	if !alone && !w.checked {
		if err := w.readBack(ctx); err != nil {
			return err
		}
	}
	n := uint64(1)
	if len(c.Parts) > 0 {
		n = c.last().N
	}
	if c.empty() {
		w.restart(after.Seq)
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

// restart lets a journal that holds nothing begin after the line.
func (w *writer) restart(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.doc.Seq = seq
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
	h := bucket.Head{Nonce: w.nextNonce(), Epoch: w.epoch, Serial: w.serialKnown(), Part: n, From: s.From, First: s.First, Last: s.Last, Fence: s.Fence}
	_, err := w.b.at.Write(ctx, s.Name, h, lines, c.Slot, bucket.Nobody)
	if changed, ok := errors.AsType[*bucket.ChangedError](err); ok {
		why := "it was taken away"
		if changed.Now != nil {
			why = "another run has written it"
		}
		return w.lose(w.b.at.Place(s.Name), why)
	}
	if err := w.written(err); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.doc.add(n, s, lines)
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
	if err := w.at(after); err != nil {
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
		return "", w.b.at.Broken(journal, fmt.Sprintf("after line %d follow %d bytes that are no whole line, which no run of this program leaves", at.Seq, size-at.Offset))
	}
	return "", nil
}

// Release merges what the run has written, and frees the lock by writing that it
// is free. A lock that was lost is left alone.
func (w *writer) Release(ctx context.Context) error {
	w.journal.Lock()
	defer w.journal.Unlock()
	defer w.b.left(w)
	defer w.sweeps.Wait()
	if w.Held() != nil {
		w.hold.End()
		return nil
	}
	gone, err := w.merge(ctx)
	if err != nil && !errors.Is(err, state.ErrLost) {
		w.b.log.Warn("the journal's objects were not merged; a later run does it", "err", err)
	}
	w.hold.End() // before the lock is free: a renewal must not come after
	err = w.tell(ctx, func(d *lockDoc) { d.Holder, d.Lease, d.Clean = nil, "", !w.unsure })
	if errors.Is(err, state.ErrLost) {
		return nil
	}
	if err == nil {
		w.sweep(gone)
	}
	return err
}

// left forgets the writer.
func (b *Backend) left(w *writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.writer == w {
		b.writer = nil
	}
}
