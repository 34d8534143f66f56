package s3

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"scim-sync/internal/boottime"
	"scim-sync/sync/state"
)

// Backend is a state in a bucket. Nothing is asked before it is used.
type Backend struct {
	at      *bucket
	time    timing
	elapsed func() time.Duration
	log     *slog.Logger

	mu     sync.Mutex // guards what follows
	writer *writer    // while this process holds the lock
	known  contents   // of the journal, as Parts last saw it
	seen   sighting   // of a lock that somebody else holds
}

// sighting is when this process first saw a lock as it is, by its own clock.
type sighting struct {
	nonce string
	at    time.Duration
}

var _ state.Backend = (*Backend)(nil)

// Open gives the backend of a location, as
// s3://bucket/prefix?endpoint=https://minio.acme.example:9000&region=eu. It reads
// the address alone. Error: *state.LocationError.
func Open(_ context.Context, at state.Location) (state.Backend, error) {
	return open(at, usualTiming())
}

func open(at state.Location, t timing) (*Backend, error) {
	env := environ(at.Environ)
	a, err := parse(at, env)
	if err != nil {
		return nil, err
	}
	t.lease = cmp.Or(at.Lease, t.lease)
	b := &Backend{at: newBucket(a, env, at.Learn), time: t, elapsed: at.Elapsed, log: at.Log}
	if b.elapsed == nil {
		b.elapsed = boottime.Clock()
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	return b, nil
}

// Paths says where things are, for messages.
func (b *Backend) Paths() state.Paths {
	at := b.at.place() + "/"
	return state.Paths{Kind: "S3", Snapshot: at + stateName, Journal: at + journal, Lock: at + lockName, Previous: at + previous}
}

// held is the writer that this process has now, nil without one.
func (b *Backend) held() *writer {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.writer
}

// broken says that an object is not what was written.
func (b *Backend) broken(name, why string) error {
	return &state.CorruptError{Place: b.place(name), Why: why,
		WayBack: "nothing is guessed: put a whole one back from a backup or a former version of the object; what is below journal/, state.json and lock.json belong together"}
}

// lock reads lock.json, nil without one.
func (b *Backend) lock(ctx context.Context) (*object, lockDoc, error) {
	o, err := b.read(ctx, lockName)
	if err != nil || o == nil {
		return nil, lockDoc{}, err
	}
	doc, err := decodeLock(o.content)
	if err != nil {
		return nil, doc, b.broken(lockName, err.Error())
	}
	return o, doc, nil
}

// Cache gives what SaveCache has kept, nil without any, or where it is not whole.
func (b *Backend) Cache(ctx context.Context) ([]byte, error) {
	o, err := b.at.get(ctx, cacheName)
	if _, unfit := errors.AsType[*unfitError](err); unfit || err == nil && o == nil {
		return nil, nil
	}
	if err != nil {
		o, err = b.read(ctx, cacheName)
	}
	if err != nil || o == nil {
		return nil, err
	}
	return o.content, nil
}

// SaveCache keeps something. Who is not the holder any more keeps nothing.
func (b *Backend) SaveCache(ctx context.Context, content []byte) error {
	h := head{Nonce: newID()}
	if w := b.held(); w != nil {
		if err := w.Held(); err != nil {
			return err
		}
		h.Epoch, h.Serial = w.epoch, w.serialKnown()
	}
	_, err := b.write(ctx, cacheName, h, content, anything, nobody)
	return err
}

// Standing says who holds the lock, nil while nobody does.
func (b *Backend) Standing(ctx context.Context) (*state.Standing, error) {
	o, doc, err := b.lock(ctx)
	if err != nil || o == nil || doc.Holder == nil {
		return nil, err
	}
	lasts := doc.lasts(b.time.lease)
	s := &state.Standing{Holder: *doc.Holder, Renewed: o.modified, Every: lasts / 3, Mark: o.Nonce}
	if !o.modified.IsZero() {
		s.Until = o.modified.Add(lasts)
	}
	return s, nil
}

// Break frees a lock that stands as it did then.
func (b *Backend) Break(ctx context.Context, s state.Standing) error {
	o, doc, err := b.lock(ctx)
	if err != nil || o == nil || doc.Holder == nil {
		return err
	}
	if o.Nonce != s.Mark {
		return b.locked(doc)
	}
	doc.Holder, doc.Clean = nil, false
	err = b.putLock(ctx, o, doc)
	if changed, ok := errors.AsType[*changedError](err); ok && changed.now != nil {
		if now, bad := decodeLock(changed.now.content); bad == nil && now.Holder != nil {
			return b.locked(now)
		}
		return nil
	}
	return err
}

// putLock replaces lock.json as it was read, for who does not hold it.
func (b *Backend) putLock(ctx context.Context, was *object, doc lockDoc) error {
	raw, err := doc.encode()
	if err != nil {
		return err
	}
	_, err = b.write(ctx, lockName, head{Nonce: newID(), Epoch: was.Epoch, Serial: was.Serial}, raw, was.etag, nobody)
	return err
}

func (b *Backend) locked(doc lockDoc) error {
	return &state.LockedError{Holder: *doc.Holder, Place: b.place(lockName)}
}
