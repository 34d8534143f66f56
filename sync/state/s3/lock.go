package s3

import (
	"context"
	"errors"
	"fmt"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

// Lock takes the lock where it is free, or was left for a whole lease. One that
// was renewed lately, by the server's own clock, gives *state.LockedError at
// once; one that seems left is watched for a lease before it is taken.
func (b *Backend) Lock(ctx context.Context, h state.Holder) (state.BackendWriter, error) {
	for range fewTimes {
		o, doc, err := readLock(ctx, b.at)
		if err != nil {
			return nil, err
		}
		if o == nil {
			if err := b.at.Again(ctx, func() error { return b.at.Exists(ctx) }); err != nil {
				return nil, err
			}
			if doc.contents, err = b.rebuild(ctx); err != nil {
				return nil, err
			}
			doc.Clean = len(doc.Parts) == 0
			o = &bucket.Object{}
		} else if doc.Holder != nil {
			again, err := b.watch(ctx, o, doc)
			if err != nil {
				return nil, err
			}
			if again {
				continue
			}
		}
		w, err := b.take(ctx, h, o, doc)
		if changed, ok := errors.AsType[*bucket.ChangedError](err); ok {
			if changed.Now == nil {
				return nil, &bucket.ContradictionError{Place: b.at.Place(lockName), Why: "what was there to be replaced is not there"}
			}
			now, bad := decodeLock(changed.Now.Content)
			if bad == nil && now.Holder != nil {
				return nil, b.locked(now)
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		return w, nil
	}
	return nil, &state.LockedError{Place: b.at.Place(lockName), Note: "others take it and free it again and again"}
}

// watch watches a lock that somebody holds, and gives nil once it stayed the same
// for a whole lease by this process's clock: longer than its holder takes it for
// its own. again: it is another one now, and free. Errors: *state.LockedError.
func (b *Backend) watch(ctx context.Context, o *bucket.Object, doc lockDoc) (again bool, err error) {
	lasts := doc.lasts(b.at.Lease)
	since := b.seen.first(o.Nonce, b.at.Elapsed())
	for nonce := o.Nonce; ; {
		if b.at.Elapsed()-since >= lasts {
			return false, nil
		}
		if !o.Date.IsZero() && !o.Modified.IsZero() && o.Date.Sub(o.Modified) < lasts {
			return false, b.locked(doc)
		}
		if err := bucket.Wait(ctx, min(b.at.Poll, lasts/4)); err != nil {
			return false, errors.Join(err, b.locked(doc))
		}
		now, said, err := readLock(ctx, b.at)
		if err != nil {
			if ctx.Err() != nil { // who holds it is known from before
				err = errors.Join(err, b.locked(doc))
			}
			return false, err
		}
		o, doc = now, said
		if o == nil || doc.Holder == nil {
			return true, nil
		}
		if o.Nonce != nonce {
			return false, b.locked(doc)
		}
	}
}

// take replaces lock.json by one that this process holds.
func (b *Backend) take(ctx context.Context, h state.Holder, was *bucket.Object, doc lockDoc) (*writer, error) {
	left := doc.Holder != nil || !doc.Clean
	own, err := begin(ctx, b.at, h, was, doc.contents)
	if err != nil {
		return nil, err
	}
	w := &writer{merger: merger{holding: own, in: &b.reader}}
	b.hold(own)
	if left {
		if err := w.succeed(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("go on after a run that was not heard of again: %w", err), w.Release(context.WithoutCancel(ctx)))
		}
	}
	return w, nil
}
