package s3

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"scim-sync/sync/state"
	"scim-sync/sync/state/lease"
)

// Lock takes the lock where it is free, or was left for a whole lease. One that
// was renewed lately, by the server's own clock, gives *state.LockedError at
// once; one that seems left is watched for a lease before it is taken.
func (b *Backend) Lock(ctx context.Context, h state.Holder) (state.BackendWriter, error) {
	for range fewTimes {
		o, doc, err := b.lock(ctx)
		if err != nil {
			return nil, err
		}
		if o == nil {
			if err := b.again(ctx, func() error { return b.at.exists(ctx) }); err != nil {
				return nil, err
			}
			if doc.contents, err = b.rebuild(ctx); err != nil {
				return nil, err
			}
			doc.Clean = len(doc.Parts) == 0
			o = &object{}
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
		if changed, ok := errors.AsType[*changedError](err); ok {
			if changed.now == nil {
				return nil, &contradictionError{b.place(lockName), "what was there to be replaced is not there"}
			}
			now, bad := decodeLock(changed.now.content)
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
	return nil, &state.LockedError{Place: b.place(lockName), Note: "others take it and free it again and again"}
}

// watch watches a lock that somebody holds, and gives nil once it stayed the same
// for a whole lease by this process's clock: longer than its holder takes it for
// its own. again: it is another one now, and free. Errors: *state.LockedError.
func (b *Backend) watch(ctx context.Context, o *object, doc lockDoc) (again bool, err error) {
	lasts := doc.lasts(b.time.lease)
	since := b.firstSeen(o.Nonce)
	for nonce := o.Nonce; ; {
		if b.elapsed()-since >= lasts {
			return false, nil
		}
		if !o.date.IsZero() && !o.modified.IsZero() && o.date.Sub(o.modified) < lasts {
			return false, b.locked(doc)
		}
		if err := wait(ctx, min(b.time.poll, lasts/4)); err != nil {
			return false, errors.Join(err, b.locked(doc))
		}
		now, said, err := b.lock(ctx)
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

// firstSeen gives when this process first saw the lock as it is: who asks again
// and again, waiting for it, need not begin anew each time.
func (b *Backend) firstSeen(nonce string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen.nonce != nonce {
		b.seen = sighting{nonce, b.elapsed()}
	}
	return b.seen.at
}

// take replaces lock.json by one that this process holds.
func (b *Backend) take(ctx context.Context, h state.Holder, was *object, doc lockDoc) (*writer, error) {
	left := doc.Holder != nil || !doc.Clean
	w := &writer{b: b, id: newID(), epoch: was.Epoch + 1, serial: was.Serial, etag: was.etag,
		doc: lockDoc{Holder: &h, Lease: b.time.lease.String(), contents: doc.clone()}}
	since := b.elapsed()
	etag, nonce, err := w.putLock(ctx, w.doc)
	if err != nil {
		return nil, err
	}
	w.etag, w.nonce = etag, nonce
	lease.Begin(lease.Options{Length: b.time.lease, Try: b.time.lease / 3, Renew: w.renew, Elapsed: b.elapsed, Place: b.place(lockName)}, since, func(h *lease.Hold) { w.hold = h })
	b.mu.Lock()
	b.writer = w
	b.mu.Unlock()
	if left {
		if err := w.succeed(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("go on after a run that was not heard of again: %w", err), w.Release(context.WithoutCancel(ctx)))
		}
	}
	return w, nil
}

// putLock writes lock.json over the one that this writer knows. Objects that a
// former try of its own left there are its own.
func (w *writer) putLock(ctx context.Context, doc lockDoc) (etag, nonce string, err error) {
	raw, err := doc.encode()
	if err != nil {
		return "", "", err
	}
	nonce = w.nextNonce()
	etag, err = w.b.write(ctx, lockName, head{Nonce: nonce, Epoch: w.epoch, Serial: w.serialKnown()}, raw, w.etag, w.mine)
	return etag, nonce, err
}

func (w *writer) nextNonce() string { return w.id + "-" + strconv.FormatUint(w.nonces.Add(1), 10) }
