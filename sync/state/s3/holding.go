package s3

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"scim-sync/sync/state"
	"scim-sync/sync/state/lease"
	"scim-sync/sync/state/s3/bucket"
)

// holding is this process's hold on the lock: what it has written into lock.json,
// and what it knows of the snapshot. Of its two locks the first is taken first.
type holding struct {
	at      *bucket.Bucket
	id      string // all its nonces begin with it
	epoch   uint64
	lease   *lease.Hold
	nonces  atomic.Uint64
	checked atomic.Bool // lock.json was read back

	locking sync.Mutex // held while lock.json is written
	etag    string     // of lock.json

	mu     sync.Mutex // guards what follows
	doc    lockDoc
	serial uint64 // of the snapshot that was written last, as far as is known
	snap   standing
}

// standing is the snapshot as a writer knows it.
type standing struct {
	known  bool // it was read or written
	etag   string
	serial uint64
	seq    uint64 // of the journal's line that it was made at
}

// fewTimes is how often something is begun anew after somebody else has changed
// what it was about.
const fewTimes = 5

// readLock reads lock.json, nil without one.
func readLock(ctx context.Context, at *bucket.Bucket) (*bucket.Object, lockDoc, error) {
	o, err := at.Read(ctx, lockName)
	if err != nil || o == nil {
		return nil, lockDoc{}, err
	}
	doc, err := decodeLock(o.Content)
	if err != nil {
		return nil, doc, at.Broken(lockName, err.Error())
	}
	return o, doc, nil
}

// begin takes the lock, by a lock.json that replaces the one that was read.
func begin(ctx context.Context, at *bucket.Bucket, h state.Holder, was *bucket.Object, c contents) (*holding, error) {
	own := &holding{at: at, id: bucket.NewID(), epoch: was.Epoch + 1, serial: was.Serial, etag: was.ETag,
		doc: lockDoc{Holder: &h, Lease: at.Lease.String(), contents: c.clone()}}
	since := at.Elapsed()
	if err := own.putLock(ctx, own.doc); err != nil {
		return nil, err
	}
	lease.Begin(lease.Options{Length: at.Lease, Try: at.Lease / 3, Renew: own.renew, Elapsed: at.Elapsed, Place: at.Place(lockName)}, since, func(h *lease.Hold) { own.lease = h })
	return own, nil
}

// putLock writes lock.json over the one that this process knows. Objects that a
// former try of its own left there are its own.
func (own *holding) putLock(ctx context.Context, doc lockDoc) error {
	raw, err := doc.encode()
	if err != nil {
		return err
	}
	etag, err := own.at.Write(ctx, lockName, own.head(), raw, own.etag, own.mine)
	if err == nil {
		own.etag = etag
	}
	return err
}

// head begins an object that the holder writes.
func (own *holding) head() bucket.Head {
	return bucket.Head{Nonce: own.id + "-" + strconv.FormatUint(own.nonces.Add(1), 10), Epoch: own.epoch, Serial: own.serialKnown()}
}

func (own *holding) mine(nonce string) bool { return strings.HasPrefix(nonce, own.id+"-") }

func (own *holding) Lost() <-chan struct{} { return own.lease.Lost() }

func (own *holding) Held() error { return own.lease.Held() }

// contents is what the journal is made of now.
func (own *holding) contents() contents {
	own.mu.Lock()
	defer own.mu.Unlock()
	return own.doc.clone()
}

func (own *holding) serialKnown() uint64 {
	own.mu.Lock()
	defer own.mu.Unlock()
	return own.serial
}

// lose ends the hold, and gives the reason for which it ended first.
func (own *holding) lose(place, why string) error {
	return own.lease.Lose(&state.LostError{Place: place, Why: why})
}

// renew shows that the holder is there.
func (own *holding) renew(ctx context.Context) error { return own.tell(ctx, func(*lockDoc) {}) }

// tell writes lock.json as it is after the change, which then holds.
func (own *holding) tell(ctx context.Context, change func(*lockDoc)) error {
	own.locking.Lock()
	defer own.locking.Unlock()
	if err := own.Held(); err != nil {
		return err
	}
	own.mu.Lock()
	doc := own.doc
	doc.contents = doc.clone()
	own.mu.Unlock()
	change(&doc)
	since := own.at.Elapsed()
	err := own.putLock(ctx, doc)
	if changed, ok := errors.AsType[*bucket.ChangedError](err); ok {
		return own.lose(own.at.Place(lockName), who(changed.Now))
	}
	if err != nil {
		return err
	}
	own.lease.Renewed(since)
	own.note(change) // only who holds the journal changes it: it is still as it was
	return nil
}

// note changes what lock.json will say when it is written next.
func (own *holding) note(change func(*lockDoc)) {
	own.mu.Lock()
	defer own.mu.Unlock()
	change(&own.doc)
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
func (own *holding) readBack(ctx context.Context) error {
	own.locking.Lock()
	defer own.locking.Unlock()
	o, err := own.at.Read(ctx, lockName)
	if err != nil {
		return err
	}
	if o == nil || !own.mine(o.Nonce) {
		return own.lose(own.at.Place(lockName), who(o))
	}
	own.checked.Store(true)
	return nil
}

// saw takes in which snapshot is there now, nil for none.
func (own *holding) saw(o *bucket.Object) {
	own.mu.Lock()
	defer own.mu.Unlock()
	own.snap = standing{known: true}
	if o != nil {
		own.snap.etag, own.snap.serial, own.snap.seq = o.ETag, o.Serial, o.Last
	}
	own.serial = own.snap.serial
}
