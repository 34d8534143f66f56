package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

// standing is the snapshot as a writer knows it.
type standing struct {
	known  bool // it was read or written
	etag   string
	serial uint64
	seq    uint64 // of the journal's line that it was made at
}

// Snapshot gives the present snapshot, nil when there is none. None, or an older
// one than lock.json knows of, is asked for again for a while.
func (b *Backend) Snapshot(ctx context.Context) ([]byte, error) {
	o, err := b.at.Read(ctx, stateName)
	if err != nil {
		return nil, err
	}
	w := b.held()
	known := uint64(0)
	switch {
	case w != nil:
		known = w.serialKnown()
	case o == nil:
		lock, err := b.at.Read(ctx, lockName)
		if err != nil {
			return nil, err
		}
		if lock != nil {
			known = lock.Serial
		}
	}
	if o == nil && known > 0 || o != nil && o.Serial < known {
		if o, err = b.at.Insist(ctx, stateName, func(o *bucket.Object) bool { return o != nil && o.Serial >= known }); err != nil {
			return nil, err
		}
	}
	if o == nil && known > 0 {
		return nil, b.at.Broken(stateName, fmt.Sprintf("it is not there, though one with serial %d was written", known))
	}
	if o != nil && o.Serial < known {
		// The journal holds all that came after it.
		b.log.Warn("the state is older than the one that was written last, as after a restore from a backup; what came after it is read from the journal",
			"place", b.at.Place(stateName), "serial", o.Serial, "last", known)
	}
	if w != nil {
		w.saw(o)
	}
	if o == nil {
		return nil, nil
	}
	return o.Content, nil
}

// saw takes in which snapshot is there, nil for none.
func (w *writer) saw(o *bucket.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.snap = standing{known: true}
	if o != nil {
		w.snap.etag, w.snap.serial, w.snap.seq = o.ETag, o.Serial, o.Last
	}
	w.serial = w.snap.serial
}

func (w *writer) standing(ctx context.Context) (standing, error) {
	w.mu.Lock()
	s := w.snap
	w.mu.Unlock()
	if s.known {
		return s, nil
	}
	if _, err := w.b.Snapshot(ctx); err != nil {
		return s, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snap, nil
}

// Swap replaces the snapshot. Lines that lie in lock.json alone go into an object
// before: no snapshot may know more than is kept apart from the lock.
func (w *writer) Swap(ctx context.Context, next state.Next) error {
	if err := w.Held(); err != nil {
		return err
	}
	was, err := w.standing(ctx)
	if err != nil {
		return err
	}
	if was.serial != next.Was && !next.Force {
		return w.conflict(next.Was, was.serial)
	}
	serial, at, err := state.SerialOf(next.Body)
	if err != nil {
		return err
	}
	if err := w.flushFirst(ctx); err != nil {
		return err
	}
	if next.Keep {
		if err := w.keep(ctx, was); err != nil {
			return err
		}
	}
	for range fewTimes {
		h := bucket.Head{Nonce: w.nextNonce(), Epoch: w.epoch, Serial: serial, Last: at.Seq}
		etag, err := w.b.at.Write(ctx, stateName, h, next.Body, was.etag, w.mine)
		changed, ok := errors.AsType[*bucket.ChangedError](err)
		if !ok {
			if err == nil {
				err = w.swapped(standing{known: true, etag: etag, serial: serial, seq: h.Last})
			}
			return err
		}
		if changed.Now == nil || changed.Now.Epoch >= w.epoch {
			return w.conflict(next.Was, serialAt(changed.Now))
		}
		// A former holder came late: what it wrote is in the journal.
		if err := w.readBack(ctx); err != nil {
			return err
		}
		was.etag = changed.Now.ETag
	}
	return w.conflict(next.Was, was.serial)
}

func (w *writer) swapped(s standing) error {
	w.mu.Lock()
	w.snap, w.serial = s, s.serial
	w.mu.Unlock()
	return w.Held()
}

func serialAt(o *bucket.Object) uint64 {
	if o == nil {
		return 0
	}
	return o.Serial
}

func (w *writer) conflict(want, have uint64) error {
	return w.hold.Lose(&state.ConflictError{Place: w.b.at.Place(stateName), Want: want, Have: have})
}

func (w *writer) flushFirst(ctx context.Context) error {
	w.journal.Lock()
	defer w.journal.Unlock()
	return w.flush(ctx)
}

// previousKept is how many former snapshots are kept.
const previousKept = 10

// keep puts the present snapshot among the previous ones, and forgets the oldest.
func (w *writer) keep(ctx context.Context, was standing) error {
	if was.serial == 0 {
		return nil
	}
	name := fmt.Sprintf("%s%012d-%020d.json", previous, was.serial, was.seq)
	if err := w.b.at.Again(ctx, func() error { return w.b.at.Copy(ctx, stateName, was.etag, name) }); err != nil {
		if e, ok := errors.AsType[*bucket.Error](err); !ok || e.Status != http.StatusPreconditionFailed {
			return err
		}
		// Another one is there by now, which the swap will say.
	}
	names, err := w.b.at.List(ctx, previous, "")
	if err != nil {
		return err
	}
	slices.Sort(names)
	return w.b.at.RemoveAll(ctx, names[:max(0, len(names)-previousKept)])
}

// Aside keeps content as an object beside the state.
func (w *writer) Aside(ctx context.Context, name string, content []byte) (string, error) {
	if err := w.Held(); err != nil {
		return "", err
	}
	h := bucket.Head{Nonce: w.nextNonce(), Epoch: w.epoch, Serial: w.serialKnown()}
	name = aside + name
	_, err := w.b.at.Write(ctx, name, h, content, bucket.Anything, bucket.Nobody)
	return w.b.at.Place(name), err
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
		names, err := w.b.at.List(ctx, folder, "")
		if err != nil {
			return err
		}
		gone = append(gone, names...)
	}
	if err := w.Held(); err != nil {
		return err
	}
	return w.b.at.RemoveAll(ctx, append(gone, cacheName))
}

// Prune removes the parts before first, which begins with the line seq. That
// lock.json says so comes first.
func (w *writer) Prune(ctx context.Context, first state.Part, seq uint64) error {
	n, err := w.b.partNumber(first.Name)
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
	names, err := w.b.at.List(ctx, journal, "")
	if err != nil {
		return err
	}
	kept, err := w.b.at.List(ctx, previous, "")
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
	return w.b.at.RemoveAll(ctx, gone)
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
