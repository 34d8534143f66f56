package s3

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

// Backend is a state in a bucket. Nothing is asked before it is used.
type Backend struct {
	reader
	seen sighting // of a lock that somebody else holds
}

// sighting is when this process first saw a lock as it is, by its own clock.
type sighting struct {
	mu    sync.Mutex // guards what follows
	nonce string
	at    time.Duration
}

// first gives when this process first saw the lock as it is: who asks again and
// again, waiting for it, need not begin anew each time.
func (s *sighting) first(nonce string, now time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nonce != nonce {
		s.nonce, s.at = nonce, now
	}
	return s.at
}

var _ state.Backend = (*Backend)(nil)

// Open gives the backend of a location, as
// s3://bucket/prefix?endpoint=https://minio.acme.example:9000&region=eu. It reads
// the address alone. Error: *state.LocationError.
func Open(_ context.Context, at state.Location) (state.Backend, error) {
	return open(at, bucket.Usual())
}

func open(at state.Location, t bucket.Timing) (*Backend, error) {
	objects, err := bucket.Open(at, t, lockName, stateName)
	if err != nil {
		return nil, err
	}
	return &Backend{reader: reader{at: objects, log: cmp.Or(at.Log, slog.New(slog.DiscardHandler))}}, nil
}

// Cache gives what SaveCache has kept, nil without any, or where it is not whole.
func (b *Backend) Cache(ctx context.Context) ([]byte, error) {
	o, err := b.at.Get(ctx, cacheName)
	if _, unfit := errors.AsType[*bucket.UnfitError](err); unfit || err == nil && o == nil {
		return nil, nil
	}
	if err != nil {
		o, err = b.at.Read(ctx, cacheName)
	}
	if err != nil || o == nil {
		return nil, err
	}
	return o.Content, nil
}

// SaveCache keeps something. Who is not the holder any more keeps nothing.
func (b *Backend) SaveCache(ctx context.Context, content []byte) error {
	h := bucket.Head{Nonce: bucket.NewID()}
	if own := b.held(); own != nil {
		if err := own.Held(); err != nil {
			return err
		}
		h.Epoch, h.Serial = own.epoch, own.serialKnown()
	}
	_, err := b.at.Write(ctx, cacheName, h, content, bucket.Anything, bucket.Nobody)
	return err
}

// Standing says who holds the lock, nil while nobody does.
func (b *Backend) Standing(ctx context.Context) (*state.Standing, error) {
	o, doc, err := readLock(ctx, b.at)
	if err != nil || o == nil || doc.Holder == nil {
		return nil, err
	}
	lasts := doc.lasts(b.at.Lease)
	s := &state.Standing{Holder: *doc.Holder, Renewed: o.Modified, Every: lasts / 3, Mark: o.Nonce}
	if !o.Modified.IsZero() {
		s.Until = o.Modified.Add(lasts)
	}
	return s, nil
}

// Break frees a lock that stands as it did then.
func (b *Backend) Break(ctx context.Context, s state.Standing) error {
	o, doc, err := readLock(ctx, b.at)
	if err != nil || o == nil || doc.Holder == nil {
		return err
	}
	if o.Nonce != s.Mark {
		return b.locked(doc)
	}
	doc.Holder, doc.Clean = nil, false
	raw, err := doc.encode()
	if err != nil {
		return err
	}
	_, err = b.at.Write(ctx, lockName, bucket.Head{Nonce: bucket.NewID(), Epoch: o.Epoch, Serial: o.Serial}, raw, o.ETag, bucket.Nobody)
	if changed, ok := errors.AsType[*bucket.ChangedError](err); ok && changed.Now != nil {
		if now, bad := decodeLock(changed.Now.Content); bad == nil && now.Holder != nil {
			return b.locked(now)
		}
		return nil
	}
	return err
}

func (b *Backend) locked(doc lockDoc) error {
	return &state.LockedError{Holder: *doc.Holder, Place: b.at.Place(lockName)}
}

// Probe asks the endpoint whether it keeps the promises that the lock rests on.
func (b *Backend) Probe(ctx context.Context) state.Probe {
	o, doc, err := readLock(ctx, b.at)
	if err == nil && o == nil {
		err = b.at.Exists(ctx)
	}
	if err != nil {
		return state.Probe{Place: b.at.String(), Reach: err}
	}
	p := b.at.Probe(ctx)
	if doc.Holder != nil {
		p.Lock = b.locked(doc)
	}
	return p
}
