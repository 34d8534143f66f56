package s3

import (
	"context"
	"errors"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

// succeed goes on after a holder that did not free the lock and may still be
// there: it reads how far the journal goes, and takes from the former holder
// the two names that it could write next.
func (w *writer) succeed(ctx context.Context) error {
	c, err := w.wholeJournal(ctx)
	if err != nil {
		return err
	}
	if c, err = w.fenceJournal(ctx, c); err != nil {
		return err
	}
	w.note(func(d *lockDoc) { d.contents = c })
	return w.fenceSnapshot(ctx)
}

// wholeJournal reads what follows the objects that lock.json names. What does
// not fit together is read again for a while: a list may lag behind.
func (w *writer) wholeJournal(ctx context.Context) (contents, error) {
	until := w.at.Elapsed() + w.at.Patience
	for {
		c, err := w.in.extend(ctx, w.contents())
		var corrupt *state.CorruptError
		if !errors.As(err, &corrupt) || w.at.Elapsed() >= until {
			return c, err
		}
		if err := bucket.Wait(ctx, w.at.Poll); err != nil {
			return c, err
		}
	}
}

// fenceJournal puts an object without lines where the former holder's next one
// would go. What that has written in the meantime is taken in.
func (w *writer) fenceJournal(ctx context.Context, c contents) (contents, error) {
	for {
		first := c.next()
		h := w.head()
		h.First, h.Last, h.Fence = first, first-1, true
		etag, err := w.at.Write(ctx, lineName(first), h, nil, c.Slot, bucket.Nobody)
		if err == nil {
			c.Slot = etag
			return c, nil
		}
		changed, ok := errors.AsType[*bucket.ChangedError](err)
		if !ok || changed.Now == nil || changed.Now.Epoch > w.epoch {
			return c, err
		}
		if err := w.in.follow(&c, lineName(first), changed.Now); err != nil {
			return c, err
		}
	}
}

// fenceSnapshot writes the snapshot again as it is, so that its ETag is one that
// the former holder does not know. Where there is none, that may make one: it
// then says what the journal says, and is replaced.
func (w *writer) fenceSnapshot(ctx context.Context) error {
	for range fewTimes {
		o, err := w.at.Read(ctx, stateName)
		if err != nil || o == nil {
			return err // a missing one is the Snapshot's to judge
		}
		h := w.head()
		h.Serial, h.Last = o.Serial, o.Last
		_, err = w.at.Write(ctx, stateName, h, o.Content, o.ETag, w.mine)
		if _, changed := errors.AsType[*bucket.ChangedError](err); !changed {
			return err
		}
	}
	return w.lose(w.at.Place(stateName), "somebody replaces it again and again")
}
