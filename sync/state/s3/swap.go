package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

func (w *writer) standing(ctx context.Context) (standing, error) {
	w.mu.Lock()
	s := w.snap
	w.mu.Unlock()
	if s.known {
		return s, nil
	}
	if _, err := w.in.Snapshot(ctx); err != nil {
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
		h := w.head()
		h.Serial, h.Last = serial, at.Seq
		etag, err := w.at.Write(ctx, stateName, h, next.Body, was.etag, w.mine)
		changed, ok := errors.AsType[*bucket.ChangedError](err)
		if !ok {
			if err != nil {
				return err
			}
			w.saw(&bucket.Object{Head: h, ETag: etag})
			return w.Held()
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

func serialAt(o *bucket.Object) uint64 {
	if o == nil {
		return 0
	}
	return o.Serial
}

func (w *writer) conflict(want, have uint64) error {
	return w.lease.Lose(&state.ConflictError{Place: w.at.Place(stateName), Want: want, Have: have})
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
	if err := w.at.Again(ctx, func() error { return w.at.Copy(ctx, stateName, was.etag, name) }); err != nil {
		if e, ok := errors.AsType[*bucket.Error](err); !ok || e.Status != http.StatusPreconditionFailed {
			return err
		}
		// Another one is there by now, which the swap will say.
	}
	names, err := w.at.List(ctx, previous, "")
	if err != nil {
		return err
	}
	slices.Sort(names)
	return w.at.RemoveAll(ctx, names[:max(0, len(names)-previousKept)])
}

// Aside keeps content as an object beside the state.
func (w *writer) Aside(ctx context.Context, name string, content []byte) (string, error) {
	if err := w.Held(); err != nil {
		return "", err
	}
	name = aside + name
	_, err := w.at.Write(ctx, name, w.head(), content, bucket.Anything, bucket.Nobody)
	return w.at.Place(name), err
}
